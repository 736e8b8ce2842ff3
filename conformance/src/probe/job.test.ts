/** Whole jobs through a debug probe without a protocol: programmed, skipped, changed, cut, completed. */
import { MemoryImage } from '@sureflash/image';
import { deviceOf, program, type Report } from '@sureflash/programmer';
import { describe, expect, it } from 'vitest';
import { type ModelProbe, modelProbe, probeOn, targetBehind } from './model-probe.ts';

const FLASH = 0x0800_0000;
const BYTES = 4_500;

/** A program whose stack and reset vector are where they should be; the rest is a pattern. */
function imageOf(seed: number, bytes = BYTES): MemoryImage {
  const data = Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >> 8) * 13 + seed) & 0xff);
  new DataView(data.buffer).setUint32(0, 0x2000_0400, true);
  new DataView(data.buffer).setUint32(4, FLASH | 0x101, true);
  return new MemoryImage([{ address: FLASH, bytes: data }]);
}

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
    const first = imageOf(1);
    expect(await programmed(model, first)).toMatchObject({ outcome: 'programmed' });
    expect(holds(model, first)).toBe(true);
    const before = model.accesses();
    expect(await programmed(model, first)).toMatchObject({ outcome: 'unchanged', bytesWritten: 0 });
    expect(model.accesses() - before).toBeLessThan(150);
    const second = imageOf(2);
    expect(await programmed(model, second)).toMatchObject({ outcome: 'programmed' });
    expect(holds(model, second)).toBe(true);
  });
});

describe.each(['STM32F105', 'STM32L476'])('a job on an %s that is cut', (name) => {
  it('never claims success, and the next one completes it', async () => {
    const image = imageOf(3, 2_500);
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
    const image = imageOf(4);
    expect(await programmed(model, image)).toMatchObject({ outcome: 'programmed' });
    expect(holds(model, image)).toBe(true);
  });
});
