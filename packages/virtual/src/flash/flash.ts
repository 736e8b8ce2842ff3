/**
 * Flash memory cells: what erasing and programming do to them, how long it takes, and what a power cut leaves behind.
 * It knows nothing of bootloaders, registers or USB. Times are in ms of the clock that the caller passes in.
 */

import { disturbedByte, random } from '../random.ts';
import { type CellBank, cellBanks, isLockedBlock, programUnit } from './bank.ts';
import type { FlashCells, FlashStatistics, Pace, Sector } from './datasheet.ts';
import { listSectors, programOperations, USUAL_PACE } from './datasheet.ts';

interface CellOperation {
  readonly kind: 'erase' | 'program';
  readonly start: number;
  readonly end: number;
  /** Time for one unit; only for `program`. */
  readonly unitMs: number;
  readonly from: number;
  readonly before: Uint8Array;
}

/** One chip's flash. Addresses are absolute; every range must lie inside one region. */
export class Flash {
  readonly sectors: readonly Sector[];
  readonly #cells: FlashCells;
  readonly #erased: number;
  readonly #banks: readonly CellBank[];
  readonly #wear: Uint32Array;
  readonly #protected = new Set<number>();
  readonly #next: () => number;
  readonly #statistics = { eraseMs: 0, programMs: 0, erases: 0, programmedBytes: 0, ignored: 0 };
  #operation: CellOperation | undefined;
  #pace: Pace = USUAL_PACE;

  /** @param seed decides what cells hold after an operation was cut */
  constructor(cells: FlashCells, seed = 1) {
    this.#cells = cells;
    this.#erased = cells.erasedByte ?? 0xff;
    this.#next = random(seed);
    this.sectors = listSectors(cells.regions);
    this.#wear = new Uint32Array(this.sectors.length);
    this.#banks = cellBanks(cells);
  }

  get statistics(): FlashStatistics {
    return { ...this.#statistics };
  }

  /** Whether all of `length` bytes from `address` are flash. */
  contains(address: number, length = 1): boolean {
    return this.#bankAt(address, length) !== undefined;
  }

  /** The cells themselves, by contiguous region, for a bus that reads them without a copy. Nobody writes to them. */
  get memories(): readonly { readonly start: number; readonly bytes: Uint8Array }[] {
    return this.#banks.map(({ start, bytes }) => ({ start, bytes }));
  }

  sectorAt(address: number): Sector | undefined {
    return this.sectors.find((sector) => address >= sector.start && address < sector.end);
  }

  /** How often a sector was erased. */
  wear(sector: number): number {
    return this.#wear[sector] ?? 0;
  }

  /** Write-protects exactly these sectors, by index. */
  protect(sectors: Iterable<number>): void {
    this.#protected.clear();
    for (const sector of sectors) this.#protected.add(sector);
  }

  /** From here on times are these, as the supply voltage allows. */
  usePace(pace: Pace): void {
    this.#pace = pace;
  }

  isProtected(sector: number): boolean {
    return this.#protected.has(sector);
  }

  /** Whether `address` lies in a block of OTP that is locked. */
  isLocked(address: number): boolean {
    const bank = this.#bankAt(address, 1);
    return bank !== undefined && isLockedBlock(bank, address);
  }

  /** Erases the data EEPROM, as a change from RDP level 1 to 0 does. */
  eraseEeprom(): void {
    for (const { kind, bytes, erased } of this.#banks) if (kind === 'eeprom') bytes.fill(erased);
  }

  /** Puts content in place as a factory would: no time passes and no rule applies. */
  load(address: number, bytes: Uint8Array): void {
    const bank = this.#need(address, bytes.length);
    bank.bytes.set(bytes, address - bank.start);
    const { unit } = bank;
    for (let at = 0; at < bytes.length; at += unit) bank.programmed[Math.floor((address + at - bank.start) / unit)] = 1;
  }

  /** A copy of what the cells hold, or will hold once the operation in flight is done. */
  peek(address: number, length: number): Uint8Array {
    const bank = this.#need(address, length);
    return bank.bytes.slice(address - bank.start, address - bank.start + length);
  }

  /** Erases the sector that holds `address`. @returns when it is done, in clock ms */
  erase(address: number, now: number): number {
    const sector = this.sectorAt(address);
    if (!sector) throw new RangeError(`no flash at 0x${address.toString(16)}`);
    if (this.#protected.has(sector.index)) return this.#ignore(now);
    const size = sector.end - sector.start;
    const duration = this.#pace.eraseMs[size] ?? this.#cells.eraseMs[size];
    if (duration === undefined) throw new RangeError(`no erase time for a sector of ${size} bytes`);
    this.#clear([sector], now, duration);
    return now + duration;
  }

  /** Erases everything; nothing at all while a sector is write-protected. @returns when it is done, in clock ms */
  eraseAll(now: number): number {
    return this.eraseTogether(this.sectors, now);
  }

  /** The same for sectors that follow one another: one bank of two. */
  eraseTogether(sectors: readonly Sector[], now: number): number {
    if (sectors.some(({ index }) => this.#protected.has(index))) return this.#ignore(now);
    const duration = this.#pace.massEraseMs ?? this.#cells.massEraseMs;
    this.#clear(sectors, now, duration);
    return now + duration;
  }

  /**
   * Programs `bytes`, padded with erased bytes to whole units. @returns when it is done, in clock ms.
   * Units in write-protected sectors are passed over in no time.
   */
  program(address: number, bytes: Uint8Array, now: number): number {
    const { unit, erased, kind } = this.#need(address, 1);
    const from = address - (address % unit);
    const padded = new Uint8Array(Math.ceil((address - from + bytes.length) / unit) * unit).fill(erased);
    padded.set(bytes, address - from);
    const bank = this.#need(from, padded.length);
    const before = bank.bytes.slice(from - bank.start, from - bank.start + padded.length);
    let units = 0;
    for (let at = 0; at < padded.length; at += unit) {
      if (this.#isProtectedAt(from + at)) continue;
      const wanted = padded.subarray(at, at + unit);
      programUnit(this.#cells, bank, { offset: from + at - bank.start, wanted, next: this.#next });
      units += 1;
    }
    if (units < padded.length / unit) this.#statistics.ignored += 1;
    const programMs = this.#cells.programMs * this.#pace.programFactor;
    const isWhole = units === padded.length / unit && kind === 'flash';
    const operations = isWhole ? programOperations(this.#cells, from, padded.length) : units;
    const duration = operations * programMs;
    this.#statistics.programMs += duration;
    this.#statistics.programmedBytes += units * unit;
    const unitMs = operations < units ? duration / units : programMs;
    this.#operation = { kind: 'program', start: now, end: now + duration, unitMs, from, before };
    return now + duration;
  }

  /**
   * Power fails: an operation in flight stays half done. Units already programmed are kept, the one under way has
   * some of its bits cleared; an erase leaves each byte old, cleared or undefined. Deterministic from the seed.
   */
  powerCut(now: number): void {
    const operation = this.#operation;
    this.#operation = undefined;
    if (!operation || now >= operation.end) return;
    const done = Math.max(0, now - operation.start) / Math.max(operation.end - operation.start, Number.MIN_VALUE);
    if (operation.kind === 'erase') this.#cutErase(operation, done);
    else this.#cutProgram(operation, now);
  }

  #cutErase({ from, before }: CellOperation, done: number): void {
    for (let at = 0; at < before.length; at += 1) {
      const bank = this.#bankAt(from + at, 1);
      const old = before[at] ?? this.#erased;
      const luck = this.#next();
      if (!bank) continue;
      // Its ECC is undefined now, even where all bits read as erased: it needs another erase.
      bank.programmed[Math.floor((from + at - bank.start) / this.#cells.programBytes)] = 1;
      if (luck < done * 0.8) continue;
      bank.bytes[from + at - bank.start] = luck < done * 0.8 + 0.1 ? disturbedByte(this.#next, old, this.#erased) : old;
    }
  }

  #cutProgram({ start, unitMs, from, before }: CellOperation, now: number): void {
    const bank = this.#need(from, before.length);
    const { unit } = bank;
    const offset = from - bank.start;
    let remaining = Math.floor(Math.max(0, now - start) / unitMs);
    let partial = true;
    for (let at = 0; at < before.length; at += unit) {
      if (this.#isProtectedAt(from + at)) continue;
      if (remaining > 0) {
        remaining -= 1;
        continue;
      }
      for (let index = at; index < at + unit; index += 1) {
        const old = before[index] ?? this.#erased;
        const wanted = bank.bytes[offset + index] ?? this.#erased;
        bank.bytes[offset + index] = partial ? disturbedByte(this.#next, old, wanted) : old;
      }
      // A unit that power left half-programmed has an undefined ECC: it can only be erased.
      const erased = before.subarray(at, at + unit).every((byte) => byte === this.#erased);
      if (!partial && erased) bank.programmed[(offset + at) / unit] = 0;
      partial = false;
    }
  }

  #clear(sectors: readonly Sector[], now: number, duration: number): void {
    const from = sectors[0]?.start ?? 0;
    const end = sectors.at(-1)?.end ?? from;
    const before = new Uint8Array(end - from);
    for (const { start, end: sectorEnd, index } of sectors) {
      const bank = this.#need(start, sectorEnd - start);
      before.set(bank.bytes.subarray(start - bank.start, sectorEnd - bank.start), start - from);
      bank.bytes.fill(this.#erased, start - bank.start, sectorEnd - bank.start);
      const unit = this.#cells.programBytes;
      bank.programmed.fill(0, (start - bank.start) / unit, (sectorEnd - bank.start) / unit);
      this.#wear[index] = (this.#wear[index] ?? 0) + 1;
    }
    this.#statistics.eraseMs += duration;
    this.#statistics.erases += 1;
    this.#operation = { kind: 'erase', start: now, end: now + duration, unitMs: 0, from, before };
  }

  #ignore(now: number): number {
    this.#statistics.ignored += 1;
    return now;
  }

  #isProtectedAt(address: number): boolean {
    return this.#protected.size > 0 && this.#protected.has(this.sectorAt(address)?.index ?? -1);
  }

  #bankAt(address: number, length: number) {
    return this.#banks.find((bank) => address >= bank.start && address + length <= bank.end);
  }

  #need(address: number, length: number) {
    const bank = this.#bankAt(address, length);
    if (!bank) throw new RangeError(`no flash at 0x${address.toString(16)} for ${length} bytes`);
    return bank;
  }
}
