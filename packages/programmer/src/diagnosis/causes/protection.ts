/** Causes that lie in option bytes: protection against reading and writing. */
import { type Cause, impossiblyQuick, loaderIs, sign } from '../cause.ts';
import { READ_BY_PROBE, startBootloader } from '../remedies.ts';
import { remedy } from '../remedy.ts';
import { AN2606, AN3156, PM0075, RM0434 } from '../sources.ts';

/** Of a bootloader alone: a debug probe tells a refusal of the chip from trouble on its line. */
const LINE_LOOKS_ALIKE =
  'Over USB DFU, trouble on the line can look the same: if the chip was never protected, try another cable, port or hub first.';

const TO_DEBUGGER = sign('read-protected', 6, {
  note: 'to a debug probe',
  when: ({ debugger: isProbe }) => isProbe === true,
});

export const PROTECTION = [
  {
    id: 'read-protected',
    area: 'protection',
    title: 'The chip is read-protected (RDP level 1).',
    explanation:
      'With read protection on, a ROM bootloader answers reads, writes and erases with errVENDOR, and a debugger gets errors from the flash. Removing the protection erases everything in the chip.',
    for: [
      sign('read-protected', 6),
      sign('option-rdp', 4, { note: 'level 1', when: ({ level }) => level === 1 }),
      sign('refused', 2, { note: 'errVENDOR', when: ({ status }) => status === 'errVENDOR' }),
    ],
    against: [
      sign('option-rdp', 6, { note: 'level 0', when: ({ level }) => level === 0 }),
      sign('reads-distinct', 4),
      loaderIs(3, 'cubemx-application', 'custom'),
    ],
    remedies: (_, evidence = []) => [
      remedy(
        'Remove the read protection, which erases everything in the chip. It is never removed unless you ask for it.',
        'unprotect',
      ),
      ...(TO_DEBUGGER.find(evidence) ? [] : [LINE_LOOKS_ALIKE]),
    ],
    tellApart: {
      'usb-link': 'Try three times: protection refuses the same request every time, a bad link does not.',
    },
    sources: [AN3156, AN2606],
  },
  {
    id: 'rdp-acknowledges',
    area: 'protection',
    title: 'The chip is read-protected, and its bootloader acknowledges writes but does not perform them.',
    explanation:
      'ROM bootloaders of some STM32U5 answer OK to erases and writes at RDP level 1 and change nothing. The option bytes can still be read, and show the level.',
    for: [
      sign('option-rdp', 3, { note: 'level 1', when: ({ level }) => level === 1 }),
      sign('unchanged', 2),
      impossiblyQuick(1),
      sign('left-erased', 1, { note: 'nothing was written at all', when: ({ all }) => all }),
    ],
    against: [
      sign('option-rdp', 6, { note: 'level 0', when: ({ level }) => level === 0 }),
      sign('blank-sectors-hold', 4),
      sign('sectors-differ', 4, {
        note: 'some of the sectors are right',
        when: ({ count, touched }) => count < touched,
      }),
    ],
    remedies: () => [remedy('Remove the read protection first, which erases everything in the chip.', 'unprotect')],
    sources: [
      AN3156,
      { title: 'inertial-sense-sdk #1186', url: 'https://github.com/inertialsense/inertial-sense-sdk/pull/1186' },
    ],
  },
  {
    id: 'write-protected',
    area: 'protection',
    title: 'These sectors are write-protected by the option bytes (WRP, PCROP).',
    explanation:
      'Bootloaders return no error for a write-protected sector (WRP, PCROP): erase and write are ignored, and only reading back shows it. Through a debug probe the flash itself reports the error (WRPERR). The sectors beside the protected ones are written correctly.',
    for: [
      sign('option-wrp', 5),
      sign('unchanged', 3),
      sign('not-erased', 1),
      sign('sectors-differ', 2, {
        note: 'some of the sectors are right',
        when: ({ count, touched }) => count < touched,
      }),
      loaderIs(2, 'st-rom'),
      sign('reads-distinct', 1),
    ],
    against: [
      sign('option-wrp-none', 8),
      sign('reads-same', 6),
      sign('left-erased', 1, { note: 'all of it', when: ({ all }) => all }),
      sign('blank-sectors-hold', 3),
      sign('bits-only-cleared', 5),
      sign('content-moved', 4),
      sign('part-of-blocks', 4),
      sign('neighbours-lost', 4),
    ],
    remedies: () => [
      remedy(
        "Look at the write protection of these sectors in the option bytes (WRP, PCROP): ST's bootloaders ignore writes there and report no error, and a debug probe gets WRPERR.",
        'show-option-bytes',
      ),
      remedy('Remove that write protection, reset the chip, and program again.', 'set-option-bytes'),
    ],
    tellApart: {
      'changes-ignored': `Read the option bytes (WRP) through the ROM bootloader. ${READ_BY_PROBE}`,
      'erase-ignored': 'Read the option bytes (WRP): if the sector is not protected, the erase is at fault.',
    },
    sources: [AN3156, PM0075],
  },
  {
    id: 'closed-area',
    area: 'protection',
    title: 'A part of this flash belongs to proprietary code or to another core of the chip: no bootloader changes it.',
    explanation:
      'PCROP keeps code from being read and changed; on STM32WB the flash from SFSA on belongs to the wireless core; on H7, secure areas belong to secure code. Bootloaders refuse such sectors, some with the status that stands for read protection, or ignore writes to them.',
    for: [sign('option-closed', 6)],
    against: [],
    remedies: () => [
      remedy('Look at these options.', 'show-option-bytes'),
      'Keep the firmware out of that part of the flash.',
      'On STM32WB a smaller wireless stack leaves more flash: its own update service (FUS) moves SFSA.',
    ],
    sources: [AN3156, RM0434],
  },
  {
    id: 'marked-read-only',
    area: 'protection',
    title: "The device's own map marks this part of flash as read-only.",
    explanation:
      'A bootloader marks the sectors in which it lives as not erasable. Firmware for such a device is linked for the address after them.',
    for: [sign('marked-read-only', 5)],
    against: [sign('map-default', 3), sign('map-foreign', 1), sign('reads-same', 3)],
    remedies: (chip) => [
      'Build the firmware for the address after the bootloader, or leave this part out.',
      ...startBootloader(chip)
        .slice(0, 1)
        .map(({ text, ...more }) => ({ text: `To replace the bootloader itself: ${text}`, ...more })),
    ],
    sources: [AN3156],
  },
] as const satisfies readonly Cause[];
