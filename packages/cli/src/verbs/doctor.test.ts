import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatFirmware, MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { example, fakeIo, sureflash } from '../testing/harness.ts';

const V1 = example('dashboard-v1.hex');
const V2 = example('dashboard-v2.elf');
const STUB = '--virtual stm32f105-cubemx-stub --instant';
/** DFU 1.1 §3; AN3156 §5.3. */
const DNLOAD = 1;
const SET_ADDRESS = '21';
const ROM = '--virtual stm32f105-rom --instant';

describe('doctor on the board of the thread', () => {
  it('names the stub, with four pieces of evidence at least, and the way into the bootloader of an F105', async () => {
    const { code, err } = await sureflash(`doctor ${STUB}`);
    expect(code).toBe(6);
    expect(err).toMatch(/^Why {10}An application answers here/m);
    const [, evidence = ''] = /^Why .*\n(?:Less likely .*\n)*((?: {2}- .*\n)+)What to do$/m.exec(err) ?? [];
    expect(evidence.trimEnd().split('\n').length).toBeGreaterThanOrEqual(4);
    expect(err).toContain(
      'Start the ROM bootloader of the STM32F105 and program through that: BOOT0 = 1 and BOOT1 = 0',
    );
    expect(err).toContain('PA9 (VBUS)');
  });

  it('writes nothing: no erase and no block of data goes over the wire', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sureflash-'));
    const trace = join(folder, 'doctor.jsonl');
    const { result } = await sureflash(`doctor ${V2} ${STUB} --json --trace ${trace}`);
    const lines = (await readFile(trace, 'utf8')).trimEnd().split('\n');
    await rm(folder, { recursive: true });
    expect(result).toMatchObject({ code: 'doctor/found', diagnosis: { cause: 'stub-media', verdict: 'certain' } });
    const downloads = lines
      .map((line) => JSON.parse(line) as { type: string; setup?: { request: number; value: number }; data?: string })
      .filter(({ type, setup }) => type === 'out' && setup?.request === DNLOAD);
    expect(downloads.length).toBeGreaterThan(0);
    expect(downloads.filter(({ setup, data = '' }) => setup?.value !== 0 || !data.startsWith(SET_ADDRESS))).toEqual([]);
  });

  it('has all of it as data with --json', async () => {
    const { result } = await sureflash(`doctor ${STUB} --json`);
    const { observations } = result['diagnosis'] as { observations: { kind: string }[] };
    expect(observations.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['reads-same', 'loader', 'map-default', 'map-foreign', 'commands-missing']),
    );
  });
});

describe('doctor on a board without a fault', () => {
  it('says so, and what it looked at', async () => {
    const { code, out } = await sureflash(`doctor ${V2} ${ROM} --load ${V2}`);
    expect(code).toBe(0);
    expect(out).toMatch(/^Examined {5}no fault found in this device; \d observations, nothing in it was changed\n/);
    expect(out).toContain('the device holds all 119912 bytes of the file');
    expect(out).toContain('RDP level 0');
  });

  it('takes another firmware in the flash for no fault', async () => {
    const { code, out } = await sureflash(`doctor ${V2} ${ROM} --load ${V1}`);
    expect(code).toBe(0);
    expect(out).toContain('mismatch at 0x080001E4');
  });

  it('tries a scratch sector when it is given one, and tells how long that took', async () => {
    const { code, out } = await sureflash(`doctor ${ROM} --scratch 0x0803F800`);
    expect(code).toBe(0);
    expect(out).toContain('a test pattern was written to 0x0803F800 to 0x0803FFFF and read back correctly');
    expect(out).toMatch(/^ {2}- erasing and writing took [\d.]+ s, as flash does/m);
    expect(out).not.toContain('nothing in it was changed');
  });

  it('does not take an address without memory for a scratch sector', async () => {
    const { code, err } = await sureflash(`doctor ${ROM} --scratch 0x09000000`);
    expect(code).toBe(5);
    expect(err).toContain('[plan/outside]');
  });
});

describe('doctor on protected boards', () => {
  it.each([
    ['stm32f105-rom-rdp1', 'read-protected'],
    ['stm32f105-rom-wrp', 'write-protected'],
  ])('%s: %s', async (board, cause) => {
    const { code, result } = await sureflash(`doctor --virtual ${board} --instant --json`);
    expect(code).toBe(6);
    expect(result['diagnosis']).toMatchObject({ cause });
  });
});

describe('doctor with a file', () => {
  it('that is built for another chip says so, and that alone', async () => {
    const words = `doctor ${V2} --virtual stm32f407-rom --chip STM32F407 --instant --json`;
    const { result } = await sureflash(words);
    expect(result['diagnosis']).toMatchObject({ cause: 'wrong-chip', rivals: [] });
  });
});

describe('doctor with a file that has something for EEPROM', () => {
  const BYTES = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const fileOf = (...addresses: readonly number[]) => {
    const image = new MemoryImage(addresses.map((address) => ({ address, bytes: BYTES })));
    return fakeIo({ files: [['x.hex', formatFirmware(image, 'intel-hex')]] });
  };
  const L152 = '--virtual stm32l152xe-rom --instant';

  it('finds that the device holds it, in EEPROM alone without a word about vector tables', async () => {
    const { code, out } = await sureflash(`doctor x.hex ${L152} --load x.hex`, fileOf(0x0808_0000));
    expect(code).toBe(0);
    expect(out).toContain('the device holds all 8 bytes of the file');
    expect(out).not.toContain('vector table');
  });

  it('compares every memory', async () => {
    const io = fileOf(0x0800_0000, 0x0808_0000);
    const { code, result } = await sureflash(`doctor x.hex ${L152} --json`, io);
    expect(code).toBe(0);
    const differing = { kind: 'mismatch', facts: expect.objectContaining({ differing: 16, compared: 16 }) as unknown };
    expect(result['observations']).toEqual(expect.arrayContaining([expect.objectContaining(differing)]));
  });

  it('still says where a file has bytes that no memory takes', async () => {
    const { result } = await sureflash(`doctor x.hex ${L152} --json`, fileOf(0x0808_0000, 0x2000_0000));
    expect(result).toMatchObject({ code: 'doctor/found', diagnosis: { cause: 'file-outside' } });
  });
});

describe('a job that breaks off', () => {
  it.each([
    ['faulty-stuck-busy', 'stuck-busy', 'dfu/stuck'],
    ['faulty-reset-in-mid-run', 'reset-in-mid-run', 'usb/gone'],
    ['stm32f105-cubemx-stub-2.11', 'stub-media', 'usb/stall'],
  ])('on %s is explained as well: %s', async (board, cause, code) => {
    const file = `${example('dashboard-v2.bin')} --at 0x08005000`;
    const { result } = await sureflash(`program ${file} --virtual ${board} --instant --json --force`);
    expect(result).toMatchObject({ code, diagnosis: { cause, rivals: [] } });
  });
});

describe('doctor --scratch', () => {
  it.each([
    ['faulty-writes-ignored', 'writes-ignored'],
    ['faulty-half-of-block', 'part-of-blocks'],
    ['faulty-bytes-swapped', 'bytes-swapped'],
    ['faulty-read-address-ignored', 'read-address-ignored'],
  ])('finds out %s', async (board, cause) => {
    const words = `doctor --virtual ${board} --instant --load ${V1} --scratch 0x08018000 --chip STM32F105 --json`;
    const { result } = await sureflash(words);
    expect(result['diagnosis']).toMatchObject({ cause });
  });
});

describe('doctor without a device', () => {
  it('looks at the host, and walks into the bootloader of the chip that is named', async () => {
    const { code, err } = await sureflash('doctor --chip STM32F105', fakeIo());
    expect(code).toBe(3);
    expect(err).toContain('[cli/no-device]');
    expect(err).toContain('BOOT0 = 1 and BOOT1 = 0 at reset. The chip reads its pins and option bits only at a reset.');
    expect(err).toContain('13.7 s (HSE of 8 MHz)');
  });
});
