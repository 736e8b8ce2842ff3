/** Causes between a debug probe and the chip behind it, and in a chip that keeps its debug port closed. */
import { type Cause, sign } from '../cause.ts';
import { isSeen, type Observation } from '../observation.ts';
import { POWER_CYCLE } from '../remedies.ts';
import { remedy } from '../remedy.ts';
import { ARM_DEBUG, COPIED_DONGLES, FLASH_ECC, OPENOCD_STLINK, RM0090_DEBUG, RM0434, ST_LINK } from '../sources.ts';

const UNDER_RESET =
  'Hold NRST low by hand while the command starts: a chip that answers then has firmware that closes its debug port.';
const CONTINUITY =
  'Check SWDIO, SWCLK and GND for continuity from the probe to the pins of the chip, and for shorts between them.';

const CONNECT_UNDER_RESET =
  'Connect under reset (without --connect, sureflash does so by itself where NRST is wired): no instruction of the firmware runs then.';

const isResetUntried = (evidence: readonly Observation[]): boolean =>
  evidence.some((each) => isSeen(each, 'probe-no-chip') && each.facts.resetUntried === true);

/** An ST-LINK/V2 in a case of its own: that on a board is a V2-1, whose version has an M. */
const isPlainV2 = (title: string | undefined): boolean => /^ST-LINK V2J\d+S/.test(title ?? '');

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
    title: 'The firmware of the chip closes its debug port.',
    explanation:
      'Firmware that gives PA13 and PA14 another function, switches SWJ off (F1), or goes to Stop mode at once closes SWD some microseconds after its start. Under reset the port is open, but the probe can hold the chip in reset only if NRST is connected.',
    for: [sign('probe-no-chip', 4)],
    against: [],
    remedies: (_, evidence = []) => [
      ...(isResetUntried(evidence) ? [CONNECT_UNDER_RESET] : []),
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
    id: 'probe-copied',
    area: 'debug probe',
    title: 'The probe may be a copy of the ST-LINK/V2, whose RST pin does not drive the reset line of an STM32.',
    explanation:
      'Copies run the firmware of ST, so that nothing on USB tells them apart. Many have the reset of STM8 (SWIM) at their RST pin and leave that of SWD unconnected, and measure their own supply instead of that of the chip: a chip that is reached under reset only is not reached, and a chip without power seems to have it.',
    for: [
      sign('probe-no-chip', 3, {
        note: 'behind an ST-LINK/V2 that is no part of a board',
        when: ({ probe }) => isPlainV2(probe),
      }),
    ],
    against: [],
    remedies: () => [
      UNDER_RESET,
      'Measure the supply at the chip itself: what a copy tells of it may be its own.',
      'Try the ST-LINK of a Nucleo or Discovery board, with its jumpers to its own chip (CN2) taken off.',
    ],
    tellApart: { 'swd-closed': UNDER_RESET, 'swd-unwired': CONTINUITY },
    sources: [ST_LINK, COPIED_DONGLES],
  },
  {
    id: 'probe-taken',
    area: 'debug probe',
    title: 'The debug probe is at work for somebody else.',
    explanation:
      'A probe has one debug session. A file that was copied to its disk is programmed by the probe itself, and a debugger that shares the probe keeps its session open.',
    for: [sign('probe-taken', 6)],
    against: [],
    remedies: () => [
      'Wait until the probe no longer blinks: it programs a file that was copied to its disk.',
      'Close debug sessions of STM32CubeIDE, and ST-LINK servers, that share the probe.',
      'Unplug the probe and plug it in again.',
    ],
    sources: [ST_LINK, OPENOCD_STLINK],
  },
  {
    id: 'ram-disturbed',
    area: 'debug probe',
    title: 'Something else in the chip writes to the RAM that the flash loader is in.',
    explanation:
      'A reset of the chip stops its DMA and its program. A second core (WB, WL, H745) that has been started by other means, or a master outside the chip, goes on, and overwrites code and buffers.',
    for: [sign('ram-changed', 6)],
    against: [],
    remedies: () => [
      remedy('Write the flash by its registers, which leaves RAM alone.', 'spare-ram'),
      'Hold the second core: by its boot option (C2BOOT, BCM4), or by an empty flash of its own.',
      POWER_CYCLE,
    ],
    sources: [RM0434, ARM_DEBUG],
  },
  {
    id: 'watchdog-resets',
    area: 'debug probe',
    title: 'The independent watchdog of the chip resets it in the middle of the work.',
    explanation:
      'Once started, the IWDG stops with nothing but a reset, and an option byte can have the hardware start it at each reset. sureflash sets the bit of DBGMCU that holds it while the core is halted, and feeds it from its loader; this chip has no such bit that is known, or does not keep it.',
    for: [sign('chip-reset', 8, { note: 'by its watchdog', when: ({ byWatchdog }) => byWatchdog === true })],
    against: [],
    remedies: () => [
      remedy('Set the option byte (IWDG_SW or WDG_SW) so that software starts the watchdog.', 'set-option-bytes'),
      'Connect under reset: a watchdog that the program starts is not running then.',
      remedy('Program again: sectors that are already right are kept.', 'program'),
    ],
    sources: [RM0090_DEBUG],
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
      'The probe sees parity errors at every speed that it has. The wires are too long, the ground carries the current of a motor, or the signal level does not fit the supply of the chip.',
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
    id: 'bus-asleep',
    area: 'debug probe',
    title: 'The chip sleeps so deeply that a debugger does not reach its memory.',
    explanation:
      'In Stop mode the clock of the bus stands still: the debug port answers, and an access to memory never ends. The bits of DBGMCU_CR that keep this clock on are set by a debugger or by the firmware. A flash that is busy, or an access to an external memory that does not answer, holds the bus in the same way.',
    for: [sign('probe-bus-waits', 5)],
    against: [],
    remedies: () => [
      CONNECT_UNDER_RESET,
      'Wake the chip, by the input that its firmware waits for, while the command starts.',
      POWER_CYCLE,
    ],
    sources: [RM0090_DEBUG, ARM_DEBUG],
  },
  {
    id: 'held-in-reset',
    area: 'debug probe',
    title: 'Something holds the chip in reset.',
    explanation:
      'The debug port of an STM32 answers while NRST is low, and the core starts only when it is let go. A short to ground, a reset button that is stuck, a large capacitor, a supervisor that finds the supply too low, or a second probe keeps it low. A chip that resets itself again and again looks the same.',
    for: [sign('core-silent', 6, { note: 'held in reset', when: ({ state }) => state === 'held in reset' })],
    against: [],
    remedies: () => [
      'Measure NRST at the chip: it must rise to its supply when the probe lets go of it.',
      'Look for a short, a stuck button, a capacitor above 100 nF, a voltage supervisor, and other probes at that line.',
      'Measure the supply of the chip under load: below its brown-out level it stays in reset.',
    ],
    sources: [ST_LINK, ARM_DEBUG],
  },
  {
    id: 'core-stuck',
    area: 'debug probe',
    title: 'The core does not do what the debugger asks.',
    explanation:
      'A core that is locked up, asleep or busy halts all the same, and a reset with a vector catch stops it before its first instruction. One that does neither runs secure code while its secure debug is off (TrustZone, RDP level 0.5), has its debug closed by authentication, has lost its clock, or is a second core that nobody has started.',
    for: [sign('core-silent', 5, { note: 'not in reset', when: ({ state }) => state !== 'held in reset' })],
    against: [],
    remedies: () => [
      'Connect under reset: then no instruction of the firmware runs before the core is halted.',
      POWER_CYCLE,
      'Look at the option bytes for TrustZone and the product state (TZEN, RDP level 0.5): such a chip is programmed through its own secure bootloader, or opened by a regression, which erases it.',
    ],
    sources: [ST_LINK, ARM_DEBUG],
  },
  {
    id: 'flash-word-unreadable',
    area: 'debug probe',
    title: 'A word of the flash cannot be read, or belongs to a secure part.',
    explanation:
      'Where flash has an ECC, a word whose writing was interrupted (power loss, reset) can have an error that the ECC does not correct, and the bus then answers with a fault, as a read-protected chip does. Parts that are secure or hidden (TrustZone, HDP, secure user memory) give the same fault.',
    for: [sign('flash-unreadable', 5)],
    against: [],
    remedies: () => [
      'Erase the sector of that address, or everything (sureflash erase), and program again: an erase makes the word good.',
      'If option bytes name a secure area there, a debugger can neither read nor erase it.',
    ],
    sources: [FLASH_ECC],
  },
] as const satisfies readonly Cause[];
