/** Causes that lie in the firmware file. */
import { type Cause, type Sign, sign } from '../cause.ts';
import { remedy } from '../remedy.ts';
import { AN2606 } from '../sources.ts';

const concern = (weight: number, ...kinds: readonly string[]) =>
  sign('file-concern', weight, { note: kinds.join(' or '), when: (facts) => kinds.includes(facts.concern) });

/** Signs that a file cannot cause: it is programmed byte by byte, whatever it is built for. */
const NOT_THE_FILE: readonly Sign[] = (
  [
    'too-quick',
    'time-plausible',
    'reads-same',
    'reads-refused',
    'read-protected',
    'stuck-busy',
    'left-bus',
    'no-answer',
    'transfer-failed',
    'wrong-answer',
  ] as const
).map((kind) => sign(kind, 4));

export const FILE = [
  {
    id: 'wrong-chip',
    area: 'file',
    title: 'The file is built for another chip.',
    explanation:
      'Its vector table is that of another family, or its stack lies where this chip has no RAM: it could be programmed byte for byte, but would not run.',
    for: [concern(5, 'other-family', 'stack-outside-ram')],
    against: NOT_THE_FILE,
    remedies: () => ['Use the file that was built for this chip.'],
    sources: [AN2606],
  },
  {
    id: 'other-base',
    area: 'file',
    title: 'The file is built for another address.',
    explanation:
      'It begins after a bootloader that is not there, or its vectors point outside the file. Programmed at its own address, it does not start by itself.',
    for: [concern(1, 'needs-bootloader'), concern(3, 'reset-outside-image')],
    against: NOT_THE_FILE,
    remedies: () => [
      'Build it for the start of flash, or program the bootloader that it expects as well.',
      remedy('A raw binary does not carry its address: check the one that you gave.', 'state-address'),
    ],
    sources: [AN2606],
  },
  {
    id: 'file-outside',
    area: 'file',
    title: 'The addresses of the job lie where this device has no flash.',
    explanation:
      'A file may be for a larger part of the same family, contain bytes for RAM or option bytes, or be a raw binary with a wrong address.',
    for: [sign('file-outside', 5), concern(3, 'outside-flash'), concern(2, 'ram-segments')],
    against: NOT_THE_FILE,
    remedies: () => [
      'Check the address, and of a file that it is built for this chip.',
      'RAM is filled from flash at the start: in a linker script give initialised data a load address in flash (AT> FLASH).',
      "Flash outside the chip is written by the board's own bootloader, not by the ROM.",
      remedy('Program only a part of the file.', 'choose-part'),
    ],
    sources: [AN2606],
  },
] as const satisfies readonly Cause[];
