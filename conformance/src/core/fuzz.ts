/** Random single steps on two engines: the core of `virtual` and Unicorn. Whatever differs is handed back with its seed. */

import { type CoreName, random } from '@sureflash/virtual';
import { drawn, mayBeConditional } from './draw.ts';
import { DATA, FIRST, LAST, openOurs, openTheirs, STOP } from './fuzz-engines.ts';
import { PATTERNS, type Pattern } from './patterns.ts';
import { APSR, type OracleCore, STATE_WORDS } from './unicorn.ts';

export interface FuzzOptions {
  readonly core: CoreName;
  readonly steps: number;
  readonly seed: number;
  /** How many differences to collect before giving up. */
  readonly atMost?: number;
}

export interface Difference {
  readonly step: number;
  readonly pattern: string;
  readonly instruction: string;
  readonly before: string;
  readonly oracle: string;
  readonly ours: string;
}

export interface FuzzResult {
  readonly steps: number;
  readonly faults: number;
  readonly patterns: number;
  readonly excused: Readonly<Record<string, number>>;
  readonly differences: readonly Difference[];
}

const ORACLES: Readonly<Partial<Record<CoreName, OracleCore>>> = {
  m0: 'm0',
  'm0+': 'm0',
  m3: 'm3',
  m4: 'm4',
  m7: 'm7',
  m33: 'm33',
};
const SETS: Readonly<Record<string, readonly Pattern['set'][]>> = {
  m0: ['v6'],
  'm0+': ['v6'],
  m3: ['v6', 'thumb2'],
  m4: ['v6', 'thumb2', 'dsp'],
  m7: ['v6', 'thumb2', 'dsp'],
  m33: ['v6', 'thumb2', 'dsp', 'v8'],
};

/** Faults of the oracle, each with its reason. */
const EXCUSES: readonly { readonly why: string; readonly is: (given: Given) => boolean }[] = [
  {
    why: 'Unicorn lets LDM, STM, LDRD, STRD and exclusives be unaligned; ARMv7-M ARM A3.2.1 has them fault',
    is: ({ trial, ours }) => /LDM|STM|LDRD|STRD|EX|LDA|STL|PUSH|POP/.test(trial.name) && ours.startsWith('1000000 '),
  },
  {
    why: 'Unicorn lets every access of ARMv6-M be unaligned; ARMv6-M ARM A3.2 has it fault',
    is: ({ core, ours }) => core === 'm0' && ours.startsWith('1000000 '),
  },
  {
    why: 'Unicorn keeps the exclusive monitor over an exception; entering one clears it (ARMv7-M ARM A3.4, B1.5.6)',
    is: ({ trial }) => trial.name.includes('STREX'),
  },
  {
    why: 'Unicorn sets Q where the two products of SMLAD add up to 2^31, though the whole sum fits (A7.7.136)',
    is: ({ trial, onlyQ }) => trial.name.includes('SMLAD') && onlyQ,
  },
];

interface Given {
  readonly core: CoreName;
  readonly trial: Trial;
  /** Our fault: CFSR in hexadecimal, and the state of the core. */
  readonly ours: string;
  /** Whether APSR.Q is all that differs. */
  readonly onlyQ: boolean;
}

export function fuzz({ core: name, steps, seed, atMost = 10 }: FuzzOptions): FuzzResult {
  const oracle = ORACLES[name];
  if (!oracle) throw new RangeError(`Unicorn has no ${name}`);
  const next = random(seed);
  const patterns = PATTERNS.filter(({ set }) => SETS[name]?.includes(set));
  const ours = openOurs(name);
  const judge = createJudge(name);
  const { excused, differences } = judge;
  let theirs = openTheirs(oracle, ours.data);
  let at = FIRST;
  let faults = 0;
  let done = 0;
  while (done < steps && differences.length < atMost) {
    const trial = drawTrial(patterns, name, next);
    if (!trial) continue;
    done += trial.count;
    // Unicorn keeps translations of code that was overwritten: each instruction has an address of its own.
    at += 32;
    if (at > LAST) {
      theirs.close();
      theirs = openTheirs(oracle, ours.data);
      ours.clear();
      at = FIRST;
    }
    const before = drawState(trial.memory, at, name, next);
    ours.place(at, trial.bytes);
    theirs.writeCode(at, trial.bytes);
    const after = Uint32Array.from(before);
    const until = trial.count === 1 ? undefined : at + trial.length;
    const error = theirs.run(after, until);
    const result = ours.run(before, until, done % 2 === 0);
    if (result.faulted !== undefined) faults += 1;
    theirs.readMemory(DATA, ours.scratch);
    const sameMemory = Buffer.compare(ours.scratch, ours.data) === 0;
    if (!sameMemory) theirs.writeMemory(DATA, ours.data);
    judge.compare({ step: done, at, trial, before, error, after, result, sameMemory });
  }
  theirs.close();
  return { steps: done, faults, patterns: patterns.length, excused, differences };
}

/** One step on both sides. */
interface Compared {
  readonly step: number;
  readonly at: number;
  readonly trial: Trial;
  readonly before: Uint32Array;
  /** Unicorn's error, 0 for none, and its state. */
  readonly error: number;
  readonly after: Uint32Array;
  readonly result: { readonly state: Uint32Array; readonly faulted: string | undefined };
  readonly sameMemory: boolean;
}

/** Counts what differs for a known reason, and keeps what differs for none. */
function createJudge(core: CoreName) {
  const excused: Record<string, number> = {};
  const differences: Difference[] = [];
  return {
    excused,
    differences,
    compare({ step, at, trial, before, error, after, result, sameMemory }: Compared): void {
      const { state, faulted } = result;
      const alike = faulted === undefined && equal(after, state, apsrOf(core));
      // Unicorn fetches and translates what a branch leads to within the same step.
      const branched = alike && !isNear(after[15] ?? 0, at);
      const fine = error === 0 ? alike : faulted !== undefined || branched;
      if (fine && (sameMemory || error !== 0)) return;
      const onlyQ = equal(after, state, apsrOf(core) & ~Q);
      const excuse = EXCUSES.find(({ is }) => is({ core, trial, ours: faulted ?? '', onlyQ }));
      if (excuse) {
        excused[excuse.why] = (excused[excuse.why] ?? 0) + 1;
        return;
      }
      const failed = error === 0 ? '' : `error ${error} `;
      differences.push({
        step,
        pattern: trial.name,
        instruction: Buffer.from(trial.bytes.slice(0, trial.length)).toString('hex'),
        before: showState(before),
        oracle: `${failed}${showState(after, before)}${sameMemory ? '' : ' memory differs'}`,
        ours: faulted ?? showState(state, before),
      });
    },
  };
}

/** One instruction, or an IT block of them. */
interface Trial {
  readonly name: string;
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Of the instructions; branches to themselves follow. */
  readonly length: number;
  readonly memory: boolean;
}

const BLOCK_SHARE = 0.1;

function drawTrial(patterns: readonly Pattern[], core: CoreName, next: () => number): Trial | undefined {
  const blocks = core !== 'm0' && core !== 'm0+' && next() < BLOCK_SHARE;
  if (blocks) return drawBlock(patterns, next);
  const pattern = patterns[Math.floor(next() * patterns.length)];
  const draw = pattern && drawn(pattern, next);
  if (!pattern || !draw) return undefined;
  return { name: pattern.name, count: 1, memory: pattern.memory === true, ...assembled([draw]) };
}

function drawBlock(patterns: readonly Pattern[], next: () => number): Trial | undefined {
  const condition = Math.floor(next() * 14);
  const mask = 1 + Math.floor(next() * 15);
  const count = 4 - Math.log2(mask & -mask);
  const draws = [{ word: 0xbf00 | (condition << 4) | mask, wide: false }];
  const names: string[] = [];
  while (draws.length <= count) {
    const pattern = patterns[Math.floor(next() * patterns.length)];
    if (!pattern || !mayBeConditional(pattern)) continue;
    const draw = drawn(pattern, next);
    if (!draw) continue;
    draws.push(draw);
    names.push(pattern.name);
  }
  return { name: `IT: ${names.join(', ')}`, count: count + 1, memory: true, ...assembled(draws) };
}

function assembled(draws: readonly { word: number; wide: boolean }[]): { bytes: Uint8Array; length: number } {
  const halves = draws.flatMap(({ word, wide }) => (wide ? [word >>> 16, word & 0xffff] : [word]));
  const length = 2 * halves.length;
  return { bytes: new Uint8Array(Uint16Array.from([...halves, ...STOP, ...STOP]).buffer), length };
}

function drawState(memory: boolean, at: number, core: CoreName, next: () => number): Uint32Array {
  const state = new Uint32Array(STATE_WORDS);
  for (let index = 0; index < 15; index += 1) state[index] = drawValue(memory, next);
  state[13] = DATA + 0x1000 + 4 * Math.floor(next() * 64);
  state[15] = at;
  state[APSR] = ((Math.floor(next() * 32) << 27) | (Math.floor(next() * 16) << 16)) & apsrOf(core);
  return state;
}

const Q = 1 << 27;

/** Q came with ARMv7-M, GE with the DSP extension. */
function apsrOf(core: CoreName): number {
  if (core === 'm0' || core === 'm0+') return 0xf000_0000;
  return core === 'm3' ? 0xf800_0000 : 0xf80f_0000;
}

const EDGES = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x8000_8000, 31, 32, 33,
];

function drawValue(memory: boolean, next: () => number): number {
  const kind = next();
  if (memory && kind < 0.75) {
    const aligned = next() < 0.8 ? ~3 : ~0;
    return (DATA + 0x1000 + (Math.floor(next() * 0x400) & aligned)) >>> 0;
  }
  if (memory) return Math.floor(next() * 64);
  if (kind < 0.3) return EDGES[Math.floor(next() * EDGES.length)] ?? 0;
  return Math.floor(next() * 2 ** 32) >>> 0;
}

function isNear(address: number, at: number): boolean {
  return address >= at && address <= at + 32;
}

/** Bits 1:0 of SP are 0 on silicon (ARMv7-M ARM, B1.4.1); Unicorn keeps what was written to them. */
function equal(a: Uint32Array, b: Uint32Array, apsr: number): boolean {
  return a.every((word, index) =>
    index === APSR
      ? ((word ^ (b[index] ?? 0)) & apsr) === 0
      : word === b[index] || (index === 13 && (word & ~3) >>> 0 === b[index]),
  );
}

/** All words, or those that changed. */
function showState(state: Uint32Array, from?: Uint32Array): string {
  const name = (index: number) => (index === APSR ? 'apsr' : `r${index}`);
  return [...state]
    .map((word, index) => (from && from[index] === word ? '' : `${name(index)}=${word.toString(16)}`))
    .filter((text) => text !== '')
    .join(' ');
}
