/**
 * Boards that call themselves ST's ROM bootloader, do what they are asked as far as answers and image tell, and something
 * else as well.
 */
import type { RomDeviation } from '../../roms/usb-dfu/hooks.ts';
import { romRows } from '../../table/table.ts';
import { romBoard } from '../make-board.ts';
import type { Scenario } from '../scenario.ts';
import * as strays from './strays.ts';
import * as unseen from './unseen.ts';

interface Impostor {
  readonly name: string;
  readonly title: string;
  readonly deviation: RomDeviation;
}

const KB = 1024;

const IMPOSTORS: readonly Impostor[] = [
  { name: 'erases-all', title: 'each erase of a sector wipes the chip', deviation: strays.erasesEverything },
  { name: 'erases-last-too', title: 'each erase takes the last sector too', deviation: strays.erasesLastSectorToo },
  { name: 'erases-first-too', title: 'each erase takes the first sector too', deviation: strays.erasesFirstSectorToo },
  {
    name: 'erases-bank',
    title: 'each erase hits the other half of the flash too',
    deviation: strays.erasesOtherBankToo,
  },
  {
    name: 'erases-options',
    title: 'each erase takes the option bytes too',
    deviation: strays.erasesOptionBytesToo,
  },
  { name: 'programs-otp-too', title: 'each erase programs some bits of OTP', deviation: strays.programsOtpToo },
  { name: 'writes-last-too', title: 'each block lands in the last sector too', deviation: strays.writesLastSectorToo },
  { name: 'writes-a16-too', title: 'each block lands 64 KB away too', deviation: strays.writesAcrossLine(64 * KB) },
  { name: 'writes-a17-too', title: 'each block lands 128 KB away too', deviation: strays.writesAcrossLine(128 * KB) },
  { name: 'one-sector', title: 'every block goes to the first sector', deviation: strays.writesOneSectorOnly },
  {
    name: 'in-order',
    title: 'reads in the order of the writes come from a copy of them',
    deviation: strays.answersFromStream,
  },
];

/** What nobody sees in the run itself; docs/unseen.md says of each what helps. */
const UNSEEN: readonly Impostor[] = [
  { name: 'copy', title: 'nothing is written, and a copy in RAM answers reads', deviation: unseen.answersFromRam },
  { name: 'cache', title: 'a block stays in a cache that is not flushed', deviation: unseen.losesItsCache },
  { name: 'fading', title: 'cells change two seconds after the last write', deviation: unseen.cellsThatFade(2_000) },
  { name: 'at-leave', title: 'the program is changed when it is started', deviation: unseen.changesAtLeave },
  {
    name: 'fading-later',
    title: 'cells change a day after the last write',
    deviation: unseen.cellsThatFade(24 * 60 * 60 * 1000),
  },
  {
    name: 'elsewhere',
    title: 'each block also lands where nobody looks',
    deviation: unseen.writesSomewhereElse(0x0802_a400),
  },
  {
    name: 'other-memory',
    title: 'nothing is written, and a copy in another memory answers reads for ever',
    deviation: unseen.answersFromElsewhere,
  },
];

export const unseenScenarios: readonly Scenario[] = UNSEEN.map(({ name, title, deviation }) => ({
  name: `unseen-${name}`,
  title: `A loader that is not found out: ${title}`,
  description: `STM32F105 with the descriptors of its ROM bootloader, its answers and its times; ${title}.`,
  source: 'made up after attacks on this program',
  create: impostorBoard('f105', deviation),
}));

/** Names begin with the chip: pages of 2 KB on the F105; sectors of 16 to 128 KB, and OTP, on the F407. */
export const impostorScenarios: readonly Scenario[] = (['f105', 'f407'] as const).flatMap((chip) =>
  IMPOSTORS.map(({ name, title, deviation }) => ({
    name: `impostor-${chip}-${name}`,
    title: `A loader with the strings of a ROM: ${title}`,
    description: `STM32${chip.toUpperCase()} with the descriptors of its ROM bootloader; ${title}, and all answers are those of a ROM.`,
    source: 'made up after attacks on this program',
    create: impostorBoard(chip, deviation),
  })),
);

function impostorBoard(chip: 'f105' | 'f407', deviation: RomDeviation) {
  const row = romRows.find(({ name }) => name.toLowerCase().includes(chip));
  if (!row) throw new RangeError(`no row ${chip}`);
  const { profile, rom, romNeedsVbus } = row;
  return romBoard({ profile, rom: { ...rom, deviations: [deviation, ...rom.deviations] }, romNeedsVbus });
}
