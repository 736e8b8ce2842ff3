/** The figures of a race as a table, on the console and in Markdown, and the document around it. */
import { type Before, DFU_UTIL, OTHER, OURS, OURS_POLITE, type Racer, UNCHANGED } from './race-boards.ts';
import type { RaceRow } from './race-run.ts';

export interface RaceResult {
  readonly rows: readonly RaceRow[];
  /** `2026-03-01` */
  readonly date: string;
  /** A sentence. */
  readonly machine: string;
}

/** A row as a reader sees it, by the heads of its columns. */
type TableRow = Readonly<Record<string, string | number>>;

const seconds = (ms: number): string => (ms / 1000).toFixed(2);
const size = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(0)} KB` : `${bytes / (1024 * 1024)} MB`;
const chip = (board: string): string => board.replace(/^stm32(.+)-rom$/, (_, name: string) => name.toUpperCase());

/** One row with names as a reader sees them. */
function figures({ board, bytes, before, program, deviceMs, flashMs, busMs, transfers }: RaceRow): TableRow {
  return {
    board: chip(board),
    image: size(bytes),
    before,
    program,
    'time s': seconds(deviceMs),
    'flash s': seconds(flashMs),
    'bus s': seconds(busMs),
    transfers,
    'time/(flash+bus)': (deviceMs / (flashMs + busMs)).toFixed(2),
  };
}

export function show({ rows }: RaceResult): void {
  console.log('Modelled silicon, full-speed bus; times at the device, from the first DFU request to the last.');
  console.table(rows.map(figures));
}

function markdown(objects: readonly TableRow[]): string {
  const [head = {}] = objects;
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const keys = Object.keys(head);
  return [
    line(keys),
    line(keys.map(() => '---')),
    ...objects.map((row) => line(keys.map((key) => row[key] ?? ''))),
  ].join('\n');
}

/** What each program takes for the same work, and ours where there is none. */
function headline(rows: readonly RaceRow[]): TableRow[] {
  const find = (board: string, before: Before, { title }: Racer): RaceRow => {
    const found = rows.find((row) => row.board === board && row.before === before && row.program === title);
    if (!found) throw new RangeError(`${title} did not race on ${board} (${before})`);
    return found;
  };
  const boards = [...new Set(rows.map(({ board }) => board))];
  return boards.map((board) => {
    const theirs = find(board, OTHER, DFU_UTIL);
    const ours = find(board, OTHER, OURS);
    return {
      board: chip(board),
      image: size(ours.bytes),
      'dfu-util, not verified': `${seconds(theirs.firstMs)} s`,
      'dfu-util and upload': `${seconds(theirs.deviceMs)} s`,
      'sureflash, verified': `${seconds(ours.deviceMs)} s`,
      'dfu-util and upload / sureflash': (theirs.deviceMs / ours.deviceMs).toFixed(1),
      'sureflash, image unchanged': `${seconds(find(board, UNCHANGED, OURS).deviceMs)} s`,
    };
  });
}

/** How long the device stood still because the host asked nothing of it, in our runs over another firmware. */
function pauses(rows: readonly RaceRow[]): TableRow[] {
  const ours = rows.filter(({ before, program }) => before === OTHER && program === OURS.title);
  return ours.map(({ board, deviceMs, flashMs, busMs, beforeMs, betweenMs, afterMs }) => ({
    board: chip(board),
    'time s': seconds(deviceMs),
    'flash + bus s': seconds(flashMs + busMs),
    'before the first change s': seconds(beforeMs),
    'between changes s': seconds(betweenMs),
    'in the proof s': seconds(afterMs),
  }));
}

/** Seconds that a program takes before and after it talks to the device. */
function outside(rows: readonly RaceRow[], titles: readonly string[]): string {
  const times = rows
    .filter(({ program }) => titles.includes(program))
    .map(({ commandMs, deviceMs }) => commandMs - deviceMs);
  return (times.reduce((sum, ms) => sum + ms, 0) / times.length / 1000).toFixed(1);
}

export function documentOf({ rows, date, machine }: RaceResult): string {
  return `# Performance

dfu-util and sureflash program the same images into the same boards. Measured on ${date}: **modelled silicon**, not real
chips, behind a real Linux kernel and libusb in a guest that QEMU emulates without KVM (TCG).
${machine}
Written by \`npm run race -- --write\`, which repeats it.

Another firmware is in flash before, different in every byte, so that both programs must erase and write all of it:

${markdown(headline(rows))}

## All figures

${markdown(rows.map(figures))}

- **time**: at the device, from the first DFU request to the last. The start of the programs is not in it; in this guest it
  and the end take ${outside(rows, [OURS.title, OURS_POLITE.title])} s for sureflash, most of it Node's.
- **flash**: how long the modelled cells were busy, with the typical times of the datasheets. The G431's are those of its
  relative, the L476.
- **bus**: the transfers' time on an ideal full-speed bus (USB 2.0, Table 5-3). The boards are held up by it.
- **dfu-util + upload**: dfu-util does not verify, so it reads the image back and \`cmp\` compares. It does the same work
  whatever flash holds, and runs once for each board. Its start for the upload is not counted.
- One run of sureflash comes before the first row, so that no program is read from the disk while it races.
- Whatever the program, flash holds the image afterwards: that is checked.

## Where the time goes

**dfu-util waits as long as it is told.** The models ask for 104 ms after each block and 100 ms after each erase, as real F4
and F7 ROMs do. A block of 2 KB takes the cells of an F105 54 ms, of an L476 21 ms, of an F407 8 ms and of an H743 6 ms; 1 KB, the
longest block of a G431, takes 10 ms. The poll times of F105, L476, G431 and H743 are not known: the F4's stand in, and the
rows of dfu-util on these boards are no better than that guess.

**sureflash asks at once.** A GETSTATUS that comes while the device erases or writes is held until that is done, in these models
as on ST's ROMs (micropython's pydfu relies on it; some L4 stall instead, which sureflash copes with), so neither the poll time nor
its guess matters. A device that answers "busy" instead is asked again after the time that it gives. \`--polite\` always waits
as it is told, as with devices that are not ST's; the row on the F105 shows what that costs under the same guess.

**The device does not wait for the host.** The polls of an operation are queued behind its download, the next block is queued
while one is written as soon as the device has shown that it holds its polls, and while one block is compared the next is under way. So
what a round trip costs (0.9 ms in this guest, and 3 ms after a pause) is mostly hidden behind the flash and the bus. What is left above
flash + bus is the time in which the device stands still because nothing is asked of it, seen at the device:

${markdown(pauses(rows))}

Before the first change the chip is examined, the file is checked, the flash is looked at and the work is planned; the guest's emulated
processor does all of that for the first time, some 20 times slower than the machine below it. The same code on the virtual clock, where
computing takes no time, needs 1.00 to 1.04 × (flash + bus): \`npm run bench\`.

**Skipping**: sureflash reads first and neither erases nor writes a sector that holds the right bytes already. An unchanged
image costs one read of the image, which proves it, too. A change of 2 KB costs the erase and the write of its sector, which is 2 KB
on F105, L476 and G431, 16 KB on the F407 and 128 KB on the H743, and a second read to verify. A sector that is erased already is
written without another erase on F105 and F407. On L476, G431 and H743 it is erased again: a word with ECC that was begun once may look
erased and still refuse.
`;
}
