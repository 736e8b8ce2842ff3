#!/bin/sh
# Builds the flash loader with Debian's gcc-arm-none-eabi and prints src/loaders/flash-loader-code.ts, which has its bytes:
#   loaders/build.sh > src/loaders/flash-loader-code.ts
# Loops as they are written are smaller: gcc would hold a difference of two pointers and add it at each access.
set -eu
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -Os -std=c11 -Wall -Wextra -Werror -ffreestanding -fno-common -fno-jump-tables \
  -fno-tree-loop-optimize -nostdlib -Wl,-T,flash-loader.ld -Wl,--build-id=none -o "$out/loader.elf" flash-loader.c
arm-none-eabi-objcopy -O binary "$out/loader.elf" "$out/loader.bin"
cat <<'HEAD'
/** The code of `loaders/flash-loader.c`, as `loaders/build.sh` prints it with gcc-arm-none-eabi 12.2. Do not edit. */

/** 32 bytes a line, in hex. */
const LOADER_CODE = [
HEAD
od -An -v -tx1 -w32 "$out/loader.bin" | tr -d ' ' | sed "s/.*/  '&',/"
cat <<'TAIL'
] as const;

/** Position-independent; its first instruction is at its first byte, and the mailbox follows its last. */
export const FLASH_LOADER: Uint8Array = Uint8Array.from(LOADER_CODE.join('').match(/../g) ?? [], (byte) =>
  Number.parseInt(byte, 16),
);
TAIL
