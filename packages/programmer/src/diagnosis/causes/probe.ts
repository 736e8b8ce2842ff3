/** Causes between a debug probe and the chip behind it, and in a chip that keeps its debug port closed. */
import { type Cause, sign } from '../cause.ts';
import { POWER_CYCLE } from '../remedies.ts';
import { ARM_DEBUG, OPENOCD_STLINK, ST_LINK } from '../sources.ts';

const UNDER_RESET =
  'Hold NRST low by hand while the command starts: a chip that answers then has firmware that closes its debug port.';
const CONTINUITY =
  'Check SWDIO, SWCLK and GND for continuity from the probe to the pins of the chip, and for shorts between them.';

export const PROBE = [
  {
    id: 'target-unpowered',
    area: 'debug probe',
    title: 'The chip behind the debug probe has no power.',
    explanation:
      'An ST-LINK measures the supply of the chip at its VCC pin (VAPP) and supplies no power there. A Nucleo board whose ST-LINK part was cut off, or a board that is switched off, reads close to 0 V.',
    for: [sign('probe-no-power', 6)],
    against: [],
    remedies: () => [
      'Power the board from its own supply, and connect its VDD to the VCC pin of the probe, which measures there.',
      'On a Nucleo or Discovery board, check the jumpers for the supply (JP5, IDD) and those between probe and chip (CN2).',
    ],
    sources: [ST_LINK, ARM_DEBUG],
  },
  {
    id: 'swd-closed',
    area: 'debug probe',
    title: 'The firmware of the chip closes its debug port, and the reset line does not help.',
    explanation:
      'Firmware that gives PA13 and PA14 another function, switches SWJ off (F1), or goes to Stop mode at once closes SWD some microseconds after its start. Under reset the port is open, but the probe can hold the chip in reset only if NRST is connected.',
    for: [sign('probe-no-chip', 4)],
    against: [],
    remedies: () => [
      'Connect NRST of the chip to the probe: the probe then reaches the chip under reset, before its firmware runs.',
      'Or start the ROM bootloader by its pins (BOOT0 high at reset): it leaves the debug port open, so the firmware can be replaced.',
      POWER_CYCLE,
    ],
    tellApart: { 'swd-unwired': UNDER_RESET, 'debug-locked': UNDER_RESET },
    sources: [ST_LINK, OPENOCD_STLINK],
  },
  {
    id: 'swd-unwired',
    area: 'debug probe',
    title: 'The debug lines do not reach the chip.',
    explanation:
      'SWDIO and SWCLK are swapped, there is no common ground, the cable is too long, or the jumpers of a Nucleo connect the probe to its own chip.',
    for: [sign('probe-no-chip', 4)],
    against: [],
    remedies: () => [CONTINUITY, 'Shorten the wires, and choose a lower speed.'],
    tellApart: { 'swd-closed': UNDER_RESET, 'debug-locked': CONTINUITY },
    sources: [ST_LINK, ARM_DEBUG],
  },
  {
    id: 'debug-locked',
    area: 'debug probe',
    title: 'The chip is locked for ever: RDP level 2 closes its debug port.',
    explanation: 'At level 2 no debugger gets an answer, not even under reset, and nothing lowers the level again.',
    for: [sign('probe-no-chip', 3)],
    against: [],
    remedies: () => ['Update it through its own firmware, if that has a way; otherwise replace the chip.'],
    tellApart: { 'swd-closed': UNDER_RESET, 'swd-unwired': CONTINUITY },
    sources: [ST_LINK, ARM_DEBUG],
  },
  {
    id: 'debug-line-bad',
    area: 'debug probe',
    title: 'The line between probe and chip is disturbed.',
    explanation:
      'The probe sees parity errors, or WAIT at every speed that it has. The wires are too long, the ground carries the current of a motor, or the signal level does not fit the supply of the chip.',
    for: [sign('probe-bad-line', 5)],
    against: [],
    remedies: () => [
      'Shorten the wires, run a ground wire beside SWCLK, and choose a lower speed.',
      'Measure the supply of the chip, and check that the VCC pin of the probe has the same voltage.',
      'Program again: what is already right is kept.',
    ],
    sources: [ST_LINK, ARM_DEBUG],
  },
  {
    id: 'core-stuck',
    area: 'debug probe',
    title: 'The core does not do what the debugger asks: it is locked up, asleep, or held in reset.',
    explanation:
      'A fault in a fault handler locks the core up. A core in Stop or Standby has no clock for the debug units.',
    for: [sign('core-silent', 5)],
    against: [],
    remedies: () => [
      'Connect under reset: then no instruction of the firmware runs before the core is halted.',
      POWER_CYCLE,
      'If the firmware does this at each start, erase the flash under reset.',
    ],
    sources: [ST_LINK, ARM_DEBUG],
  },
] as const satisfies readonly Cause[];
