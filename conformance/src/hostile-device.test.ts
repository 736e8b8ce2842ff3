import { isFlashError } from '@sureflash/programmer';
import { connectDfu } from '@sureflash/programmer/dfu';
import { carryOut, JobFailed, prepare } from '@sureflash/programmer/engine';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  findScenario,
  type Reply,
  type Setup,
  type UsbConnector,
  type UsbDeviceModel,
  VirtualClock,
  VirtualWebUsb,
} from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { imageAt, noise } from './rig.ts';

const CLASS_REQUEST = 0x20;
const DEVICE_TO_HOST = 0x80;
const GETSTATUS = 3;

/** The descriptors of a real board, and an answer to every DFU request that has nothing to do with the question. */
function liar(board: UsbDeviceModel, random: () => number, mood: Mood): UsbConnector {
  const device: UsbDeviceModel = {
    speed: board.speed,
    deviceDescriptor: board.deviceDescriptor,
    configurationDescriptor: board.configurationDescriptor,
    busyUntil: 0,
    control: (setup, data) =>
      (setup.requestType & 0x60) === CLASS_REQUEST ? answer(setup, random, mood) : board.control(setup, data),
    reset: () => board.reset(),
  };
  return { device, subscribe: () => () => undefined };
}

interface Mood {
  /** Share of requests that are stalled. */
  readonly stalls: number;
  /** Share of replies that are shorter than asked for. */
  readonly shorts: number;
  /** States that GETSTATUS picks from. */
  readonly states: readonly number[];
}

function answer(setup: Setup, random: () => number, { stalls, shorts, states }: Mood): Reply {
  if (random() < stalls) return { kind: 'stall' };
  if ((setup.requestType & DEVICE_TO_HOST) === 0) return { kind: 'ack' };
  const length = random() < shorts ? Math.floor(random() * setup.length) : setup.length;
  const bytes = Uint8Array.from({ length }, () => Math.floor(random() * 256));
  if (setup.request === GETSTATUS && length === 6) {
    bytes.set([
      Math.floor(random() * 16),
      Math.floor(random() * 256),
      0,
      0,
      states[Math.floor(random() * states.length)] ?? 2,
      0,
    ]);
    if (random() < 0.8) bytes[0] = 0;
  }
  return { kind: 'data', bytes };
}

const MOODS: readonly (readonly [string, Mood])[] = [
  ['answers anything', { stalls: 0.05, shorts: 0.05, states: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15] }],
  ['answers plausibly', { stalls: 0.01, shorts: 0, states: [2, 2, 2, 4, 5, 5, 5] }],
  ['is always done', { stalls: 0, shorts: 0, states: [2, 5] }],
  ['is always busy', { stalls: 0, shorts: 0, states: [4] }],
  ['is always idle', { stalls: 0, shorts: 0, states: [2] }],
];

const RUNS = 40;
/** Nothing that a clock of ours allows takes longer. */
const LONGEST_MS = 30 * 60_000;
const MOST_TRANSFERS = 20_000;

describe.each(MOODS)('a device that %s', (_, mood) => {
  it.each(['stm32f105-rom', 'stm32h743-rom', 'stm32f105-cubemx-stub'])(
    'behind the descriptors of %s ends in a typed error in bounded time',
    async (scenario) => {
      for (let seed = 1; seed <= RUNS; seed++) {
        const { outcome, ms, transfers } = await programLiar(scenario, seed, mood);
        expect(isFlashError(outcome) || outcome instanceof JobFailed, `seed ${seed}: ${String(outcome)}`).toBe(true);
        expect(ms).toBeLessThan(LONGEST_MS);
        expect(transfers).toBeLessThan(MOST_TRANSFERS);
      }
    },
  );
});

async function programLiar(
  scenario: string,
  seed: number,
  mood: Mood,
): Promise<{ outcome: unknown; ms: number; transfers: number }> {
  const clock = new VirtualClock();
  // A vector table, so that the board with the application starts it.
  const flash = [{ address: 0x0800_0000, bytes: new Uint8Array(Uint32Array.from([0x2000_8000, 0x0800_0101]).buffer) }];
  const board = findScenario(scenario)?.create(clock, { flash });
  if (!board?.device) throw new Error('no board');
  const connector = liar(board.device, randomFrom(seed), mood);
  const usb = new VirtualWebUsb({ connectors: [connector], clock, dialect: 'usb-2.18', deviceTimeout: 120_000 });
  const [candidate] = await listWebUsb(usb);
  if (!candidate) throw new Error('no candidate');
  const port = await openWebUsb(candidate.device, { clock, usb });
  const target = connectDfu(port, { clock });
  const subject = {
    target,
    image: imageAt(0x0800_0000, noise(10_000, seed)),
    clock,
    isRom: target.identification.loader === 'st-rom',
  };
  const outcome = await prepare(subject, { force: true })
    .then(async (preparation) => await carryOut(subject, preparation, { force: true }))
    .catch((error: unknown) => error);
  return { outcome, ms: clock.now(), transfers: usb.stats.transfers };
}

function randomFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}
