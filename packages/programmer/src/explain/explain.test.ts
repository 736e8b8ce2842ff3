import { expect, test } from 'vitest';
import { FLASH_START, pagedFlash } from '../../testing/flash-shapes.ts';
import type { Clock } from '../ports/clock.ts';
import { tryModel } from './exact/exact.ts';
import { searchProblemOf } from './exact/problem.ts';
import { explainOnce, explainRecording, type RecordingExplanation } from './explain.ts';
import { condition } from './grammar/condition.ts';
import { keyOfModel, when } from './grammar/primitive.ts';
import { table } from './primitives/data.ts';
import { blankGuard } from './primitives/guard.ts';
import { lost } from './primitives/part.ts';
import { ERASES, WRITES } from './primitives/place.ts';
import { lateAnswer, staleLines } from './primitives/source.ts';
import type { Change, Operation, ReadRequest, Recording } from './recording/record.ts';
import { machineOf } from './simulate/machine.ts';
import { predict } from './simulate/predict.ts';
import { windowCells } from './simulate/read-cells.ts';
import { explainByTrials } from './trials.ts';
import { weigh } from './verdict/verdict.ts';
import { wordsOf } from './words/words.ts';

/** Time is the number of looks at the clock: how busy the machine is must not decide. */
let looked = 0;
const clock: Clock = { now: () => looked++, sleep: async () => {} };
const START = FLASH_START;
const BLOCK = 1024;
const SIZE = 64 * 1024;
const shape = pagedFlash(SIZE);

function noise(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 16;
  });
}

/** A loader, byte by byte: the other way than the machine goes. */
interface Loader {
  readonly flash: Uint8Array;
  readonly erase?: (at: number, length: number, flash: Uint8Array) => void;
  readonly write?: (at: number, bytes: Uint8Array, number: number) => (readonly [number, number])[];
  /** `i`: place in the answer. */
  readonly read?: (at: number, number: number, flash: Uint8Array, i: number) => number;
}

const asAsked = (at: number, bytes: Uint8Array) => [...bytes].map((byte, i) => [at + i, byte] as const);

function act({ flash, erase, write = asAsked, read }: Loader, asked: readonly (Change | ReadRequest)[]): Operation[] {
  return asked.map((operation): Operation => {
    if (operation.kind === 'erase-all') return operation;
    const at = operation.address - START;
    if (operation.kind === 'erase') {
      if (erase) erase(at, operation.length, flash);
      else flash.fill(0xff, at, at + operation.length);
    } else if (operation.kind === 'write') {
      for (const [to, byte] of write(at, operation.bytes, operation.number))
        if (to >= 0 && to < SIZE) flash[to] = (flash[to] ?? 0) & byte;
    } else {
      const bytes = Uint8Array.from({ length: operation.length }, (_, i) =>
        read ? read(at + i, operation.number, flash, i) : (flash[at + i] ?? 0xff),
      );
      return { kind: 'read', base: operation.base, number: operation.number, address: operation.address, bytes };
    }
    return operation;
  });
}

function record(loader: Omit<Loader, 'flash'>, bytes = noise(20 * BLOCK + 300, 7), flash = noise(SIZE, 99)): Recording {
  const at = START + 4096;
  const blocks = Array.from({ length: Math.ceil(bytes.length / BLOCK) }, (_, i) => {
    const part = bytes.subarray(i * BLOCK, (i + 1) * BLOCK);
    const address = at + i * BLOCK;
    return part.length === BLOCK ? { base: at, number: i, address, part } : { base: address, number: 0, address, part };
  });
  const reads = blocks.map(({ part, ...block }): ReadRequest => ({ kind: 'read', ...block, length: part.length }));
  const looks = [0, 0x8000, 0xc000, SIZE - 128].map(
    (offset): ReadRequest => ({ kind: 'read', base: START + offset, number: 0, address: START + offset, length: 128 }),
  );
  const sectors = shape.sectors.filter((sector) => sector.start < at + bytes.length && sector.end > at);
  const asked: (Change | ReadRequest)[] = [
    ...looks,
    ...reads,
    ...sectors.map(({ start, end }): Change => ({ kind: 'erase', address: start, length: end - start })),
    ...blocks.map(({ part, ...block }): Change => ({ kind: 'write', ...block, bytes: part })),
    ...reads,
    ...looks,
  ];
  return { shape, blockSize: BLOCK, operations: act({ ...loader, flash }, asked) };
}

async function named(loader: Omit<Loader, 'flash'>, bytes?: Uint8Array) {
  const { certainty, models } = await explainRecording(record(loader, bytes), { clock, limitMs: 400 });
  return { certainty, sentences: models.map((model) => wordsOf(model).sentence) };
}

test('a loader that writes 0x100 too high is named with its offset', async () => {
  const { certainty, sentences } = await named({ write: (at, bytes) => asAsked(at + 0x100, bytes) });
  expect(certainty).not.toBe('cannot-tell');
  expect(sentences[0]).toBe('writes are 0x100 bytes too high');
});

test('writes that do nothing are named', async () => {
  expect((await named({ write: () => [] })).sentences[0]).toBe('writes do nothing');
});

test('erases that do nothing are named, from bits that were only cleared', async () => {
  expect((await named({ erase: () => {} })).sentences[0]).toBe('erases do nothing');
});

test('a stuck address line of all operations is named by its number', async () => {
  const fold = (at: number) => at & ~0x1000;
  const loader = {
    erase: (at: number, length: number, flash: Uint8Array) => void flash.fill(0xff, fold(at), fold(at) + length),
    write: (at: number, bytes: Uint8Array) => [...bytes].map((byte, i) => [fold(at + i), byte] as const),
    read: (at: number, _: number, flash: Uint8Array) => flash[fold(at)] ?? 0xff,
  };
  const { sentences } = await named(loader);
  expect(sentences).toContain('erases, writes and reads take address bit A12 for 0');
});

test('bytes of every block that something else wrote over are named with their value', async () => {
  const patched = (bytes: Uint8Array) => bytes.map((byte, i) => (i >= 0x100 && i < 0x110 ? 0xa5 : byte));
  const { sentences } = await named({ write: (at, bytes) => asAsked(at, patched(bytes)) });
  expect(sentences[0]).toBe('writes have 0xA5 in bytes 256 to 271 of every block');
});

const SIZE_AT = 0x1fff_f7e0;

/** A job, with a read before and after of the register that holds the size of the flash in every such chip. */
async function namedBySize(loader: Omit<Loader, 'flash'>, answer: readonly number[]) {
  const recording = record(loader);
  const asked = { kind: 'read', base: SIZE_AT, number: 0, address: SIZE_AT, bytes: Uint8Array.from(answer) } as const;
  const known = [{ address: SIZE_AT, bytes: Uint8Array.of(SIZE / 1024, 0) }];
  const operations = [asked, ...recording.operations, asked];
  const { models } = await explainRecording({ ...recording, operations, known }, { clock, limitMs: 400 });
  return models.map((model) => wordsOf(model).sentence);
}

test('a size register that reads wrong tells displaced reads from displaced erases and writes', async () => {
  const read = (at: number, _: number, flash: Uint8Array) => flash[at + 0x1000] ?? 0xff;
  expect((await namedBySize({ read }, [0xff, 0xff]))[0]).toBe('reads are 0x1000 bytes too high');
});

test('a size register that reads right tells displaced erases and writes from displaced reads', async () => {
  const erase = (at: number, length: number, flash: Uint8Array) =>
    void flash.fill(0xff, at - 0x1000, at - 0x1000 + length);
  const loader = { erase, write: (at: number, bytes: Uint8Array) => asAsked(at - 0x1000, bytes) };
  expect((await namedBySize(loader, [SIZE / 1024, 0]))[0]).toBe('erases and writes are 0x1000 bytes too low');
});

/** A job that fails, and the same loader for trials in the place of the image. */
async function tried(
  loader: Omit<Loader, 'flash'>,
  {
    mayTry,
    from = 0x1000,
    limitMs = 400,
  }: { readonly mayTry?: (named: number) => boolean; readonly from?: number; readonly limitMs?: number } = {},
) {
  const flash = noise(SIZE, 99);
  const recording = record(loader, undefined, flash);
  const carryOut = async (asked: readonly (Change | ReadRequest)[]) =>
    await Promise.resolve(
      act({ ...loader, flash }, asked).flatMap((done) => (done.kind === 'read' ? [done.bytes] : [])),
    );
  const scratch = { start: START + from, end: START + 4096 + 22 * BLOCK };
  const asking = mayTry && {
    mayTry: async ({ models }: RecordingExplanation) => await Promise.resolve(mayTry(models.length)),
  };
  return await explainByTrials(recording, carryOut, { clock, limitMs, scratch, ...asking });
}

test('a trial tells a limit of addresses from a limit of numbers, which the run alone does not', async () => {
  const write = (at: number, bytes: Uint8Array) => (at >= 0x3000 ? [] : asAsked(at, bytes));
  const { untried, explanation, trials } = await tried({ write });
  expect(untried.certainty).toBe('undecided');
  expect(explanation.certainty).toBe('certain');
  expect(explanation.models.map((model) => wordsOf(model).sentence)).toEqual([
    'writes do nothing (from offset 0x3000 on)',
  ]);
  expect(trials).toBeGreaterThan(0);
});

test.each([
  ['the place that is read', 0x1000, 'certain'],
  ['other places', 0x2000, 'undecided'],
])(
  'a trial of which no read shows what it wrote makes nothing certain: it writes to %s',
  async (_place, from, certainty) => {
    const read = (_at: number, _: number, flash: Uint8Array, i: number) => flash[0x1000 + i] ?? 0xff;
    const { explanation, trials } = await tried({ read }, { from });
    expect(trials).toBeGreaterThan(0);
    expect(explanation.models.map((model) => wordsOf(model).sentence)).toEqual(['reads all go to offset 0x1000']);
    expect(explanation.certainty).toBe(certainty);
  },
);

test.each([
  ['from', (limit: number) => when(condition('from-address', limit), lost(ERASES))],
  ['below', (limit: number) => when(condition('below-address', limit), lost(ERASES))],
  ['up to', (limit: number) => when(condition('ends-from', limit), lost(ERASES))],
])('a limit of erases is certain only where both sides of it were erased: %s it', (_, lossAt) => {
  const limit = 0x3000;
  const model = [lossAt(limit)];
  const content = noise(SIZE, 99);
  const certainWithout = (kept: readonly number[]): boolean => {
    const asked = shape.sectors.flatMap(({ start, end }): (Change | ReadRequest)[] => [
      ...(kept.includes(start - START) ? [] : [{ kind: 'erase', address: start, length: end - start } as const]),
      { kind: 'read', base: start, number: 0, address: start, length: 256 },
    ]);
    const before = asked.filter((each) => each.kind === 'read');
    const all = [...before, ...asked];
    let next = 0;
    const answers = predict(model, shape, all, { blockSize: BLOCK, content });
    const operations = all.map(
      (each): Operation =>
        each.kind === 'read' ? { ...each, bytes: answers[next++]?.value ?? new Uint8Array(0) } : each,
    );
    const problem = searchProblemOf({ shape, blockSize: BLOCK, operations });
    const exact = tryModel(problem, model);
    return exact !== undefined && weigh(problem, shape, [exact], { isTried: true }).isCertain;
  };
  const sector = (shape.sectors[0]?.end ?? 0) - START;
  // An end at the limit counts as beyond it.
  const above = model[0]?.condition?.kind === 'ends-from' ? limit - sector : limit;
  expect(certainWithout([])).toBe(true);
  expect(certainWithout([above])).toBe(false);
  expect(certainWithout([above - sector])).toBe(false);
  expect(certainWithout([above + sector])).toBe(true);
});

test.each([
  ['as likely', 0x3000, 0x2c00],
  ['odder', 0x2000, 0x2400],
])(
  'a limit that is known is not certain where another one fits that is %s, though no other is looked for',
  async (_, limit, other) => {
    const write = (at: number, bytes: Uint8Array) => (at >= limit ? [] : asAsked(at, bytes));
    const named = [[when(condition('from-address', limit), lost(WRITES))]];
    const explained = async (bytes: Uint8Array) =>
      (await explainOnce(record({ write }, bytes), { clock, limitMs: 400 }, { known: named, named, variant: 1 }))
        .explanation;
    const image = noise(20 * BLOCK + 300, 7);
    expect(await explained(image)).toMatchObject({ certainty: 'certain' });
    // Of a block of erased bytes nothing shows whether it was written.
    const { certainty, models } = await explained(
      image.fill(0xff, Math.min(limit, other) - 4096, Math.max(limit, other) - 4096),
    );
    expect(certainty).toBe('undecided');
    expect(models.map(keyOfModel)).toEqual([limit, other].map((each) => `lost(w)@from-address(${each})`));
  },
);

test('a model that a trial refutes is not named', async () => {
  let writes = 0;
  const write = (at: number, bytes: Uint8Array) =>
    asAsked(at, bytes).map(([to, byte]) => [to, writes++ < 21 * BLOCK ? byte ^ 0xff : byte ^ (writes & 0xff)] as const);
  const { untried, explanation } = await tried({ write });
  expect(untried.models.length).toBeGreaterThan(0);
  expect(explanation).toMatchObject({ certainty: 'cannot-tell', models: [] });
});

test('before a trial on a loader of which nothing is known it is asked once more', async () => {
  let writes = 0;
  const write = (at: number, bytes: Uint8Array) =>
    asAsked(at, bytes).map(([to, byte]) => [to, writes++ < 21 * BLOCK ? byte ^ 0xff : byte ^ (writes & 0xff)] as const);
  const asked: boolean[] = [];
  const { explanation, trials } = await tried(
    { write },
    {
      mayTry: (named) => {
        asked.push(named > 0);
        return named > 0;
      },
    },
  );
  expect(asked).toEqual([true, false]);
  expect(trials).toBe(1);
  expect(explanation).toMatchObject({ certainty: 'cannot-tell', models: [] });
});

test('two deviations together reproduce what one alone does not', () => {
  const write = (at: number, bytes: Uint8Array, number: number) =>
    number === 0 ? [] : asAsked(at, bytes).map(([to, byte]) => [to, byte ^ 0xff] as const);
  const problem = searchProblemOf(record({ write }, noise(6 * BLOCK, 7)));
  const loss = when(condition('first-of-run'), lost(WRITES));
  const inverted = table(WRITES, 'invert');
  expect([[loss], [inverted], [loss, inverted]].map((model) => tryModel(problem, model) !== undefined)).toEqual([
    false,
    false,
    true,
  ]);
});

test('an erase that passes over sectors which begin blank is told from one that looks at their ends', () => {
  const flash = noise(SIZE, 99);
  for (const sector of [4, 7, 9]) flash.fill(0xff, sector * 2048, sector * 2048 + 16);
  const erase = (at: number, length: number, all: Uint8Array) =>
    all.subarray(at, at + 4).every((byte) => byte === 0xff) ? undefined : void all.fill(0xff, at, at + length);
  const problem = searchProblemOf(record({ erase }, undefined, flash));
  const [start, end] = (['sector-start', 'sector-end'] as const).map((place) => [blankGuard('erase', place, 4)]);
  expect(tryModel(problem, start ?? [])).toBeDefined();
  expect(tryModel(problem, end ?? [])).toBeUndefined();
});

test('reads from lines of a cache that nothing empties are reproduced with the size of the lines alone', () => {
  const lines = new Map<number, Uint8Array>();
  const read = (at: number, _: number, flash: Uint8Array) => {
    const kept = lines.get(at >> 12) ?? flash.slice((at >> 12) << 12, ((at >> 12) + 1) << 12);
    lines.set(at >> 12, kept);
    return kept[at & 0xfff] ?? 0;
  };
  const problem = searchProblemOf(record({ read }));
  expect(tryModel(problem, [staleLines(0x1000, 128)])).toBeDefined();
  expect(tryModel(problem, [staleLines(0x1000, 1)])).toBeUndefined();
});

test('a right loader leaves nothing to explain', async () => {
  const { certainty, models, bytesDiffering } = await explainRecording(record({}), { clock });
  expect({ certainty, models, bytesDiffering }).toEqual({ certainty: 'cannot-tell', models: [], bytesDiffering: 0 });
});

test('what few bytes show is named, and called certain only after a trial', async () => {
  const first = (bytes: number) => (at: number, sent: Uint8Array, number: number) =>
    number === 0 ? asAsked(at + bytes, sent.subarray(bytes)) : asAsked(at, sent);
  const { certainty, models, bytesDiffering } = await explainRecording(record({ write: first(4) }), { clock });
  expect(bytesDiffering).toBeLessThan(16);
  expect([certainty, models.map(keyOfModel)]).toEqual([
    'undecided',
    expect.arrayContaining([expect.stringContaining('head-lost(w bytes=4)')]),
  ]);
  const { models: none } = await explainRecording(record({ write: first(1) }), { clock });
  expect(none).toEqual([]);
});

test('what one wrong byte does not tell, a trial shows', async () => {
  const write = (at: number, bytes: Uint8Array, number: number) =>
    number === 0 ? asAsked(at + 1, bytes.subarray(1)) : asAsked(at, bytes);
  const { untried, explanation, trials } = await tried({ write }, { limitMs: 4000 });
  expect(untried.bytesDiffering).toBeLessThan(3);
  expect(untried.models).toEqual([]);
  expect(explanation.models.map(keyOfModel)).toContain('head-lost(w bytes=1)@first-of-run()');
  expect(trials).toBeGreaterThan(0);
});

test('losses without any rule are not named', async () => {
  const dice = noise(SIZE, 1234);
  const write = (at: number, bytes: Uint8Array) => asAsked(at, bytes).filter(([to]) => (dice[to] ?? 0) > 40);
  expect((await named({ write })).certainty).toBe('cannot-tell');
});

test('an explanation shows what was asked, what a right loader gives, and what was read', async () => {
  const { example, bytesDiffering, bytesExplained } = await explainRecording(record({ write: () => [] }), { clock });
  expect(example?.asked).toEqual(example?.expected);
  expect([...(example?.read ?? [])]).toEqual(Array.from({ length: 16 }, () => 0xff));
  expect(bytesExplained).toBe(bytesDiffering);
});

test('a search whose time is up ends with "cannot tell"', async () => {
  let now = 0;
  const late: Clock = { now: () => (now += 50), sleep: async () => {} };
  const write = (at: number, bytes: Uint8Array) =>
    asAsked(
      at + 0x100,
      bytes.map((byte) => byte & 0xfe),
    );
  const { certainty } = await explainRecording(record({ write }), { clock: late, limitMs: 100 });
  expect(certainty).toBe('cannot-tell');
});

test('that a place was blank before is no reason to be certain that it was erased', async () => {
  const flash = noise(SIZE, 99).fill(0xff, 4096 + 10 * BLOCK);
  const { operations, ...rest } = record({ erase: () => undefined }, noise(20 * BLOCK, 7), flash);
  const later = { ...rest, operations: operations.slice(operations.findIndex(({ kind }) => kind === 'erase')) };
  const problem = searchProblemOf(later);
  const [half, whole] = [when(condition('below-address', 4096 + 10 * BLOCK), lost(ERASES)), lost(ERASES)].map((each) =>
    tryModel(problem, [each]),
  );
  if (!half || !whole) throw new Error('both reproduce what was read');
  expect(whole.total).toBeGreaterThan(half.total + 100);
  const { near, isCertain } = weigh(problem, shape, [half, whole], { isTried: true });
  expect([near, isCertain]).toEqual([2, false]);
});

test('an answer that comes late is looked at where it comes from, as far as that goes', () => {
  const reads = [64, BLOCK].map(
    (length, i): ReadRequest => ({ kind: 'read', base: START, number: i, address: START + i * BLOCK, length }),
  );
  const operations = act({ flash: noise(SIZE, 3) }, reads);
  const { ground, steps } = searchProblemOf({ shape, blockSize: BLOCK, operations });
  const machine = machineOf([lateAnswer(0xff)], ground);
  const cellsOf = (from: number, to: number): number[][] => {
    const [, step] = steps;
    return step ? windowCells(machine, steps, step, [from, to]).map(({ start, end }) => [start, end]) : [];
  };
  expect(cellsOf(0, 32)).toEqual([[0, 32]]);
  expect(cellsOf(32, 96)).toEqual([[32, 64]]);
  expect(cellsOf(512, 576)).toEqual([[BLOCK + 512, BLOCK + 576]]);
});
