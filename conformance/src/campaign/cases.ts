/** The boards of the campaign and what is programmed into them: small jobs that have every kind of work in them. */
import { MemoryImage } from '@sureflash/image';
import type { CauseId } from '@sureflash/programmer/diagnosis';
import { FLASH_START } from '../matrix-image.ts';
import { noise } from '../rig.ts';
import { type Case, caseOf, KB, type Piece } from './case.ts';
import { STRANGER_CASES } from './stranger-cases.ts';

/** Pages of 2 KB: some kept, some replaced, one partly covered, and one that is blank. */
const PAGES: readonly Piece[] = [
  { at: 0, bytes: 9_000, oldBytes: 12 * KB, same: 4 * KB },
  { at: 0x8000, bytes: 2_500 },
  { at: 0x1_0000, bytes: 3_003, oldBytes: 6 * KB },
];

/** An empty media interface stays one, whatever else goes wrong. */
const STUB: readonly CauseId[] = ['stub-media', 'application-answers'];

const KNOWN: readonly Case[] = [
  { scenario: 'stm32f105-rom', flash: 'pages of 2 KB, plain', ...caseOf(FLASH_START, PAGES), job: {} },
  {
    scenario: 'stm32f407-rom',
    flash: 'sectors of 16 and 64 KB, plain',
    ...caseOf(FLASH_START, [
      { at: 0, bytes: 9_000, oldBytes: 14 * KB },
      { at: 0x4000, bytes: 3_000, oldBytes: 3_000, same: 3_000 },
      { at: 0xc000, bytes: 2_003 },
      { at: 0x1_0000, bytes: 18_000 },
    ]),
    job: {},
  },
  { scenario: 'stm32l476-rom', flash: 'pages of 2 KB, ECC that refuses', ...caseOf(FLASH_START, PAGES), job: {} },
  {
    scenario: 'stm32l476-rom-early-stall',
    flash: 'the same, early polls stalled',
    ...caseOf(FLASH_START, PAGES),
    job: {},
  },
  { scenario: 'stm32g431-rom', flash: 'the same, blocks of 1 KB', ...caseOf(FLASH_START, PAGES), job: {} },
  {
    scenario: 'stm32h743-rom',
    flash: 'sectors of 128 KB in two banks, ECC that corrupts',
    ...caseOf(FLASH_START, [
      { at: 0, bytes: 12_000, oldBytes: 20 * KB },
      { at: 0x4_0000, bytes: 3_000 },
      { at: 0x10_0000, bytes: 5_003, oldBytes: 8 * KB },
    ]),
    // To read the rest of three such sectors would be most of the run.
    job: { keepBeside: false },
  },
  {
    scenario: 'stm32l072-rom',
    flash: 'pages of 128 bytes, erased is 0',
    ...caseOf(FLASH_START, [
      { at: 0, bytes: 1_500, oldBytes: 2 * KB, same: 512 },
      { at: 0x1000, bytes: 700 },
    ]),
    job: {},
  },
  {
    scenario: 'stm32l152xc-rom',
    flash: 'pages of 256 bytes, erased is 0',
    ...caseOf(FLASH_START, [
      { at: 0, bytes: 3_000, oldBytes: 4 * KB, same: KB },
      { at: 0x2000, bytes: 1_100 },
    ]),
    job: {},
  },
  { scenario: 'stm32f105-custom', flash: "ST's class V2.5.3", ...caseOf(FLASH_START + 0x5000, PAGES), job: {} },
  { scenario: 'stm32f105-custom-2.11', flash: "ST's class V2.11.4", ...caseOf(FLASH_START + 0x5000, PAGES), job: {} },
  {
    scenario: 'stm32f105-cubemx-stub',
    flash: 'an empty media interface, class V2.5.3, forced',
    ...stub(),
    job: { force: true },
    ends: { code: 'verify/mismatch' },
    shows: STUB,
  },
  {
    scenario: 'stm32f105-cubemx-stub-2.11',
    flash: 'the same, class V2.11.4',
    ...stub(),
    job: { force: true },
    ends: { code: 'usb/stall' },
    shows: STUB,
  },
];

/** Boards with known loaders first. */
export const CASES: readonly Case[] = [...KNOWN, ...STRANGER_CASES];

/** A program that runs, with the class in it, and another to be put in its place. */
function stub(): Pick<Case, 'old' | 'image'> {
  const program = noise(9_000, 30);
  new DataView(program.buffer).setUint32(0, 0x2001_0000, true);
  new DataView(program.buffer).setUint32(4, FLASH_START + 0x1e5, true);
  return {
    old: [{ address: FLASH_START, bytes: program }],
    image: new MemoryImage([{ address: FLASH_START, bytes: noise(9_000, 31) }]),
  };
}
