/** Who races where: the boards and their images, what flash holds before, and the programs. */
import { imageOf, SUREFLASH, v1 } from './files.ts';

const KB = 1024;

/** A board that is raced on. */
export interface RaceBoard {
  /** Of its scenario. */
  readonly name: string;
  readonly image: Uint8Array;
}

/** What a command needs to know of the machine on which it runs. */
export interface CommandPlace {
  /** Where its files are. */
  readonly folder: string;
  /** How dfu-util is called. */
  readonly dfuUtil: string;
  /** How sureflash is told where the board is; empty where it finds it by itself. */
  readonly device: string;
}

export interface Racer {
  readonly title: string;
  /** What it runs, one after the other. */
  readonly commands: (image: Uint8Array, place: CommandPlace) => readonly string[];
}

/** The ROM of the F407, which is the F405's, and those of F205 and F429 program byte by byte until they are told the supply. */
export const BYTE_BY_BYTE: readonly string[] = ['stm32f205-rom', 'stm32f407-rom', 'stm32f429-rom'];

/** The F105's is a real firmware, the others are noise, which no program can compress or skip. */
export const BOARDS: readonly RaceBoard[] = [
  { name: 'stm32f105-rom', image: v1 },
  { name: 'stm32f205-rom', image: imageOf(256 * KB, 15) },
  { name: 'stm32f407-rom', image: imageOf(512 * KB, 11) },
  { name: 'stm32f429-rom', image: imageOf(256 * KB, 16) },
  { name: 'stm32l476-rom', image: imageOf(256 * KB, 12) },
  { name: 'stm32g431-rom', image: imageOf(128 * KB, 13) },
  { name: 'stm32h743-rom', image: imageOf(1024 * KB, 14) },
];

/** In the guest, where speed is the emulated processor's: a ROM with pages and one with sectors are enough to see the way through. */
export const IN_GUEST: readonly string[] = ['stm32f105-rom', 'stm32f407-rom'];

/** Here sureflash runs once more as if it knew nothing of ROMs that hold a poll. */
export const POLITE_ON = 'stm32f105-rom';

/** Every byte differs from the image's: whoever programs it must erase all of it and write all of it. */
export const OTHER = 'another firmware';
export const UNCHANGED = 'unchanged';

export type Before = 'another firmware' | 'erased' | '2 KB changed' | 'unchanged';

/** What flash holds before. */
export const BEFORE = {
  [OTHER]: (image: Uint8Array) => image.map((byte) => byte ^ 0x5a),
  erased: () => undefined,
  '2 KB changed': (image: Uint8Array) => image.map((byte, at) => (at >= 0x8000 && at < 0x8800 ? byte ^ 0x5a : byte)),
  [UNCHANGED]: (image: Uint8Array) => image,
} satisfies Record<Before, (image: Uint8Array) => Uint8Array | undefined>;

const STATES: readonly Before[] = [OTHER, 'erased', '2 KB changed', UNCHANGED];

/** One program over what flash holds before. */
export interface Race {
  readonly board: RaceBoard;
  readonly before: Before;
  readonly program: Racer;
}

/** AN3156 §5.2 counts a block's address by the length that is asked for: dfu-util reads a short last one elsewhere. */
const wholeBlocks = (bytes: number): number => Math.ceil(bytes / 2048) * 2048;

/** dfu-util does not verify: that takes an upload and a comparison, which costs no time of the device. */
export const DFU_UTIL: Racer = {
  title: 'dfu-util + upload',
  commands: (image, { folder, dfuUtil }) => [
    `${dfuUtil} -a 0 -s 0x08000000 -D ${folder}/image.bin`,
    `rm -f ${folder}/back.bin; ${dfuUtil} -a 0 -s 0x08000000:${wholeBlocks(image.length)} -U ${folder}/back.bin`,
    `cmp -n ${image.length} ${folder}/image.bin ${folder}/back.bin`,
  ],
};

const ours = (title: string, option = ''): Racer => ({
  title,
  commands: (_, { folder, device }) => [
    `${SUREFLASH} program ${folder}/image.bin --at 0x08000000 --quiet ${device} ${option}`,
  ],
});

export const OURS: Racer = ours('sureflash');
export const OURS_POLITE: Racer = ours('sureflash --polite', '--polite');
/** Leaves the ROM at the supply that it reckons with, as dfu-util does. */
export const OURS_UNTOLD: Racer = ours('sureflash --supply none', '--supply none');

/** @returns the races in the order in which they run */
export function racesOn(boards: readonly RaceBoard[], { quick = false } = {}): Race[] {
  const states: readonly Before[] = quick ? [OTHER, UNCHANGED] : STATES;
  return boards.flatMap((board) =>
    states.flatMap((before) => programsFor(board, before, quick).map((racer) => ({ board, before, program: racer }))),
  );
}

/** dfu-util always does the same, whatever flash holds: it runs once. */
function programsFor(board: RaceBoard, before: Before, quick: boolean): Racer[] {
  if (before !== OTHER) return [OURS];
  const others = [
    ...(board.name === POLITE_ON ? [OURS_POLITE] : []),
    ...(BYTE_BY_BYTE.includes(board.name) ? [OURS_UNTOLD] : []),
  ];
  return [DFU_UTIL, OURS, ...(quick ? [] : others)];
}
