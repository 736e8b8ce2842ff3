/** One row of the chip table through a debug probe: programmed, changed, cut on the host's side and on the chip's, completed, left. */
import { CHIPS, type Chip, chipName } from '@sureflash/chips';
import { MemoryImage } from '@sureflash/image';
import { isFlashError, leave, program } from '@sureflash/programmer';
import { type CmsisDapName, random, type StLinkName, seedOf } from '@sureflash/virtual';
import { chipFromRow, whyNoBoard } from './chip-board.ts';
import { type DapRig, dapRig, type StlinkRig, stlinkRig } from './probe-rig.ts';

const MATRIX_FLASH = 0x0800_0000;
const MATRIX_PROGRAM_BYTES = 2_101;
const LAST_BYTES = 301;
/** Somebody else's bytes behind the program, in its last sector. */
const NEIGHBOUR = { start: MATRIX_FLASH + 2_200, bytes: 40 } as const;
/** The job is proven by then; the chip is let go and the probe closed. */
const CLOSING_TRANSFERS = 24;

/** The rows that have a board, by name. */
export const MATRIX_ROWS = CHIPS.filter((chip) => whyNoBoard(chip) === undefined).map(
  (chip): [name: string, chip: Chip] => [chipName(chip), chip],
);

/** @returns everything that went wrong, in words */
export async function runThroughProbe(chip: Chip, probe: StLinkName | CmsisDapName): Promise<string[]> {
  const life = new ProbeLife(chip, probe);
  await life.program(1);
  await life.program(2);
  life.checkNeighbour();
  await life.cutHost(3);
  await life.cutPower(4);
  await life.leave();
  return life.problems;
}

/** A chip behind a probe, and what went wrong with it so far. */
export class ProbeLife {
  readonly problems: string[] = [];
  readonly rig: StlinkRig | DapRig;
  readonly #chance: () => number;
  readonly #neighbour = Uint8Array.from({ length: NEIGHBOUR.bytes }, (_, i) => 0x80 | i);
  /** From then on the chip may have run a half-written program, which may ask for anything. */
  #isCut = false;
  #transfers = 0;
  #commands = 0;

  constructor(chip: Chip, probe: StLinkName | CmsisDapName) {
    const facts = chipFromRow(chip);
    this.rig =
      probe === 'debugprobe' || probe === 'mcu-link'
        ? dapRig({ probe, chip: facts })
        : stlinkRig({ probe, chip: facts });
    this.#chance = random(seedOf(`${chip.id} ${probe}`));
    this.rig.chip.load(NEIGHBOUR.start, this.#neighbour);
  }

  async program(seed: number): Promise<void> {
    const { transfers, commands } = this.rig;
    const outcome = await this.#run(seed);
    if (outcome !== 'programmed' && outcome !== 'unchanged') this.problems.push(`image ${seed}: ${outcome}`);
    this.#transfers = this.rig.transfers - transfers;
    this.#commands = this.rig.commands - commands;
    const { notModelled, notModelledForProbe } = this.rig.desk.target;
    for (const what of this.#isCut ? notModelledForProbe : notModelled) this.problems.push(what);
  }

  checkNeighbour(): void {
    const found = this.rig.chip.flash.peek(NEIGHBOUR.start, NEIGHBOUR.bytes);
    if (found.some((byte, at) => byte !== this.#neighbour[at])) this.problems.push('bytes beside the image are gone');
  }

  /** The cable of the probe is pulled. */
  async cutHost(seed: number): Promise<void> {
    const rig = this.rig;
    this.#isCut = true;
    const within = this.#transfers - CLOSING_TRANSFERS;
    rig.cutAt = rig.transfers + 1 + Math.floor(this.#chance() * within);
    const outcome = await this.#run(seed);
    rig.cutAt = Number.POSITIVE_INFINITY;
    if (outcome !== 'usb/gone') this.problems.push(`cut on the host's side: ${outcome}`);
    await this.program(seed);
  }

  /** The chip loses its power for a moment. */
  async cutPower(seed: number): Promise<void> {
    const rig = this.rig;
    this.#isCut = true;
    const at = rig.commands + 1 + Math.floor(this.#chance() * this.#commands);
    rig.disturb = (_: Uint8Array, count: number) => (count === at ? { kind: 'target power' } : undefined);
    const outcome = await this.#run(seed);
    rig.disturb = undefined;
    if (outcome === 'lost') this.problems.push('success was claimed after a power cut');
    await this.program(seed);
  }

  async leave(): Promise<void> {
    const device = await this.rig.connect();
    try {
      await leave(device);
    } catch (error) {
      this.problems.push(`leaving: ${isFlashError(error) ? error.code : String(error)}`);
    } finally {
      await device.close();
    }
    const { chip } = this.rig;
    chip.run(1);
    if (chip.core.registers.read(0) !== 42) this.problems.push('the program was not started');
  }

  /** @returns how the job ended; `lost` where it claims success and the flash does not hold the image */
  async #run(seed: number): Promise<string> {
    const image = this.#imageOf(seed);
    try {
      const device = await this.rig.connect();
      try {
        const { outcome } = await program(device, image);
        return this.#holds(image) ? outcome : 'lost';
      } finally {
        await device.close();
      }
    } catch (error) {
      if (isFlashError(error)) return error.code;
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  }

  #holds({ segments }: MemoryImage): boolean {
    const { flash } = this.rig.chip;
    return segments.every(({ address, bytes }) =>
      flash.peek(address, bytes.length).every((byte, i) => byte === bytes[i]),
    );
  }

  /** A program that begins with MOVS R0, #42; B ., and the last bytes of the flash. */
  #imageOf(seed: number): MemoryImage {
    const noise = (length: number): Uint8Array =>
      Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * 13 + seed * 31) & 0xff);
    const bytes = noise(MATRIX_PROGRAM_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x2000_0400, true);
    view.setUint32(4, MATRIX_FLASH + 0x101, true);
    view.setUint32(0x100, 0xe7fe_202a, true);
    const end = this.rig.chip.flash.sectors.at(-1)?.end ?? 0;
    return new MemoryImage([
      { address: MATRIX_FLASH, bytes },
      { address: end - LAST_BYTES, bytes: noise(LAST_BYTES) },
    ]);
  }
}
