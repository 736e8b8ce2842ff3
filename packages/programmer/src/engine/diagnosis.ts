/** From evidence to a cause, as rows: what speaks for each, and what to do about it. */
import type { Chip } from '@sureflash/chips';
import { hex } from '../target/geometry.ts';
import type { Doubt, DoubtKind } from './doubts.ts';
import type { Comparison } from './verify.ts';

export type Cause = 'stub-media' | 'reads-refused' | 'writes-ignored' | 'partly-written';

export interface Diagnosis {
  readonly cause: Cause;
  /** One sentence. */
  readonly title: string;
  readonly evidence: readonly string[];
  readonly remedy: readonly string[];
}

export interface Evidence {
  /** Whether ST's ROM bootloader answers, as far as descriptors tell. */
  readonly isRom: boolean;
  /** What answers, for people. */
  readonly device: string;
  readonly chip?: Chip;
  readonly doubts: readonly Doubt[];
  /** Absent when nothing was written. */
  readonly run?: {
    readonly comparison: Comparison;
    readonly writtenBytes: number;
    readonly sectorsErased: number;
    readonly tookMs: number;
    readonly leastMs: number;
    /** Whether the sectors that differ still hold what they held before, as far as samples of both were read. */
    readonly unchanged: boolean;
  };
}

interface Row {
  readonly cause: Cause;
  readonly applies: (evidence: Evidence) => boolean;
  readonly title: string;
  readonly remedy: (evidence: Evidence) => string[];
}

const tooQuick = ({ run }: Evidence): boolean => run !== undefined && run.tookMs < run.leastMs;
const seen = ({ doubts }: Evidence, kind: DoubtKind): boolean => doubts.some((doubt) => doubt.kind === kind);

const ROWS: readonly Row[] = [
  {
    cause: 'stub-media',
    applies: (e) =>
      !e.isRom &&
      (seen(e, 'address-ignored') ||
        (seen(e, 'reads-refused') && seen(e, 'default-map')) ||
        (tooQuick(e) && e.run?.unchanged === true)),
    title:
      'An application answers here, and the functions behind its DFU class that should erase, write and read flash do nothing.',
    remedy: ({ chip }) => enterBootloader(chip),
  },
  {
    cause: 'reads-refused',
    applies: (e) => seen(e, 'reads-refused'),
    title: 'The device takes firmware and does not give it back: nothing that it does can be proven.',
    remedy: ({ chip }) => enterBootloader(chip),
  },
  {
    cause: 'writes-ignored',
    applies: ({ run }) => run?.unchanged === true,
    title:
      'The device accepted every erase and write, but these sectors did not change: they are most likely write-protected.',
    remedy: () => [
      "Look at the write protection of these sectors in the option bytes (WRP, PCROP): ST's bootloaders ignore writes there without a word.",
      'Read protection (RDP level 1) on some chips has the same effect.',
    ],
  },
  {
    cause: 'partly-written',
    applies: ({ run }) => run !== undefined && run.comparison.differing > 0,
    title: 'Only a part of the flash holds what was written.',
    remedy: () => [
      'Look at the write protection (WRP) of the sectors that differ.',
      'Program again: a part that fails at the same place points to the flash or its protection, at another place to the supply or the cable.',
    ],
  },
];

/** The most likely cause; `undefined` when there is nothing to explain. */
export function diagnose(evidence: Evidence): Diagnosis | undefined {
  const row = ROWS.find(({ applies }) => applies(evidence));
  if (!row) return undefined;
  return { cause: row.cause, title: row.title, evidence: describe(evidence), remedy: row.remedy(evidence) };
}

function describe({ device, doubts, run, chip }: Evidence): string[] {
  const lines = [`what answers is ${article(device)} ${device}`, ...doubts.map(({ seen }) => seen)];
  if (!run) return lines;
  const [first] = run.comparison.first;
  if (first) {
    const { differing, compared } = run.comparison;
    lines.push(
      `mismatch at ${hex(first.address)}: ${hex(first.found, 2)} instead of ${hex(first.expected, 2)}; ${differing} of ${compared} bytes differ`,
    );
  }
  const { sectors } = run.comparison;
  const last = sectors.at(-1);
  if (sectors[0] && last) {
    const place = `${hex(sectors[0].start)} to ${hex(last.end - 1)}`;
    const which =
      sectors.length === 1
        ? `sector ${sectors[0].index}`
        : `${sectors.length} sectors between ${sectors[0].index} and ${last.index}`;
    lines.push(`all differences lie in ${which}, ${place}`);
  }
  if (run.unchanged) lines.push('these hold the same after erasing and writing as before: the flash did not change');
  if (run.tookMs < run.leastMs) {
    const kb = (run.writtenBytes / 1024).toFixed(1);
    const name = chip?.names[0] ?? 'STM32';
    lines.push(
      `${run.sectorsErased} sectors erased and ${kb} KB written in ${seconds(run.tookMs)}: ${article(name)} ${name} needs at least ${seconds(run.leastMs)}, so nothing was programmed`,
    );
  }
  return lines;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
const article = (name: string): string => (/^([aeiou]|STM32)/i.test(name) ? 'an' : 'a');

function enterBootloader(chip: Chip | undefined): string[] {
  const start = chip
    ? `Start the ROM bootloader of the ${chip.names[0] ?? chip.id} and program through that: ${chip.boot.pattern}; it needs ${chip.boot.clock}.`
    : 'Start the ROM bootloader of the chip (BOOT0 high at reset) and program through that.';
  const jump = chip
    ? `Or let the application jump to it: stack pointer from ${hex(chip.bootloaderVectors)}, entry from ${hex(chip.bootloaderVectors + 4)}, before any peripheral is started and with interrupts enabled.`
    : 'Or let the application jump to the bootloader before any peripheral is started.';
  return [
    start,
    ...(chip?.boot.note ? [`${chip.boot.note}.`] : []),
    jump,
    'Or write MEM_If_Erase, MEM_If_Write and MEM_If_Read in usbd_dfu_if.c: STM32CubeMX generates them empty.',
  ];
}
