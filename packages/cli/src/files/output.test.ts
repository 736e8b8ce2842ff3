import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Io, systemIo } from '../base/io.ts';
import { fakeIo, sureflash } from '../testing/harness.ts';
import { openOutput } from './output.ts';

const io: Io = systemIo(new AbortController().signal);
const BYTES = Uint8Array.of(1, 2, 3);
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sureflash-output-'));
  await writeFile(join(folder, 'old.bin'), 'older and longer');
});

afterEach(async () => await rm(folder, { recursive: true }));

describe('an output on disk', () => {
  it('is a new file with the bytes', async () => {
    const output = await openOutput(io, join(folder, 'new.bin'));
    await output.save(BYTES);
    expect(new Uint8Array(await readFile(join(folder, 'new.bin')))).toEqual(BYTES);
  });

  it('is gone when it is discarded', async () => {
    const output = await openOutput(io, join(folder, 'new.bin'));
    await output.discard();
    expect(await readdir(folder)).toEqual(['old.bin']);
  });

  it('does not replace a file', async () => {
    await expect(openOutput(io, join(folder, 'old.bin'))).rejects.toMatchObject({ code: 'cli/exists', exitCode: 5 });
    expect(await readFile(join(folder, 'old.bin'), 'utf8')).toBe('older and longer');
  });

  it('replaces a file when it may, all of it, and not before it is written', async () => {
    const kept = await openOutput(io, join(folder, 'old.bin'), { overwrite: true });
    await kept.discard();
    expect(await readFile(join(folder, 'old.bin'), 'utf8')).toBe('older and longer');
    const output = await openOutput(io, join(folder, 'old.bin'), { overwrite: true });
    await output.save(BYTES);
    expect(new Uint8Array(await readFile(join(folder, 'old.bin')))).toEqual(BYTES);
  });

  it.skipIf(process.platform === 'win32')('never replaces an input, by whatever name it comes', async () => {
    await symlink(join(folder, 'old.bin'), join(folder, 'link.bin'));
    const choices = { overwrite: true, inputs: [join(folder, 'old.bin')] };
    await expect(openOutput(io, join(folder, 'link.bin'), choices)).rejects.toMatchObject({ code: 'cli/own-input' });
    expect(await readFile(join(folder, 'old.bin'), 'utf8')).toBe('older and longer');
  });

  it('in a folder that is not there is an error that names it', async () => {
    await expect(openOutput(io, join(folder, 'no', 'x.bin'))).rejects.toMatchObject({ code: 'cli/file' });
  });

  it.skipIf(process.platform === 'win32')('may be a device', async () => {
    const output = await openOutput(io, '/dev/null');
    await expect(output.save(BYTES)).resolves.toBeUndefined();
  });
});

const ROM = '--virtual stm32f105-rom --instant';

describe('the output of sureflash read', () => {
  it('opens the file before the device is touched', async () => {
    const { code, err } = await sureflash(`read /no/x.bin ${ROM}`);
    expect(code).toBe(5);
    expect(err).toMatch(/^Error {8}\/no\/x\.bin cannot be written/);
  });

  it('does not replace a backup unasked', async () => {
    const files = [['x.bin', BYTES]] as const;
    const refused = await sureflash(`read x.bin --range 0x08000000+16 ${ROM}`, fakeIo({ files }));
    expect(refused.code).toBe(5);
    expect(refused.err).toMatch(/^Error {8}The file x\.bin already exists; it was not touched\. \[cli\/exists\]/);
    const { code, io: after } = await sureflash(
      `read x.bin --range 0x08000000+16 --overwrite ${ROM}`,
      fakeIo({ files }),
    );
    expect(code).toBe(0);
    expect(after.files.get('x.bin')).toHaveLength(16);
  });

  it('writes raw bytes to standard output, and everything else beside it', async () => {
    const { code, out, err, io: after } = await sureflash(`read - --range 0x08000000+16 ${ROM}`);
    expect(code).toBe(0);
    expect(out).toBe('');
    expect(err).toMatch(/Read +16 B at .* to standard output, raw binary/);
    expect(after.output).toEqual([new Uint8Array(16).fill(0xff)]);
  });

  it.each([
    ['in a terminal', '', fakeIo({ width: 80 }), /These bytes are not for a terminal\./],
    ['beside JSON', ' --json', fakeIo(), /cannot have the file and JSON at once/],
  ])('writes no raw bytes to standard output %s', async (_, more, where, says) => {
    const { code, out, err } = await sureflash(`read - --range 0x08000000+16 ${ROM}${more}`, where);
    expect(code).toBe(2);
    expect(out + err).toMatch(says);
  });
});

describe('a firmware file from standard input', () => {
  it('is known by its content', async () => {
    const input = new Uint8Array(
      await readFile(new URL('../../../../examples/firmware/out/dashboard-v2.elf', import.meta.url)),
    );
    const { code, err } = await sureflash(`program - ${ROM}`, fakeIo({ input }));
    expect(code).toBe(0);
    expect(err).toMatch(/^File {9}standard input: ELF, 117\.1 KB/);
  });

  it('needs an address when it is a raw binary', async () => {
    const { code, err } = await sureflash(`program - ${ROM}`, fakeIo({ input: BYTES }));
    expect(code).toBe(2);
    expect(err).toMatch(/standard input has no known format; taken as a raw binary/);
  });
});

describe('sureflash convert', () => {
  it('never writes over the file that it reads', async () => {
    const files = [['x.bin', BYTES]] as const;
    const words = 'convert x.bin x.bin --at 0x08000000 --overwrite';
    const { code, err, io: after } = await sureflash(words, fakeIo({ files }));
    expect(code).toBe(2);
    expect(err).toMatch(/x\.bin is the file that is read; it was not touched\. \[cli\/own-input\]/);
    expect(after.files.get('x.bin')).toEqual(BYTES);
  });
});

describe('the report file of a job', () => {
  it('is opened before the device is touched', async () => {
    const words = `program x.hex --report /no/r.html ${ROM}`;
    const { code, err } = await sureflash(words, fakeIo({ files: [['x.hex', ':00000001FF\n']] }));
    expect(code).toBe(5);
    expect(err).toMatch(/^Error {8}\/no\/r\.html cannot be written/);
  });

  it('never replaces the firmware', async () => {
    const files = [['x.hex', ':00000001FF\n']] as const;
    const { code, io: after } = await sureflash(`program x.hex --report x.hex ${ROM}`, fakeIo({ files }));
    expect(code).toBe(2);
    expect(new TextDecoder().decode(after.files.get('x.hex'))).toBe(':00000001FF\n');
  });
});
