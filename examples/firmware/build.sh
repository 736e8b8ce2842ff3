#!/bin/sh
# Builds the dashboard, versions 1 and 2, into out/. With --check, builds elsewhere and compares with what out/ holds.
# Needs Debian's gcc-arm-none-eabi (12.2.rel1 made the files in out/; another compiler makes other bytes) and Node.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out="$here/out"
[ "${1:-}" = --check ] && out="$work/out"
mkdir -p "$out" "$work/tables"

prefix=arm-none-eabi
# Nothing in the output may depend on where or when it was built.
flags="-mcpu=cortex-m3 -mthumb -Os -std=c11 -ffreestanding -Wall -Wextra -Werror -g0
  -ffunction-sections -fdata-sections -fno-common -fno-tree-loop-distribute-patterns
  -ffile-prefix-map=$here=. -ffile-prefix-map=$work=. -I$here/src"

node "$here/tables/generate.mjs" "$work/tables"
# build NAME VERSION FLAGS…: one version of one program as out/NAME-vVERSION.elf
build() {
  program="$1-v$2"
  define="$3"
  objects="$work/$program"
  mkdir -p "$objects"
  for source in "$here"/src/*.c "$work"/tables/*.c; do
    $prefix-gcc $flags -DFIRMWARE_VERSION=$2 $define -c "$source" -o "$objects/$(basename "$source" .c).o"
  done
  (cd "$objects" && $prefix-gcc -mcpu=cortex-m3 -mthumb -nostdlib -T "$here/stm32f105.ld" \
    -Wl,--gc-sections,--build-id=none,-z,max-page-size=4096,--fatal-warnings ./*.o -lgcc -o "$out/$program.elf")
  $prefix-strip --strip-debug "$out/$program.elf"
  chmod 644 "$out/$program.elf"
}

for version in 1 2; do
  name="$out/dashboard-v$version"
  build dashboard $version ""
  $prefix-objcopy -O ihex "$name.elf" "$name.hex"
  $prefix-objcopy -O binary "$name.elf" "$name.bin"
  chmod 644 "$name.bin"
  build meter $version -DWITHOUT_DFU_CLASS
done

# The objects of the demo, from the text that is in the command line (npm run build first).
node "$here/jump.mjs" "$out"

if [ "${1:-}" = --check ]; then
  diff -r "$out" "$here/out"
  echo "out/ is what this source builds."
fi
