/**
 * One virtual ROM of the matrix through a whole life: programmed, changed, cut, completed, left; and what became of
 * everything else.
 */
import { findChipByName } from '@sureflash/chips';
import type { MemoryImage, Range } from '@sureflash/image';
import { isFlashError, leave } from '@sureflash/programmer';
import { type Board, type RomRow, random, scenarioNameOf, seedOf } from '@sureflash/virtual';
import { beside, FLASH_START, imageFor, neighbours, otherMemories, untouched } from './matrix-image.ts';
import { Rig } from './rig.ts';

/** What is kept of a row in docs/matrix.json. */
export interface MatrixResult {
  /** Id of the chip in the chip table. */
  readonly chip: string;
  readonly programmed: boolean;
  /** Power failures in the midst of a run, and how many of them the next run made good. */
  readonly cuts: number;
  readonly completed: number;
  /** The program that was written was started. */
  readonly left: boolean;
}

export interface MatrixRun {
  readonly result: MatrixResult;
  /** Everything that went wrong, in words. */
  readonly problems: readonly string[];
}

const CUTS = 5;
/** Some cuts come when the job has ended. */
const MOST_ATTEMPTS = 20;
export async function runRow(row: RomRow): Promise<MatrixRun> {
  const scenario = scenarioNameOf(row);
  const chip = findChipByName(row.name);
  if (!chip) throw new Error(`no chip ${row.name}`);
  const life = new Life(scenario, row);
  const programmed = (await life.program(1)) === 'programmed';
  life.check('beside the image', beside(row));
  const changed = (await life.program(2)) === 'programmed';
  let cuts = 0;
  let completed = 0;
  for (let attempt = 0; cuts < CUTS && attempt < MOST_ATTEMPTS; attempt++) {
    const { interrupted, whole } = await life.cut(3 + attempt);
    if (interrupted) cuts++;
    if (interrupted && whole) completed++;
  }
  const left = await life.leave();
  life.check('in a sector beside those of the image', untouched(row));
  life.check('in another memory', otherMemories(row));
  const result = { chip: chip.id, programmed: programmed && changed, cuts, completed, left };
  return { result, problems: life.problems };
}

/** A board and what happens to it. */
class Life {
  readonly problems: string[] = [];
  readonly #rig: Rig;
  readonly #row: RomRow;
  readonly #chance: () => number;
  readonly #before: (range: Range) => Uint8Array;
  #transfers = 0;
  #beforeTransfer: ((index: number) => void) | undefined;

  constructor(scenario: string, row: RomRow) {
    this.#row = row;
    this.#chance = random(seedOf(scenario));
    const flash = neighbours(row);
    this.#rig = new Rig(scenario, { flash, beforeTransfer: (index) => this.#beforeTransfer?.(index) });
    const untried = new Rig(scenario, { flash });
    this.#before = (range) => contentOf(untried.board, range);
  }

  /** @returns how the job ended; `lost` where it says that the flash holds the image of this seed, and it does not */
  async program(seed: number): Promise<string> {
    const image = imageFor(this.#row, seed);
    const outcome = await this.#run(image);
    if (!isDone(outcome)) this.problems.push(`programming image ${seed}: ${outcome}`);
    this.#transfers = Math.max(this.#transfers, this.#rig.stats.transfers);
    return outcome;
  }

  /** Power fails somewhere in a run that writes another image; the next run completes it. */
  async cut(seed: number): Promise<{ interrupted: boolean; whole: boolean }> {
    const { board, clock } = this.#rig;
    const at = Math.floor(this.#chance() * this.#transfers);
    const delayMs = this.#chance() * 4;
    this.#beforeTransfer = (index) => {
      if (index === at) void clock.sleep(delayMs).then(() => board.unplug());
    };
    const image = imageFor(this.#row, seed);
    const outcome = await this.#run(image);
    this.#beforeTransfer = undefined;
    const interrupted = outcome === 'usb/gone';
    if (!interrupted && !isDone(outcome))
      this.problems.push(`cut at transfer ${at} after ${delayMs.toFixed(2)} ms: ${outcome}`);
    await clock.sleep(100);
    await this.#plug();
    return { interrupted, whole: isDone(await this.program(seed)) };
  }

  async leave(): Promise<boolean> {
    const device = await this.#rig.connect();
    try {
      await leave(device, FLASH_START);
    } catch (error) {
      this.problems.push(`leaving: ${nameOf(error)}`);
    } finally {
      await device.close();
    }
    await this.#rig.clock.sleep(100);
    const { program } = this.#rig.board;
    if (program !== 'application') this.problems.push(`after leaving the chip runs ${program}`);
    return program === 'application';
  }

  /** Held against a board that nothing happened to. */
  check(place: string, ranges: readonly Range[]): void {
    for (const range of ranges) {
      const before = this.#before(range);
      const at = contentOf(this.#rig.board, range).findIndex((byte, index) => byte !== before[index]);
      if (at >= 0) this.problems.push(`0x${(range.start + at).toString(16)}, ${place}, has changed`);
    }
  }

  async #run(image: MemoryImage): Promise<string> {
    try {
      const { report } = await this.#rig.program(image);
      return this.#rig.holds(image) ? report.outcome : 'lost';
    } catch (error) {
      return nameOf(error);
    }
  }

  async #plug(): Promise<void> {
    const { board, clock } = this.#rig;
    board.plug();
    while (!board.device) await clock.sleep(10);
  }
}

const isDone = (outcome: string): boolean => outcome === 'programmed' || outcome === 'unchanged';

function nameOf(error: unknown): string {
  if (isFlashError(error)) return error.code;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function contentOf({ chip }: Board, { start, end }: Range): Uint8Array {
  const content = chip.read(start, end - start);
  if (!content) throw new Error(`no memory at 0x${start.toString(16)}`);
  return content;
}
