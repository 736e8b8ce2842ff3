/** Cases on loaders of other people: honest ones, which have to be served, and those that have to be refused before a loss. */
import type { CauseId } from '@sureflash/programmer/diagnosis';
import { FLASH_START } from '../matrix-image.ts';
import { type Case, caseOf, KB, type Piece } from './case.ts';

interface Stranger extends Pick<Case, 'scenario' | 'flash' | 'ends'> {
  /** Where the image goes, behind the beginning of flash. */
  readonly base: number;
  readonly pieces?: readonly Piece[];
  readonly job?: Case['job'];
  readonly shows?: readonly CauseId[];
}

/** Pages of 1 or 2 KB: some kept, one partly covered, one that is blank. */
const SMALL: readonly Piece[] = [
  { at: 0, bytes: 2_500, oldBytes: 5 * KB, same: KB },
  { at: 0x2000, bytes: 700 },
];
/** Sectors of 16 KB. */
const LARGE: readonly Piece[] = [
  { at: 0, bytes: 3_000, oldBytes: 5 * KB },
  { at: 0x4000, bytes: 1_003 },
];
/** Half of it lies in what the option bytes close. */
const INTO_CLOSED: readonly Piece[] = [{ at: 0, bytes: 40 * KB, oldBytes: 10 * KB }];

const BEHIND_8K = 8 * KB;
const BEHIND_16K = 16 * KB;
const BEHIND_32K = 32 * KB;
const BEHIND_48K = 48 * KB;
const WIRELESS_BASE = 0x000c_8000;

const HONEST: readonly Stranger[] = [
  { scenario: 'black-magic-native', flash: 'a loader that guards itself, with ids that are known', base: BEHIND_8K },
  { scenario: 'guarded-loader', flash: 'the same, with ids that nobody knows', base: BEHIND_8K },
  { scenario: 'loader-named-otherwise', flash: 'the same, named in another language', base: BEHIND_8K },
  { scenario: 'micropython-mboot', flash: 'Get Commands never answered', base: BEHIND_32K, pieces: LARGE },
  { scenario: 'loader-hides-a-part', flash: 'status behind each read', base: BEHIND_8K },
  { scenario: 'loader-mute-in-error', flash: 'GETSTATUS stalls in dfuERROR', base: BEHIND_32K, pieces: LARGE },
  { scenario: 'loader-refuses-set-interface', flash: 'SET_INTERFACE stalls', base: BEHIND_8K },
  { scenario: 'loader-needs-set-interface', flash: 'silent before SET_INTERFACE', base: BEHIND_8K },
  { scenario: 'loader-waits-for-reset', flash: 'found in dfuMANIFEST-WAIT-RESET', base: BEHIND_8K },
  { scenario: 'loader-beside-hid', flash: "HID's descriptor before DFU's", base: BEHIND_8K },
  { scenario: 'bootloader-large-map', flash: 'a map of 2 MB for 1 MB', base: BEHIND_48K, pieces: LARGE },
  { scenario: 'bootloader-large-sectors', flash: 'pages in groups of four', base: BEHIND_16K },
  { scenario: 'stm32f407-rom-one-string', flash: 'a ROM of whose strings one is read', base: 0, pieces: LARGE },
  {
    scenario: 'dfu-demo-no-upload',
    flash: 'no upload, programmed without a proof',
    base: BEHIND_8K,
    job: { unproven: true },
    ends: 'unproven',
    shows: ['no-upload'],
  },
  {
    scenario: 'stm32wb55-rom-stack',
    flash: 'pages of 4 KB below a wireless stack',
    base: WIRELESS_BASE,
    pieces: LARGE,
  },
];

const REFUSED: readonly Stranger[] = [
  {
    scenario: 'micropython-mboot-packed',
    flash: 'nothing read, the status behind says so',
    base: BEHIND_32K,
    ends: { code: 'plan/doubtful' },
    shows: ['reads-disabled'],
  },
  {
    scenario: 'loader-takes-less',
    flash: 'refuses its own block size',
    base: BEHIND_8K,
    ends: { code: 'dfu/block-size' },
  },
  {
    scenario: 'bootloader-coarse-map',
    flash: 'a map of 16 KB for pages of 2 KB, class V2.5.3',
    base: BEHIND_48K,
    pieces: LARGE,
    ends: { code: 'verify/erased-otherwise' },
    shows: ['foreign-map'],
  },
  {
    scenario: 'bootloader-coarse-map-2.11',
    flash: 'the same, class V2.11.4',
    base: BEHIND_48K,
    pieces: LARGE,
    ends: { code: 'verify/erased-otherwise' },
    shows: ['foreign-map'],
  },
  {
    scenario: 'stm32g431-rom-pcrop',
    flash: 'proprietary code in the way',
    base: BEHIND_32K,
    pieces: INTO_CLOSED,
    ends: { code: 'plan/protected' },
    shows: ['closed-area'],
  },
  {
    scenario: 'stm32u585-rom-secure',
    flash: 'secure pages in the way',
    base: 0,
    pieces: INTO_CLOSED,
    ends: { code: 'plan/protected' },
    shows: ['closed-area'],
  },
  {
    scenario: 'stm32f722-rom-pcrop',
    flash: 'sectors of proprietary code in the way',
    base: 0,
    pieces: INTO_CLOSED,
    ends: { code: 'plan/protected' },
    shows: ['closed-area'],
  },
  {
    scenario: 'bootloader-flash-fails',
    flash: 'erase and write fail',
    base: BEHIND_16K,
    ends: { code: 'dfu/status' },
    shows: ['operation-refused'],
  },
];

export const STRANGER_CASES: readonly Case[] = [...HONEST, ...REFUSED].map(
  ({ base, pieces = SMALL, job = {}, ...told }) => ({ ...told, job, ...caseOf(FLASH_START + base, pieces) }),
);
