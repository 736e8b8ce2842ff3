/**
 * A run that ends at a transfer, in four ways. Each way takes every fourth transfer, its own ones, or with ALL_TRANSFERS=1 in the
 * environment every transfer: ten minutes more. The campaign has faults at every transfer besides.
 */
import type { MemoryImage } from '@sureflash/image';
import { MemoryImage as Image } from '@sureflash/image';
import type { JobOptions } from '@sureflash/programmer';
import { describe, expect, it } from 'vitest';
import { cutsOf, noise, outcomeOf, Rig, type RigOptions } from './rig.ts';

/** A new firmware over an old one: sectors that are kept, replaced and partly covered, in more than one group. */
interface Case {
  readonly scenario: string;
  readonly old: MemoryImage;
  readonly image: MemoryImage;
  /** What `old` has beside the image, in its sectors. */
  readonly beside: MemoryImage;
  readonly job?: JobOptions;
}

/** Bytes that stand behind each piece of the image in its last sector. */
const BESIDE_BYTES = 300;

const FLASH = 0x0800_0000;
const BANK_2 = 0x0810_0000;

const cases: readonly Case[] = [
  { scenario: 'stm32f105-rom', ...firmware([FLASH, 9_000], [FLASH + 0x1_0000, 5_003]) },
  { scenario: 'stm32f407-rom', ...firmware([FLASH, 20_000], [FLASH + 0x1_0000, 5_003]) },
  { scenario: 'stm32l476-rom', ...firmware([FLASH, 9_000], [FLASH + 0x1_0000, 5_003]) },
  { scenario: 'stm32l476-rom-early-stall', ...firmware([FLASH, 5_000], [FLASH + 0x1_0000, 2_003]) },
  // Sectors of 128 KB: reading the rest of each would be most of the run.
  { scenario: 'stm32h743-rom', ...firmware([FLASH, 9_000], [BANK_2, 5_003]), job: { keepBeside: false } },
];

function firmware(...pieces: readonly (readonly [number, number])[]): Omit<Case, 'scenario'> {
  const image = pieces.map(([address, length], i) => ({ address, bytes: noise(length, 20 + i) }));
  const old = pieces.map(([address, length], i) => ({ address, bytes: noise(length + BESIDE_BYTES, 10 + i) }));
  const beside = pieces.map(([address, length], i) => ({
    address: address + length,
    bytes: old[i]?.bytes.subarray(length) ?? new Uint8Array(0),
  }));
  // The first 4 KB are the same in both: they may be kept where sectors are small.
  image[0]?.bytes.set(old[0]?.bytes.subarray(0, 4096) ?? []);
  return { old: new Image(old), image: new Image(image), beside: new Image(beside) };
}

/** Transfers of a run that nobody disturbs. */
async function countTransfers({ scenario, old, image, job = {} }: Case): Promise<number> {
  const rig = new Rig(scenario, { flash: old.segments });
  await rig.program(image, job);
  return rig.stats.transfers;
}

describe.each(cases)('$scenario', (subject) => {
  const { scenario, old, image, beside, job = {} } = subject;
  const isKept = (rig: Rig): boolean => job.keepBeside === false || rig.holds(beside);
  const boardWith = (options: RigOptions): Rig => new Rig(scenario, { flash: old.segments, ...options });

  it.each([
    ['before the device gets it', 0, 0],
    ['3 ms later, in the middle of what the flash is doing', 3, 1],
  ])('is completed by the next run when it is unplugged at any transfer, %s', async (_, delayMs, way) => {
    const transfers = await countTransfers(subject);
    expect(transfers).toBeGreaterThan(40);
    const problems: string[] = [];
    let interrupted = 0;
    const cuts = cutsOf(way, transfers);
    for (const cut of cuts) {
      const rig = boardWith({
        seed: cut + 1,
        beforeTransfer: (index) => {
          if (index !== cut) return;
          if (delayMs === 0) rig.board.unplug();
          else void rig.clock.sleep(delayMs).then(() => rig.board.unplug());
        },
      });
      const outcome = await outcomeOf(rig.program(image, job));
      const honest = outcome === 'programmed' ? rig.holds(image) : outcome === 'usb/gone';
      if (!honest) problems.push(`cut at ${cut}: ${String(outcome)}`);
      if (outcome !== 'programmed') interrupted++;
      problems.push(...(await complete(rig, subject, cut)));
    }
    expect(problems).toEqual([]);
    expect(interrupted).toBeGreaterThan(cuts.length * 0.8);
  });

  it('is completed by the next run when it is aborted at any transfer, is at rest until then, and loses nothing', async () => {
    const transfers = await countTransfers(subject);
    const problems: string[] = [];
    for (const cut of cutsOf(2, transfers)) {
      const stop = new AbortController();
      const reason = new Error('stop');
      const rig = boardWith({
        beforeTransfer: (index) => {
          if (index === cut) stop.abort(reason);
        },
      });
      const outcome = await outcomeOf(rig.program(image, { ...job, signal: stop.signal }));
      const honest = outcome === 'programmed' ? rig.holds(image) : outcome === reason && dfuState(rig) === DFU_IDLE;
      if (!honest) problems.push(`cut at ${cut}: ${String(outcome)}, state ${dfuState(rig)}`);
      problems.push(...(await complete(rig, subject, cut)));
      if (!isKept(rig)) problems.push(`cut at ${cut}: what stood beside the image is lost`);
    }
    expect(problems).toEqual([]);
  });

  it('is completed by the next run when the programmer is killed at any transfer', async () => {
    const transfers = await countTransfers(subject);
    const problems: string[] = [];
    for (const cut of cutsOf(3, transfers)) {
      const rig = boardWith({
        beforeTransfer: (index) => {
          if (index >= cut) throw new Error('killed');
        },
      });
      const outcome = await outcomeOf(rig.program(image, job));
      // Nothing but bringing the device to rest is left to do after the last byte was read back.
      const honest = outcome === 'programmed' ? rig.holds(image) : outcome === 'usb/transfer';
      if (!honest) problems.push(`cut at ${cut}: ${String(outcome)}`);
      problems.push(...(await complete(rig, subject, cut)));
    }
    expect(problems).toEqual([]);
  });
});

/** A clean run after whatever happened; the board is plugged in again where it was not. @returns what went wrong */
async function complete(rig: Rig, { image, job = {} }: Case, cut: number): Promise<string[]> {
  // What was planned to happen a moment later has happened by now.
  await rig.clock.sleep(100);
  rig.board.plug();
  while (!rig.board.device) await rig.clock.sleep(10);
  rig.undisturbed();
  const outcome = await outcomeOf(rig.program(image, job));
  return outcome === 'programmed' && rig.holds(image) ? [] : [`run after the cut at ${cut}: ${String(outcome)}`];
}

/** DFU 1.1 §6.1.2 */
const DFU_IDLE = 2;

/** DFU_GETSTATE past the programmer (DFU 1.1 §6.1.5). */
function dfuState(rig: Rig): number | undefined {
  const getState = { requestType: 0xa1, request: 5, value: 0, index: 0, length: 1 };
  const reply = rig.board.device?.control(getState, new Uint8Array(0));
  return reply?.kind === 'data' ? reply.bytes[0] : undefined;
}
