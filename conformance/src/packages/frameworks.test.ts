/** Recipes for frameworks: by the real program where Debian has it, otherwise by the part of it that can be had. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { has, inRepository, PATIENCE_MS, run, withSureflash } from './folders.ts';

const RECIPES = inRepository('examples/recipes');
const FIRMWARE = inRepository('examples/firmware/out/dashboard-v2.elf');
const PROVEN = /Verified .* read back and equal/s;
const GOOD = 'stm32f105-rom';
const STUB = 'stm32f105-cubemx-stub';

const read = async (name: string): Promise<string> => await readFile(join(RECIPES, name), 'utf8');
const isOnPath = (program: string): boolean => has('sh', '-c', `command -v ${program}`);

/** A platform as small as Arduino accepts; its one board has a menu of upload methods, as those of the STM32 core do. */
const PLATFORM = `name=A platform of a test
version=1.0.0
build.flags=-mcpu={build.mcu} -mthumb -Os -ffreestanding
recipe.cpp.o.pattern=arm-none-eabi-g++ -c {build.flags} -fno-exceptions {includes} "{source_file}" -o "{object_file}"
recipe.c.o.pattern=arm-none-eabi-gcc -c {build.flags} {includes} "{source_file}" -o "{object_file}"
recipe.ar.pattern=arm-none-eabi-ar rcs "{archive_file_path}" "{object_file}"
recipe.c.combine.pattern=arm-none-eabi-gcc {build.flags} -nostdlib -T "${join(RECIPES, 'firmware/stm32f105.ld')}" -o "{build.path}/{build.project_name}.elf" {object_files} "{archive_file_path}"
`;
const BOARDS = `menu.upload_method=Upload method
Nucleo_64.name=A board
Nucleo_64.build.core=none
Nucleo_64.build.mcu=cortex-m3
Nucleo_64.upload.maximum_size=131072
Nucleo_64.menu.upload_method.other=Another tool
Nucleo_64.menu.upload_method.other.upload.protocol=2
Nucleo_64.menu.upload_method.other.upload.tool=other
`;

describe('a recipe', () => {
  it.skipIf(!isOnPath('arduino') || !isOnPath('arm-none-eabi-g++'))(
    'for Arduino builds and uploads a sketch to a virtual board, and fails when the board cannot take it',
    async () => {
      const { folder, env } = await withSureflash();
      const platform = join(folder, 'sketchbook/hardware/example/stm32');
      await mkdir(join(platform, 'cores/none'), { recursive: true });
      await mkdir(join(folder, 'blink'));
      await writeFile(join(platform, 'platform.txt'), PLATFORM);
      await writeFile(join(platform, 'boards.txt'), BOARDS);
      await writeFile(join(platform, 'cores/none/Arduino.h'), '#pragma once\n');
      await copyFile(join(RECIPES, 'firmware/blink.c'), join(platform, 'cores/none/main.c'));
      await copyFile(join(RECIPES, 'arduino/platform.local.txt'), join(platform, 'platform.local.txt'));
      await writeFile(join(folder, 'blink/blink.ino'), 'void setup() {}\nvoid loop() {}\n');
      const methods = await read('arduino/boards.local.txt');
      const upload = async (board: string, ...more: string[]) => {
        const onBoard = methods.replace(/upload\.options=(.*)/, `upload.options=$1 --virtual ${board} --instant`);
        await writeFile(join(platform, 'boards.local.txt'), onBoard);
        const settings = ['sketchbook', 'build'].flatMap((name) => ['--pref', `${name}.path=${join(folder, name)}`]);
        const chosen = ['--board', 'example:stm32:Nucleo_64:upload_method=sureflash'];
        const javaHome = { JAVA_TOOL_OPTIONS: `-Duser.home=${folder}` };
        return await run('arduino', ['--upload', ...more, ...chosen, ...settings, join(folder, 'blink/blink.ino')], {
          cwd: folder,
          env: { ...env, ...javaHome },
        });
      };

      const ended = await upload(GOOD, '--verbose-upload');
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.stdout + ended.stderr).toMatch(PROVEN);
      expect(await upload(GOOD)).toMatchObject({ code: 0 });
      expect((await upload(STUB)).code).not.toBe(0);
    },
    PATIENCE_MS,
  );

  it.skipIf(!isOnPath('scons'))(
    'for PlatformIO has an upload command that SCons, which runs it there, turns into a job that is proven',
    async () => {
      const { folder, env } = await withSureflash();
      await mkdir(join(folder, 'a build'));
      await copyFile(FIRMWARE, join(folder, 'a build/firmware.elf'));
      await copyFile(join(RECIPES, 'platformio/platformio.ini'), join(folder, 'platformio.ini'));
      // As platformio/builder/main.py: the options of the environment, and UPLOADCMD replaced by `upload_command`.
      const project = `import configparser, os
config = configparser.ConfigParser(interpolation=None)
config.read('platformio.ini')
board = config['env:board']
assert board['upload_protocol'] == 'custom'
env = DefaultEnvironment(ENV=os.environ, BUILD_DIR='a build', PROGNAME='firmware')
env.Replace(UPLOAD_FLAGS=board['upload_flags'].split() + os.environ['PLATFORMIO_UPLOAD_FLAGS'].split())
env.Replace(UPLOADCMD=board['upload_command'])
AlwaysBuild(env.Alias('upload', None, Action('$UPLOADCMD')))
`;
      await writeFile(join(folder, 'SConstruct'), project);
      const upload = async (board: string) =>
        await run('scons', ['upload'], {
          cwd: folder,
          env: { ...env, PLATFORMIO_UPLOAD_FLAGS: `--virtual ${board} --instant` },
        });

      const ended = await upload(GOOD);
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.stdout + ended.stderr).toMatch(PROVEN);
      expect((await upload(STUB)).code).not.toBe(0);
    },
    PATIENCE_MS,
  );

  it.skipIf(!isOnPath('python3'))(
    'for Zephyr is a runner that gives the ELF file and its options to sureflash, on a stand-in of its base class',
    async () => {
      const { folder, env } = await withSureflash();
      await copyFile(FIRMWARE, join(folder, 'zephyr.elf'));
      await copyFile(join(RECIPES, 'zephyr/scripts/sureflash.py'), join(folder, 'sureflash.py'));
      await mkdir(join(folder, 'runners'));
      // Those members of scripts/west_commands/runners/core.py that the runner uses.
      const core = `import shutil, subprocess
class RunnerCaps:
    def __init__(self, commands):
        self.commands = commands
class ZephyrBinaryRunner:
    def __init__(self, cfg):
        self.cfg = cfg
    def require(self, program):
        assert shutil.which(program)
    def check_call(self, command):
        subprocess.check_call(command)
`;
      const west = `import argparse, sys, types
from sureflash import SureflashRunner as Runner
assert Runner.name() == 'sureflash' and 'flash' in Runner.capabilities().commands
parser = argparse.ArgumentParser(allow_abbrev=False)
Runner.do_add_parser(parser)
Runner.do_create(types.SimpleNamespace(elf_file='zephyr.elf'), parser.parse_args()).do_run('flash')
`;
      await writeFile(join(folder, 'runners/core.py'), core);
      await writeFile(join(folder, 'west.py'), west);
      const flash = async (board: string) =>
        await run(
          'python3',
          ['west.py', ...['--virtual', board, '--instant'].map((word) => `--sureflash-option=${word}`)],
          { cwd: folder, env },
        );

      const ended = await flash(GOOD);
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.stdout + ended.stderr).toMatch(PROVEN);
      expect((await flash(STUB)).code).not.toBe(0);
    },
    PATIENCE_MS,
  );
});
