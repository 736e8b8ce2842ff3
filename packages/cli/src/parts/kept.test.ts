import { parseFirmware } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { example, fakeIo, sureflash } from '../testing/harness.ts';

const IMAGE = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) & 0xff);
const BOARD = `--virtual faulty-writes-ignored --load ${example('dashboard-v1.elf')} --instant --force`;
const PROGRAM = `program part.bin --at 0x08008000 ${BOARD}`;
const files = [['part.bin', IMAGE]] as const;

describe('what stood beside the image', () => {
  it('is in a file after a run that lost it, as it was, and the text says how to put it back', async () => {
    const io = fakeIo({ files });
    const { code, err } = await sureflash(`${PROGRAM} --quiet`, io);
    expect(code).toBe(7);
    const path = /are in (\S+) now\.\n +Put them back .*: sureflash program \1\n/.exec(err)?.[1] ?? '';
    const { image } = parseFirmware(io.files.get(path) ?? new Uint8Array(0), { name: path });
    const old = parseFirmware(await io.readFile(example('dashboard-v1.elf')), { name: 'old.elf' }).image;
    expect(image.range).toEqual({ start: 0x0800_9388, end: 0x0800_9800 });
    expect(image.segments.map(({ bytes }) => bytes)).toEqual([old.read({ start: 0x0800_9388, end: 0x0800_9800 })]);
  });

  it('is named in JSON', async () => {
    const { out } = await sureflash(`${PROGRAM} --json`, fakeIo({ files }));
    const kept = out.split('\n').find((line) => line.includes('"type":"kept"'));
    expect(JSON.parse(kept ?? '{}')).toMatchObject({ bytes: 1144, start: 0x0800_9388, end: 0x0800_9800 });
  });

  it('is printed where no file can be written', async () => {
    const io = {
      ...fakeIo({ files }),
      writeFile: async () => await Promise.reject(Object.assign(new Error(), { code: 'EROFS' })),
    };
    await sureflash(`${PROGRAM} --quiet`, io);
    expect(io.err.text).toMatch(/no file can be written here\. They are:\n:02000004[0-9A-F]+\n:08938800/);
  });

  it('leaves no file behind where the run succeeds', async () => {
    const io = fakeIo({ files });
    const { code } = await sureflash(PROGRAM.replace('faulty-writes-ignored', 'stm32f105-rom'), io);
    expect([code, [...io.files.keys()]]).toEqual([0, ['part.bin']]);
  });
});
