/** Boards with a debug probe and one thing in the way between it and the chip, each by the document that tells of it. */

import { FLASH_START } from '../flash/datasheet.ts';
import { wb } from '../registers/index.ts';
import { createVirtualStLink, type VirtualStLink, type VirtualStLinkOptions } from '../stlink/index.ts';
import { deskOptions, type ProbeScenario } from './probes.ts';

interface TroubledRow extends Omit<ProbeScenario, 'plugIn'> {
  readonly desk: Omit<VirtualStLinkOptions, 'clock' | 'longestRunMs'>;
}

const RAM_TOP = 0x2000_0400;

/** A program from its code: the table of vectors has the first instruction for the reset, and `faults` for HardFault. */
function programOf(code: readonly number[], words: readonly number[] = [], faults = FLASH_START + 0x101): Uint8Array {
  const bytes = new Uint8Array(0x100 + 2 * code.length + 4 * words.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, RAM_TOP, true);
  view.setUint32(4, FLASH_START + 0x101, true);
  view.setUint32(12, faults, true);
  for (const [at, half] of code.entries()) view.setUint16(0x100 + 2 * at, half, true);
  for (const [at, word] of words.entries()) view.setUint32(0x100 + 2 * code.length + 4 * at, word, true);
  return bytes;
}

/** F1: AFIO clock, MAPR.SWJ_CFG = 100 (RM0008 §9.4.2): SWJ is off. Then it stays. */
const CLOSES_SWD = programOf(
  [0x4803, 0x2101, 0x6181, 0x4803, 0x4903, 0x6041, 0xe7fe, 0xbf00],
  [0x4002_1000, 0x4001_0000, 0x0400_0000],
);
/** UDF, and a HardFault handler that is no Thumb code: a fault in a fault handler is lock-up (DDI0403 B1.5.15). */
const LOCKS_UP = programOf([0xde00], [], FLASH_START + 0x200);

/** SLEEPDEEP (DDI0403 B3.2.7), then WFI for ever: with PDDS at 0 that is Stop mode (RM0008, PWR). */
const STOPS = programOf([0x4802, 0x2104, 0x6001, 0xbf30, 0xe7fd, 0xbf00], [0xe000_ed10]);

const holding = (bytes: Uint8Array): ReadonlyMap<number, Uint8Array> => new Map([[FLASH_START, bytes]]);
/** RM0434: the largest part. */
const WB55 = wb({
  name: 'STM32WB55',
  devId: 0x495,
  banks: [[[256, 4096]]],
  ram: [[0x2000_0000, 192 * 1024]],
  flashSizeAt: 0x1fff_75e0,
  uidAt: 0x1fff_7590,
});
const F103 = { probe: 'v2-1', chip: 'STM32F103' } as const;

/** Bits of an option byte of F1 become 0, and those of its complement beside it 1. */
const clearedOption =
  (byte: number, bits: number): NonNullable<VirtualStLinkOptions['setOptions']> =>
  (options) => {
    options[byte] = (options[byte] ?? 0xff) & ~bits;
    options[byte + 1] = ~(options[byte] ?? 0) & 0xff;
  };

const TROUBLED: readonly TroubledRow[] = [
  {
    name: 'nucleo-f103rb-unpowered',
    title: 'Nucleo-F103RB whose chip has no power',
    description: 'The probe is on USB and measures 0 V; nobody drives SWDIO.',
    source: 'UM1075, UM1724',
    desk: { ...F103, supplyMv: 0 },
  },
  {
    name: 'nucleo-f103rb-swd-closed',
    title: 'Nucleo-F103RB whose firmware closes SWD',
    description: 'A program that switches SWJ off at its start: the port answers under reset only.',
    source: 'RM0008 §9.4.2',
    desk: { ...F103, flash: holding(CLOSES_SWD) },
  },
  {
    name: 'nucleo-f103rb-closed-no-nrst',
    title: 'The same without the wire to NRST',
    description: 'No probe reaches it: the reset line of the connector ends nowhere.',
    source: 'RM0008 §9.4.2; UM1075',
    desk: { ...F103, flash: holding(CLOSES_SWD), nrstWired: false },
  },
  {
    name: 'nucleo-f103rb-no-nrst',
    title: 'Nucleo-F103RB without the wire to NRST',
    description: 'Pulling the reset line does nothing; the reset that the core asks for works.',
    source: 'UM1075; DDI0403 B3.2.6',
    desk: { ...F103, nrstWired: false },
  },
  {
    name: 'nucleo-f103rb-nrst-shorted',
    title: 'Nucleo-F103RB whose NRST is shorted to ground',
    description: 'The debug port answers; core and memories stay in reset.',
    source: 'UM1724; DDI0403 C1.6.2 (S_RESET_ST)',
    desk: { ...F103, nrstShorted: true },
  },
  {
    name: 'nucleo-f103rb-stop-mode',
    title: 'Nucleo-F103RB whose firmware goes to Stop mode at once',
    description: 'Bus and core have no clock there, and a debugger waits for ever, except under reset.',
    source: 'RM0008, low-power modes; that an access then gets WAIT is a guess',
    desk: { ...F103, flash: holding(STOPS) },
  },
  {
    name: 'discovery-f407-runs-on',
    title: 'An STM32F407 whose core takes neither a halt nor a reset',
    description: 'Its memory can be reached all the same. How a chip gets there is made up.',
    source: 'DDI0403 C1.6.2, B3.2.6',
    desk: { probe: 'v2', chip: 'STM32F407', runsOn: true },
  },
  {
    name: 'nucleo-f103rb-rdp1',
    title: 'Nucleo-F103RB with read protection',
    description: 'RDP level 1: a debugger may not read the flash, and removing it erases everything.',
    source: 'PM0075',
    desk: { ...F103, protection: 1 },
  },
  {
    name: 'discovery-f407-rdp2',
    title: 'STM32F4DISCOVERY whose chip is locked for ever',
    description: 'RDP level 2: the debug port does not answer at all.',
    source: 'RM0090',
    desk: { probe: 'v2', chip: 'STM32F407', protection: 2 },
  },
  {
    name: 'nucleo-f103rb-wrp',
    title: 'Nucleo-F103RB with write-protected pages',
    description: 'Pages 4 to 7 (0x08001000 to 0x08001FFF) refuse erase and write with WRPRTERR.',
    source: 'PM0075',
    desk: { ...F103, setOptions: clearedOption(8, 2) },
  },
  {
    name: 'nucleo-f103rb-locked-up',
    title: 'Nucleo-F103RB whose core is locked up',
    description: 'A program that takes a fault in its fault handler; a halt or a reset ends that.',
    source: 'DDI0403 B1.5.15, C1.6.2',
    desk: { ...F103, flash: holding(LOCKS_UP) },
  },
  {
    name: 'nucleo-f103rb-hw-watchdog',
    title: 'Nucleo-F103RB whose watchdog the hardware starts',
    description:
      'Option byte WDG_SW is 0: the IWDG runs from each reset on and resets the chip after 0.4 s, unless it is fed or frozen.',
    source: 'PM0075, RM0008',
    desk: { ...F103, setOptions: clearedOption(2, 1) },
  },
  {
    name: 'stm32wb55-second-core',
    title: 'An STM32WB55 whose second core writes to RAM',
    description: 'Words at the start of SRAM1 change, whatever happens to the first core: that is made up.',
    source: 'RM0434',
    desk: { probe: 'v2-1', chip: WB55, disturber: { address: 0x2000_0000, bytes: 512, everyMs: 0.5 } },
  },
  {
    name: 'discovery-f407-long-wires',
    title: 'An STM32F407 behind wires that are too long',
    description: 'Above 1 MHz one transaction in eight comes with a wrong parity: how many is a guess.',
    source: 'ADIv5.2 B4.2.7, B4.3',
    desk: { probe: 'v2', chip: 'STM32F407', cleanKhz: 1000 },
  },
  {
    name: 'stlink-v2j17-f103',
    title: 'An STM32F103 behind an ST-LINK/V2 with firmware of 2013',
    description: 'V2J17: one speed, no 16-bit accesses, no access ports to open.',
    source: "OpenOCD's, pyOCD's and probe-rs's tables of firmware versions",
    desk: { probe: 'v2', chip: 'STM32F103', firmware: 'V2J17S4' },
  },
  {
    name: 'nucleo-f103rb-disk-busy',
    title: 'Nucleo-F103RB whose probe programs a file from its disk',
    description: 'For ten seconds it opens no debug session; that it says "already open in another mode" is a guess.',
    source: "UM1724; OpenOCD's table of status codes",
    desk: { ...F103, diskBusyMs: 10_000 },
  },
];

export const troubledProbeScenarios: readonly ProbeScenario<VirtualStLink>[] = TROUBLED.map(({ desk, ...row }) => ({
  ...row,
  plugIn: (clock, options) => ({ desk: createVirtualStLink({ ...desk, ...deskOptions(clock, options) }) }),
}));
