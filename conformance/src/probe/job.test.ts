/** Whole jobs through a debug probe without a protocol: programmed, skipped, changed, cut, completed. */
import { crc32, type MemoryImage } from '@sureflash/image';
import { deviceOf, type Progress, program, type Report } from '@sureflash/programmer';
import { describe, expect, it } from 'vitest';
import { firmwareOf } from './firmware.ts';
import { type ModelProbe, modelProbe, probeOn, targetBehind } from './model-probe.ts';

const FLASH = 0x0800_0000;
const BYTES = 4_500;

async function programmed(model: ModelProbe, image: MemoryImage): Promise<Report> {
  const target = await targetBehind(model);
  const report = await program(deviceOf(target, model.clock), image);
  await target[Symbol.asyncDispose]();
  return report;
}

const holds = ({ chip }: ModelProbe, image: MemoryImage): boolean =>
  image.segments.every(({ address, bytes }) =>
    chip.flash.peek(address, bytes.length).every((byte, at) => byte === bytes[at]),
  );

describe.each(['STM32F407', 'STM32L152', 'STM32G0B1', 'STM32H563'])('a job on an %s behind a debug probe', (name) => {
  it('programs, finds the same image again by CRC alone, and replaces what differs', async () => {
    const model = modelProbe(name);
    const first = firmwareOf(1, BYTES);
    expect(await programmed(model, first)).toMatchObject({ outcome: 'programmed' });
    expect(holds(model, first)).toBe(true);
    const before = model.accesses();
    expect(await programmed(model, first)).toMatchObject({ outcome: 'unchanged', bytesWritten: 0 });
    expect(model.accesses() - before).toBeLessThan(150);
    const second = firmwareOf(2, BYTES);
    expect(await programmed(model, second)).toMatchObject({ outcome: 'programmed' });
    expect(holds(model, second)).toBe(true);
  });
});

describe.each(['STM32F105', 'STM32L476'])('a job on an %s that is cut', (name) => {
  it('never claims success, and the next one completes it', async () => {
    const image = firmwareOf(3, 2_500);
    const clean = modelProbe(name);
    await programmed(clean, image);
    const total = clean.accesses();
    for (let cut = 0; cut < total; cut += 1 + Math.floor(total / 12)) {
      const { chip } = modelProbe(name);
      const model = probeOn(chip, {
        beforeAccess: (index) => {
          if (index >= cut) throw new Error('unplugged');
        },
      });
      await expect(programmed(model, image)).rejects.toThrow('unplugged');
      await programmed(probeOn(chip), image);
      expect(holds(model, image)).toBe(true);
    }
  });
});

describe('a job that finds the supply too low for 32 bits at once', () => {
  it.each([2.5, 1.9])('programs an F407 at %d V all the same', async (volts) => {
    const { chip } = modelProbe('STM32F407');
    const model = probeOn(chip, { volts });
    const image = firmwareOf(4, BYTES);
    expect(await programmed(model, image)).toMatchObject({ outcome: 'programmed' });
    expect(holds(model, image)).toBe(true);
  });
});

describe('a job that asks for a quick proof', () => {
  it('is proven by the CRC of the chip, and reads nothing back', async () => {
    const model = modelProbe('STM32F407');
    const target = await targetBehind(model);
    const image = firmwareOf(6, BYTES);
    const report = await program(deviceOf(target, model.clock), image, { quickProof: true });
    expect(report).toMatchObject({ outcome: 'programmed', provenByCrc: true, verifiedBytes: BYTES });
    expect(holds(model, image)).toBe(true);
  });

  it('reads all back where the CRC is another one, and says where the flash differs', async () => {
    const model = modelProbe('STM32F407');
    const target = await targetBehind(model);
    const onProgress = (event: Progress): void => {
      if (event.type === 'phase-end' && event.phase === 'program') model.chip.load(FLASH + 100, Uint8Array.of(0));
    };
    const job = program(deviceOf(target, model.clock), firmwareOf(6, BYTES), { quickProof: true, onProgress });
    await expect(job).rejects.toMatchObject({ code: 'verify/mismatch', facts: { address: FLASH + 100, differing: 1 } });
  });
});

describe('a job whose parts are read back while the rest is written', () => {
  it('reads none of them again', async () => {
    const model = modelProbe('STM32L476');
    const target = await targetBehind(model);
    const [clock, image] = [model.clock, firmwareOf(7, 7 * 2048)];
    const proofs: number[] = [];
    const onProgress = (event: Progress): void => {
      if (event.type === 'step' && event.phase === 'verify') proofs.push(event.done);
    };
    const report = await program(deviceOf(target, clock), image, { onProgress });
    expect(report).toMatchObject({ outcome: 'programmed', verifiedBytes: image.byteLength });
    expect(report.provenByCrc).toBeUndefined();
    expect(proofs).toEqual([image.byteLength]);
    expect(holds(model, image)).toBe(true);
  });

  it('fails where one of them is another one afterwards, and says where', async () => {
    const model = modelProbe('STM32L476');
    const target = await targetBehind(model);
    const onProgress = (event: Progress): void => {
      if (event.type === 'phase-end' && event.phase === 'program') model.chip.load(FLASH + 64, Uint8Array.of(0));
    };
    const job = program(deviceOf(target, model.clock), firmwareOf(8, BYTES), { onProgress });
    await expect(job).rejects.toMatchObject({ code: 'verify/mismatch', facts: { address: FLASH + 64, differing: 1 } });
  });
});

describe('CRCs of more sectors than the first buffer of the loader has room for', () => {
  it('are those of the flash of an L476, and leave nothing behind that a write would take for its bytes', async () => {
    const PAGE = 2048;
    const pages = new Uint8Array(450 * PAGE);
    // Each page but one is a word again and again, as erased pages are: the chip says so instead of computing CRCs.
    for (let page = 0; page < 450; page++) pages.fill(page, page * PAGE, (page + 1) * PAGE);
    pages.set(firmwareOf(5, PAGE).segments[0]?.bytes ?? [], 0);
    const model = modelProbe('STM32L476');
    model.chip.load(FLASH, pages);
    const target = await targetBehind(model);
    const ranges = Array.from({ length: 450 }, (_, page) => ({
      start: FLASH + page * PAGE,
      end: FLASH + (page + 1) * PAGE,
    }));
    const expected = ranges.map(({ start, end }) => crc32(pages.subarray(start - FLASH, end - FLASH)));
    expect(await target.digest?.(ranges)).toEqual(expected);
    const page = target.geometry.flatMap(({ sectors }) => sectors).find(({ start }) => start === FLASH + 300 * PAGE);
    if (!page) throw new Error('no such page');
    const bytes = pages.slice(0, PAGE);
    await target.erase([page], { next: { address: page.start, bytes } });
    await target.write(page.start, bytes);
    expect(model.chip.flash.peek(page.start, PAGE)).toEqual(bytes);
  });
});
