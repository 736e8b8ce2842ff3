/** A desk full of probes and boards, most of them with something in the way: each has its line, and none keeps the others from theirs. */
import { USB_FILTERS } from '@sureflash/programmer/basics';
import { listWebUsb, type UsbCandidate } from '@sureflash/programmer/transports';
import {
  createVirtualCmsisDap,
  createVirtualStLink,
  VirtualClock,
  type VirtualStLinkOptions,
  VirtualWebUsb,
} from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { createBoard } from '../device/virtual-board.ts';
import { Context } from '../render/context.ts';
import { fakeIo } from '../testing/harness.ts';
import { showLocal } from './list.ts';

type Dialect = 'usb-2.18' | 'usb-3.1';
type DeskOptions = Omit<VirtualStLinkOptions, 'clock' | 'chip'>;

const FIRST_ANSWER = 1;

/** By place: an ST-LINK each, then a CMSIS-DAP probe and a chip in its bootloader. */
const DESKS: readonly DeskOptions[] = [
  { probe: 'v2-1' },
  // Starts in the mode for its own update.
  { probe: 'v2' },
  { probe: 'v3e', supplyMv: 0 },
  { probe: 'v2-1', onCommand: () => ({ kind: 'mute' }) },
  { probe: 'v2-1', firmware: 'V2J11M1' },
  // Another session has left an answer behind, which comes as the first of this one.
  { probe: 'v2-1', onCommand: (_, count) => (count < FIRST_ANSWER ? { kind: 'lost reply' } : undefined) },
  { probe: 'v2-1', diskBusyMs: 1_000_000 },
  { probe: 'v2-1', serial: 'HELD' },
  { probe: 'v2-1', serial: 'BROKEN' },
];
const [HELD, BROKEN] = [7, 8];

async function fullDesk(dialect: Dialect) {
  const clock = new VirtualClock();
  const desks = DESKS.map((options) => createVirtualStLink({ chip: 'STM32F103', ...options, clock }));
  const dap = createVirtualCmsisDap({ probe: 'debugprobe', chip: 'STM32F407', clock });
  const board = await createBoard(fakeIo(), 'stm32f407-rom', { clock });
  const connectors = [...desks.map(({ connector }) => connector), dap.connector, board];
  const usb = new VirtualWebUsb({ connectors, clock, dialect });
  const listed = await listWebUsb(usb, USB_FILTERS);
  const failing = (candidate: UsbCandidate, name: 'claimInterface' | 'open', error: unknown): UsbCandidate => ({
    ...candidate,
    device: new Proxy(candidate.device, {
      get: (target, key): unknown => {
        const value: unknown = Reflect.get(target, key, target);
        if (key === name) return async () => await Promise.reject(error);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
  });
  const candidates = listed.map((each, i) => {
    if (i === HELD) return failing(each, 'claimInterface', new Error('claimInterface error: LIBUSB_ERROR_BUSY'));
    return i === BROKEN ? failing(each, 'open', new TypeError('nobody has thought of this')) : each;
  });
  return { clock, desks, candidates, usb, connectors };
}

async function listed(dialect: Dialect, withUid: boolean) {
  const { clock, candidates, usb, desks } = await fullDesk(dialect);
  const io = fakeIo();
  const resets = desks.map(({ microcontroller }) => microcontroller.resets.length);
  const devices = { candidates, usb, hidden: [], unusable: [], silent: [] };
  await showLocal(new Context(io, {}), devices, { withUid, clock });
  // A list resets nobody's chip.
  expect(desks.map(({ microcontroller }) => microcontroller.resets.length)).toEqual(resets);
  return { lines: io.out.lines, tookMs: clock.now() };
}

describe.each(['usb-2.18', 'usb-3.1'] as const)(
  'a list of a desk full of probes, with the manners of %s',
  (dialect) => {
    it('has the firmware and the supply of each, or what keeps it from telling them', async () => {
      const { lines, tookMs } = await listed(dialect, false);
      expect(lines.map((line) => line.replace(/^.* serial \S+ */, ''))).toEqual([
        'ST-LINK V2J37M27, 3.30 V at the chip',
        'ST-LINK V2J37S7, 3.30 V at the chip',
        'ST-LINK V3J7M2, 0.00 V at the chip, which is too low',
        'firmware not read (probe/mute): it does not answer; unplug it and plug it in again',
        'firmware not read (probe/firmware): V2J11M1 is too old, V2J15 is needed',
        'ST-LINK V2J37M27, 3.30 V at the chip',
        'ST-LINK V2J37M27, 3.30 V at the chip',
        'firmware not read (usb/busy): another program holds it',
        'firmware not read (usb/transfer): nobody has thought of this',
        expect.stringMatching(/^CMSIS-DAP \S+, supply of the chip not measured$/),
        '',
      ]);
      expect(tookMs).toBeLessThan(20_000);
    });

    it('has their chips where that is asked for', async () => {
      const { lines, tookMs } = await listed(dialect, true);
      expect(lines.map((line) => line.replace(/^.* serial \S+ */, ''))).toEqual([
        expect.stringMatching(/^uid:[0-9A-F]{24} {2}STM32F103x8 behind ST-LINK V2J37M27 {2}3\.30 V at the chip$/),
        expect.stringMatching(/^uid:[0-9A-F]{24} {2}STM32F103x8 behind ST-LINK V2J37S7 {2}3\.30 V at the chip$/),
        'unique id not read (probe/no-target): no chip answers  ST-LINK V3J7M2, 0.00 V at the chip, which is too low',
        'unique id not read (probe/mute): it does not answer; unplug it and plug it in again',
        'unique id not read (probe/firmware): V2J11M1 is too old, V2J15 is needed',
        expect.stringMatching(/^uid:[0-9A-F]{24} {2}STM32F103x8 behind/),
        'unique id not read (probe/no-target): it is busy with its disk  ST-LINK V2J37M27, 3.30 V at the chip',
        'unique id not read (usb/busy): another program holds it',
        'unique id not read (usb/transfer): nobody has thought of this',
        expect.stringMatching(/^uid:[0-9A-F]{24} {2}STM32F405 behind CMSIS-DAP/),
        expect.stringMatching(/^uid:[0-9A-F]{24} {2}STM32F405.* in its ROM bootloader$/),
      ]);
      expect(tookMs).toBeLessThan(25_000);
    });
  },
);
