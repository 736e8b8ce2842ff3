/** The chapter of docs/performance.md about debug probes, with its words. Pure. */
import type { ProbeJobFigures } from './probe-jobs.ts';
import type { ProbeRaceFigures } from './probe-race.ts';

/** The race of DFU keeps what stands behind it. */
const MARK = '<!-- probe -->';

export interface ProbeFigures {
  readonly date: string;
  readonly openocd: string | undefined;
  readonly stFlash: string | undefined;
  readonly jobs: readonly ProbeJobFigures[];
  readonly races: readonly ProbeRaceFigures[];
}

/** @returns the page with this chapter at its end, in place of the one that was there */
export function withProbeChapter(page: string, chapter: string): string {
  const from = page.indexOf(MARK);
  return `${(from < 0 ? page : page.slice(0, from)).trimEnd()}\n\n${MARK}\n\n${chapter}`;
}

export function probeChapter({ date, openocd, stFlash, jobs, races }: ProbeFigures): string {
  return `## Through an ST-LINK

Measured on ${date} in **model time**: probes, SWD, cores and cells are modelled ([what the figures rest on](virtual-stlink.md)), and neither the
processor of this machine nor its load matters. A V2-1 (V2J46, SWD at 4 MHz) reads as fast as recordings of a real one show; the figures
of the V3 (24 MHz) are guesses. Written by \`npm run bench:probe -- --write\`, which repeats it.

${jobTable(jobs)}

- **cells**: erase and program times of the datasheets. **wire**: the image once through USB and SWD.
- **job**: from the first command behind the connection until everything is written, the look at what flash holds included. **share**: the larger of cells, and of
  what the wire takes for the image and for what was read back by then, over it. With another firmware before, everything is erased and written.
- **rest of the proof**: what was left to read back, and the CRC-32 of the whole image that the chip computes where anything had been read back. An image that is there already is proven by that
  CRC, and nothing is read.
- **first byte**: commands from plugging in until a byte of flash was read.

While a sector is erased, the bytes for it are carried into RAM, as many as fit. While a buffer is programmed, others are filled, and those that have been programmed are
fetched again: code in RAM has put into them what flash holds now, each bit inverted. So every byte is read back, most of them while the cells are busy, and
the CRC at the end says that nothing has changed since. Where the wire is full with the image alone, as on an erased F407 behind a V2, nothing is fetched meanwhile:
everything is read at the end, which takes as long and needs no CRC. What is left beside cells and wire is the CRC, before the job and after it, and what the core does between
two words. For the CRC, F0 to F4 and F7 run at 20 or 48 MHz by their PLL, and at their usual 8 or 16 MHz again while cells are busy. Wait states of the flash are not modelled:
at 48 MHz they would make the CRC of an F407 about a tenth longer.
${races.length > 0 ? raceChapter([openocd ?? '', stFlash && `st-flash ${stFlash}`].filter(Boolean).join(' and '), races) : ''}`;
}

function jobTable(jobs: readonly ProbeJobFigures[]): string {
  const head = [
    'chip',
    'probe',
    'image',
    'before',
    'job',
    'cells',
    'wire',
    'share',
    'rest of the proof',
    'first byte',
    'commands',
  ];
  return table(
    head,
    jobs.map((each) => [
      each.chip,
      each.probe,
      `${each.kbytes} KB`,
      each.before,
      ms(each.writeMs),
      ms(each.cellsMs),
      ms(each.wireMs),
      each.share?.toFixed(2) ?? '',
      each.proofMs > 0 ? ms(each.proofMs) : 'in the job',
      `${each.firstByte}`,
      `${each.commands}`,
    ]),
  );
}

function raceChapter(strangers: string, races: readonly ProbeRaceFigures[]): string {
  const rows = races.map(({ chip, probe, kbytes, openocd: theirs, stFlash, quick, sureflash: ours }) => [
    chip,
    probe,
    `${kbytes} KB`,
    ms(theirs.ms),
    ms(quick.ms),
    (theirs.ms / quick.ms).toFixed(2),
    stFlash ? ms(stFlash.ms) : '',
    ms(ours.ms),
    (theirs.ms / ours.ms).toFixed(2),
    stFlash ? (stFlash.ms / ours.ms).toFixed(2) : '',
    `${theirs.commands}`,
    stFlash ? `${stFlash.commands}` : '',
    `${quick.commands}`,
  ]);
  const head = [
    'chip',
    'probe',
    'image',
    'OpenOCD',
    'sureflash --quick-proof',
    'ratio',
    'st-flash',
    'sureflash',
    'ratio to OpenOCD',
    'to st-flash',
    'commands, OpenOCD',
    'st-flash',
    '--quick-proof',
  ];
  return `
### Against OpenOCD and st-flash

${strangers}, and sureflash on the same models: another firmware before, every byte replaced, and verified. OpenOCD comes over ST's TCP protocol, st-flash over
USB/IP. OpenOCD verifies by a CRC that the chip computes, and so does \`--quick-proof\`. st-flash and, by default, sureflash read every byte back; sureflash has the CRC
computed as well. From the first command to the last. Ratio: the stranger's time over that of sureflash. What strangers compute
counts as nothing, and what OpenOCD sleeps between two commands; the sleeps of st-flash and sureflash count. OpenOCD has the highest speed of the probe, and the
quicker clock of the core that its scripts set; st-flash chooses its own speed.

${table(head, rows)}
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const ms = (value: number): string => `${(value / 1000).toFixed(2)} s`;
