import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ended, example, fakeIo, sureflash } from './testing/harness.ts';

let elf = new Uint8Array();

beforeAll(async () => {
  elf = new Uint8Array(await readFile(example('dashboard-v2.elf')));
});

/** A command in the folder /nowhere, with `sureflash.json` there or above it. */
async function inProject(words: string, defaults: unknown, folder = '/nowhere'): Promise<Ended> {
  const text = typeof defaults === 'string' ? defaults : JSON.stringify(defaults);
  const io = fakeIo({
    files: [
      [`${folder === '/' ? '' : folder}/sureflash.json`, text],
      ['/nowhere/build/app.elf', elf],
    ],
  });
  return await sureflash(words, io);
}

describe('sureflash.json', () => {
  it('fills in what the command line leaves out, and says so', async () => {
    const { code, out, err } = await inProject('program --instant', {
      file: 'build/app.elf',
      virtual: 'stm32f105-rom',
      erase: 'always',
    });
    expect(err).toMatch(/^Defaults {5}sureflash\.json: file, /);
    expect(code).toBe(0);
    expect(out).toMatch(/^Verified {5}59 sectors erased/);
  });

  it('is found in a folder above', async () => {
    const { err } = await inProject('check', { file: 'nowhere/build/app.elf' }, '/');
    expect(err).toMatch(/^Defaults {5}\.\.\/sureflash\.json: file\n/);
  });

  it('gives way to the command line, its device as a whole', async () => {
    const defaults = { usbip: '192.0.2.1/1-1', erase: 'always' };
    const { code, out, err } = await inProject(
      'program build/app.elf --erase auto --virtual stm32f105-rom --instant'.replace('build', '/nowhere/build'),
      defaults,
    );
    expect(code).toBe(0);
    expect(err).not.toContain('Defaults');
    expect(out).toMatch(/^Verified {5}0 sectors erased/);
  });

  it('says nothing of the chip of another device than its own', async () => {
    const { code, err } = await inProject('info --virtual stm32f407-rom --instant', {
      usb: '1-4',
      chip: 'STM32F105RB',
    });
    expect(err).toBe('');
    expect(code).toBe(0);
    const own = await inProject('info --instant', { virtual: 'stm32f407-rom', chip: 'STM32F105RB' });
    expect(own.code).toBe(3);
    expect(own.err).toContain('[device/other-chip]');
  });

  it('says nothing of the place and the format of another file than its own', async () => {
    const defaults = { file: 'build/app.bin', at: '0x08004000', format: 'binary' };
    const other = await inProject('program /nowhere/build/app.elf --virtual stm32f105-rom --instant', defaults);
    expect(other.err).not.toContain('Defaults');
    expect(other.code).toBe(0);
    const own = await inProject('program --virtual stm32f105-rom --instant', { ...defaults, file: 'build/app.elf' });
    expect(own.err).toMatch(/^Defaults {5}sureflash\.json: file, at, format\n(.|\n)*0x08004000/);
  });

  it.each(['checksum /nowhere/build/app.elf', 'compare /nowhere/build/app.elf /nowhere/build/app.elf'])(
    'does not reach the options of a device that a file stands instead of: %s',
    async (words) => {
      const { code, err } = await inProject(words, { virtual: 'stm32f105-rom', chip: 'STM32F105' });
      expect(code).toBe(0);
      expect(err).not.toContain('Defaults');
    },
  );

  it.each([
    ['checksum build/app.elf --virtual stm32f105-rom', '--virtual is about a device, and build/app.elf stands'],
    ['compare build/app.elf build/b.elf --chip STM32F105', '--chip is about a device, and build/b.elf stands'],
    ['checksum build/app.elf --no-loader', '--no-loader is about a device, and build/app.elf stands'],
  ])('refuses an option of a device beside a file that stands instead of it: %s', async (words, says) => {
    const { code, err } = await inProject(words, {});
    expect(code).toBe(2);
    expect(err).toContain(says);
  });

  it.each(['leave', 'read x.bin --range 0x08000000+1K', 'erase --sectors 3'])(
    'does not reach the options of the same name of %s',
    async (words) => {
      const defaults = { file: 'build/app.bin', at: '0x08004000', format: 'srec', keep: 'none', erase: 'always' };
      const { err } = await inProject(`${words} --virtual stm32f105-rom --instant`, defaults);
      expect(err).not.toContain('Defaults');
    },
  );

  it.each([
    ['{', /^Error {8}\/nowhere\/sureflash\.json: it is not JSON: /],
    [[], /it is not a JSON object\./],
    [{ file: 'x'.repeat(70_000) }, /it has 7\d{4} bytes, and at most 65536 are read\./],
    [{ speed: 'fast' }, /"speed" is not a default that it can set\..*\n +It can set: file, at,/],
    [{ chip: ['F1'] }, /"chip" must be text, a number, true or false\./],
    [{ erase: 'never' }, /sureflash\.json: erase: "never" is not one of auto, always\./],
    [{ file: 'x.elf', at: '8k0' }, /sureflash\.json: at: "8k0" is not an address/],
    [{ leave: 'yes' }, /sureflash\.json: leave: it must be true or false, not "yes"\./],
  ])('that is wrong (%j) is told of, with 5', async (defaults, says) => {
    const { code, err } = await inProject('program --virtual stm32f105-rom', defaults);
    expect(code).toBe(5);
    expect(err).toMatch(says);
  });
});
