import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { example, type FakeIo, fakeIo, sureflash } from '../testing/harness.ts';

const ON_ROM = '--virtual stm32f105-rom --instant';
const FORMS = [
  ['ELF', 'v2.elf', ''],
  ['Intel HEX', 'v2.hex', ''],
  ['S-record', 'v2.srec', ''],
  ['raw binary', 'v2.bin', ' --at 0x08000000'],
  ['DfuSe', 'v2.dfu', ''],
  ['UF2', 'v2.uf2', ''],
] as const;
const BYTES = 119_912;

const files = new Map<string, Uint8Array>();

beforeAll(async () => {
  files.set('v2.elf', await readFile(example('dashboard-v2.elf')));
  for (const [, name] of FORMS.slice(1)) {
    const { io } = await sureflash(`convert v2.elf ${name}`, fakeIo({ files }));
    for (const [path, bytes] of io.files) files.set(path, bytes);
  }
});

function ioWithFiles(): FakeIo {
  return fakeIo({ files });
}

describe.each(FORMS)('program with the %s form of an image', (title, name, more) => {
  it('erases what must be, writes, verifies every byte and ends with 0', async () => {
    const { code, out, err } = await sureflash(`program ${name}${more} ${ON_ROM}`, ioWithFiles());
    expect(code).toBe(0);
    expect(out).toMatch(/^Verified {5}0 sectors erased, [\d.]+ KB written, [\d.]+ KB read back and equal \(.*\)\n$/);
    expect(err).toContain(title);
    expect(err).toMatch(/Sectors {6}59 written, all 59 verified/);
  });

  it('prints nothing but JSON lines with --json, the last of them the result', async () => {
    const { code, json, result, err } = await sureflash(`program ${name}${more} ${ON_ROM} --json`, ioWithFiles());
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(json.map(({ type }) => type)).toEqual(expect.arrayContaining(['file', 'device', 'plan', 'progress']));
    expect(result).toMatchObject({ type: 'result', ok: true, outcome: 'programmed', sectorsErased: 0 });
    expect(result['verifiedBytes']).toBe(BYTES);
  });

  it('has the same image as the ELF file, as compare finds', async () => {
    const { code } = await sureflash(`compare v2.elf ${name}${more}`, ioWithFiles());
    expect(code).toBe(0);
  });
});

describe('program over an older version', () => {
  it('keeps the sectors that already hold their part', async () => {
    const command = `program v2.elf ${ON_ROM} --load ${example('dashboard-v1.hex')}`;
    const { code, err } = await sureflash(command, ioWithFiles());
    expect(code).toBe(0);
    expect(err).toMatch(/Plan {9}keep 55 sectors, erase 4 sectors \(8 KB\), write 7.1 KB, verify 118 KB; about \d+ ms/);
    expect(err).toContain('Sectors      55 kept, 4 erased and written, all 59 verified\n');
  });

  it('says that there was nothing to do where the flash holds the image already', async () => {
    const { code, out, err } = await sureflash(`program v2.elf ${ON_ROM} --load v2.elf`, ioWithFiles());
    expect(code).toBe(0);
    expect(out).toMatch(/^Unchanged {4}117.1 KB read back: the flash already holds the image, byte for byte/);
    expect(err).toContain('Sectors      59 kept, all 59 verified\n');
  });

  it('prints the result alone with --quiet', async () => {
    const { out, err } = await sureflash(`program v2.elf ${ON_ROM} --quiet`, ioWithFiles());
    expect(out).toMatch(/^Verified .*\n$/);
    expect(err).toBe('');
  });

  it('starts the program afterwards when asked, and says so', async () => {
    const { code, out } = await sureflash(`program v2.elf ${ON_ROM} --leave`, ioWithFiles());
    expect(code).toBe(0);
    expect(out).toContain('Started      the program at 0x08000000\n');
  });
});

describe('sureflash plan', () => {
  it('tells what program would do, neighbours with the same action as one line', async () => {
    const command = `plan v2.elf ${ON_ROM} --load ${example('dashboard-v1.hex')}`;
    const { code, out } = await sureflash(command, ioWithFiles());
    expect(code).toBe(0);
    expect(out).toBe(`  0x08000000..0x08001000  sectors 0–1       erase and write 4 KB
  0x08001000..0x08009000  sectors 2–17      keep
  0x08009000..0x08009800  sector 18         erase and write 2 KB
  0x08009800..0x0801D000  sectors 19–57     keep
  0x0801D000..0x0801D800  sector 58         erase and write 1.1 KB
Plan         keep 55 sectors, erase 4 sectors (8 KB), write 7.1 KB, verify 118 KB; about 277 ms
`);
  });
});

describe('program --only', () => {
  it('leaves out what the file has elsewhere', async () => {
    const { code, out } = await sureflash(`program v2.elf --only 0x08000000+8K ${ON_ROM}`, ioWithFiles());
    expect(code).toBe(0);
    expect(out).toMatch(/8 KB read back and equal/);
  });

  it('of a range in which the file has nothing says where it has something', async () => {
    const { code, err } = await sureflash(`program v2.elf --only 0x20000000+1K ${ON_ROM}`, ioWithFiles());
    expect(code).toBe(2);
    expect(err).toMatch(
      /v2\.elf has no bytes in the range that --only names\..*\n +It goes from 0x08000000 to 0x0801D467\./,
    );
  });
});
