import { describe, expect, it } from 'vitest';
import { isSettled, joinModel, leavesOpen } from './join.ts';
import type { LoaderModel, LoaderTrial } from './loader-model.ts';
import { type Observation, seen } from './observation.ts';
import { diagnose } from './rank.ts';

const SHIFTED: LoaderModel = {
  isCertain: true,
  isComplete: true,
  sentence: 'writes are 0x100 bytes too high',
  parts: [{ kind: 'shift', on: ['write'], isConditional: false }],
  bytesDiffering: 700,
  bytesExplained: 700,
  rivals: [],
  rivalParts: [],
  code: ['MEM_If_Write_FS: compute the address.'],
  remedies: ['compute the address.'],
};
const RIVALLED: LoaderModel = { ...SHIFTED, isCertain: false, rivals: ['reads are 0x100 bytes too low'] };
const CONFIRMED: LoaderTrial = {
  outcome: 'one',
  rounds: 1,
  place: { start: 0x0800_4000, end: 0x0800_8000 },
  sectors: 8,
  bytesWritten: 9000,
  bytesRead: 20_000,
  refuted: ['reads are 0x100 bytes too low'],
};
const BEFORE: LoaderModel['parts'] = [{ kind: 'previous-data', on: ['write'], isConditional: false }];
const LOADER = seen('loader', { loader: 'custom', title: 'a loader' });
const MOVED = seen('content-moved', { address: 0x0800_5100, offset: -0x100 });
/** Some sectors stay as they were, and no option bytes were read. */
const UNREAD = [
  LOADER,
  seen('unchanged', { samples: 2, blank: false }),
  seen('sectors-differ', { first: 4, last: 7, start: 0x0800_4000, end: 0x0800_8000, count: 4, touched: 9 }),
];
const PROTECTED = [seen('option-wrp', { sectors: [4] }), seen('unchanged', { samples: 2, blank: false })];

const join = (evidence: readonly Observation[], model: LoaderModel | undefined) =>
  joinModel(evidence, { ...(model && { model }) }, undefined);

describe('a simulated loader', () => {
  it('that says the same as a row makes that row certain, and says it in numbers', () => {
    expect(join([LOADER, MOVED], SHIFTED)).toMatchObject({
      cause: 'wrong-base',
      verdict: 'certain',
      rivals: [],
      model: SHIFTED,
    });
  });

  it('that no row says is a cause of its own, with its own remedy first', () => {
    const found = join([LOADER], SHIFTED);
    expect(found).toMatchObject({ cause: 'loader-deviates', verdict: 'likely' });
    expect(found?.title).toBe('The loader does not do what it was asked to do: writes are 0x100 bytes too high.');
    expect(found?.remedies[0]?.text).toContain('compute the address.');
    expect(found?.evidence[0]).toContain('writes are 0x100 bytes too high');
  });

  it('that reaches further than it was asked makes a row certain that says so, and says how far', () => {
    const all: LoaderModel = {
      ...SHIFTED,
      sentence: 'erases clear the whole flash',
      parts: [{ kind: 'erase-all', on: ['erase'], isConditional: false }],
    };
    const lost = seen('lost-elsewhere', { address: 0x0800_0000, bytes: 1024, isBeside: false });
    expect(join([LOADER, lost], all)).toMatchObject({ cause: 'erases-elsewhere', verdict: 'certain', model: all });
  });

  it('that takes another sector instead makes no row certain that says that more was taken, or that the map is wrong', () => {
    const next: LoaderModel = {
      ...SHIFTED,
      sentence: 'erases clear the next sector instead',
      parts: [{ kind: 'erase-neighbour', on: ['erase'], isConditional: false, isInstead: true }],
    };
    const sectors = { start: 0x0800_0000, end: 0x0800_0800 };
    const other = seen('erased-instead', { ...sectors, erasedStart: 0x0800_0800, erasedEnd: 0x0800_1000 });
    expect(join([LOADER, other], next)).toMatchObject({ cause: 'erases-another', verdict: 'certain', model: next });
    const more = seen('erased-beyond', { ...sectors, erasedStart: 0x0800_0000, erasedEnd: 0x0800_1000 });
    expect(join([LOADER, more], next)?.cause).toBe('loader-deviates');
    const less = seen('partly-erased', { ...sectors, erasedEnd: 0x0800_0400 });
    expect(join([LOADER, less], next)?.cause).toBe('loader-deviates');
  });

  it('with rivals outweighs rows that a model could have said, and that neither it nor a rival says', () => {
    const elsewhere: LoaderModel = {
      ...RIVALLED,
      sentence: 'reads go to the other half of the flash',
      parts: [{ kind: 'line', on: ['read'], isConditional: false }],
      rivalParts: [[{ kind: 'line', on: ['erase', 'write'], isConditional: false }]],
    };
    const same = [LOADER, seen('unchanged', { samples: 2, blank: false })];
    expect(join(same, elsewhere)).toMatchObject({ cause: 'loader-deviates', verdict: 'undecided' });
    const silent: LoaderModel = {
      ...elsewhere,
      rivalParts: [[{ kind: 'lost', on: ['erase', 'write'], isConditional: false }]],
    };
    expect(join(same, silent)?.cause).toBe('changes-ignored');
  });

  it('with rivals is not certain, and names them with what would tell', () => {
    const found = join([LOADER], { ...RIVALLED, tellApart: 'Program another file.' });
    expect(found?.verdict).toBe('undecided');
    expect(found?.rivals.map(({ title }) => title)).toEqual([
      'The loader does not do what it was asked to do: reads are 0x100 bytes too low.',
    ]);
    expect(found?.tellApart.map(({ action, text }) => action ?? text)).toEqual([
      'try-job-sectors',
      'Program another file.',
    ]);
  });

  it('that a trial has confirmed is certain, also where no row says it', () => {
    const found = joinModel([LOADER], { model: SHIFTED, trial: CONFIRMED }, undefined);
    expect(found).toMatchObject({ cause: 'loader-deviates', verdict: 'certain', trial: CONFIRMED });
  });

  it('is offered no second trial where one has left rivals', () => {
    const found = joinModel([LOADER], { model: RIVALLED, trial: { ...CONFIRMED, outcome: 'several' } }, undefined);
    expect(found).toMatchObject({ verdict: 'undecided', tellApart: [] });
  });

  it('that a trial has refuted with all others leaves a cause without a number', () => {
    const found = joinModel([LOADER], { trial: { ...CONFIRMED, outcome: 'none' } }, undefined);
    expect(found).toMatchObject({ cause: 'loader-deviates', verdict: 'likely' });
    expect(found?.title).toContain('no simple mistake explains all of it');
    expect(joinModel([LOADER, MOVED], { trial: { ...CONFIRMED, outcome: 'none' } }, undefined)?.cause).toBe(
      'wrong-base',
    );
  });

  it('that was found before every other one was tried is likely, and makes no row certain', () => {
    const early = { ...SHIFTED, isCertain: false, isComplete: false };
    expect(join([LOADER], early)?.verdict).toBe('likely');
    const rows = join([LOADER, MOVED], undefined);
    expect(join([LOADER, MOVED], early)).toEqual({ ...rows, model: early });
  });

  it('with rivals changes no verdict of the rows', () => {
    const rows = join([LOADER, MOVED], undefined);
    expect(join([LOADER, MOVED], RIVALLED)).toEqual({ ...rows, model: RIVALLED });
  });

  it('outweighs a protection that nobody has read, with rivals as well, and is no proof of one', () => {
    const rows = join(UNREAD, undefined);
    expect(rows?.cause).toBe('write-protected');
    expect(join(UNREAD, RIVALLED)).toMatchObject({ cause: 'loader-deviates', verdict: 'undecided' });
    const lost = { ...SHIFTED, parts: [{ kind: 'lost', on: ['erase', 'write'], isConditional: true }] } as const;
    expect(join(UNREAD, lost)).toEqual({ ...rows, model: lost });
  });

  it('is what makes a constant offset certain: other loaders leave bytes elsewhere too', () => {
    expect(join([LOADER, MOVED], undefined)).toMatchObject({ cause: 'wrong-base', verdict: 'likely' });
    const before = {
      ...SHIFTED,
      sentence: 'writes have the bytes of the block before',
      parts: BEFORE,
      isCertain: false,
    };
    expect(join([LOADER, MOVED], before)).toMatchObject({ cause: 'loader-deviates', verdict: 'likely' });
  });

  it('outweighs one operation that went wrong and a bad link, which the memory alone tells, with rivals as well', () => {
    const once = seen('one-operation', { start: 0x0800_4000, end: 0x0800_4400, sectors: 1, right: 9 });
    const twice = seen('reads-unstable', { address: 0x0800_4000, first: 1, second: 2, again: false });
    for (const sign of [once, twice])
      expect(join([LOADER, sign], RIVALLED)).toMatchObject({ cause: 'loader-deviates', verdict: 'undecided' });
  });

  it('contradicts a row that is certain and that it could have said', () => {
    const held = [
      LOADER,
      seen('blank-sectors-hold', { held: 4, failed: 1 }),
      seen('unchanged', { samples: 2, blank: false }),
    ];
    expect(join(held, undefined)).toMatchObject({ cause: 'erase-ignored', verdict: 'certain' });
    const found = join(held, { ...RIVALLED, parts: [{ kind: 'erase-sectors', on: ['erase'], isConditional: false }] });
    expect(found).toMatchObject({ cause: 'loader-deviates', verdict: 'undecided' });
    expect(found?.runnersUp.map(({ cause }) => cause)).toEqual(['erase-ignored']);
  });

  it('leaves open what a trial would tell, where a rival does something else than a certain row says', () => {
    const held = [LOADER, seen('blank-sectors-hold', { held: 4, failed: 1 })];
    const lost = { kind: 'lost', on: ['erase'], isConditional: false } as const;
    const model = { ...RIVALLED, parts: [lost], rivalParts: [[{ ...lost, isConditional: true }]] };
    expect(join(held, model)).toMatchObject({ cause: 'erase-ignored', verdict: 'certain' });
    expect(leavesOpen(held, model, undefined)).toBe(false);
    expect(leavesOpen(held, { ...model, rivalParts: [[{ ...lost, kind: 'line' }]] }, undefined)).toBe(true);
  });

  it('one of whose rivals a row says leaves the row likely', () => {
    const held = [LOADER, seen('blank-sectors-hold', { held: 4, failed: 1 })];
    const line = { kind: 'line', on: ['erase'], isConditional: false } as const;
    const model = { ...RIVALLED, parts: [line], rivalParts: [[{ ...line, kind: 'lost' }]] };
    expect(join(held, model)).toMatchObject({ cause: 'erase-ignored', verdict: 'likely', model });
  });

  it('of reads alone is no end of the flash', () => {
    const wraps = seen('content-wraps', { address: 0x0800_0000, period: 0x1000 });
    const line = { kind: 'line', isConditional: false } as const;
    const reads: LoaderModel = { ...SHIFTED, parts: [{ ...line, on: ['read'] }] };
    expect(join([LOADER, wraps], reads)?.cause).toBe('loader-deviates');
    const all: LoaderModel = { ...SHIFTED, parts: [{ ...line, on: ['erase', 'write', 'read'] }] };
    expect(join([LOADER, wraps], all)).toMatchObject({ cause: 'flash-smaller', verdict: 'certain' });
  });

  it('that is not found leaves rows that it could have said as guesses, and says so', () => {
    const held = [
      LOADER,
      seen('blank-sectors-hold', { held: 4, failed: 1 }),
      seen('unchanged', { samples: 2, blank: false }),
    ];
    const found = joinModel(held, { hasFailed: true }, undefined);
    expect(found).toMatchObject({ cause: 'erase-ignored', verdict: 'likely', isGuess: true });
    const stub = [
      seen('loader', { loader: 'cubemx-application', title: 'an application' }),
      seen('reads-same', { addresses: [0x0800_0000, 0x0800_4000], bytes: 256, vectors: true }),
    ];
    expect(joinModel(stub, { hasFailed: true }, undefined)).toEqual(join(stub, undefined));
    expect(joinModel(PROTECTED, { hasFailed: true }, undefined)).toEqual(join(PROTECTED, undefined));
  });

  it('does not outweigh option bytes', () => {
    const rows = join(PROTECTED, undefined);
    expect(rows?.cause).toBe('write-protected');
    expect(join(PROTECTED, SHIFTED)).toEqual(rows);
  });
});

describe('a row that is certain', () => {
  const QUICK = seen('too-quick', { sectorsErased: 4, bytesWritten: 9000, tookMs: 20, leastMs: 900 });
  const SAME = [LOADER, seen('unchanged', { samples: 4, blank: false }), seen('reads-distinct', { addresses: [0, 1] })];

  it('is settled where identity, times or reads made for it prove it, and open where a model could say something else', () => {
    expect(isSettled(diagnose([...SAME, QUICK], undefined))).toBe(true);
    expect(isSettled(diagnose([LOADER, MOVED], undefined))).toBe(false);
    expect(isSettled(undefined)).toBe(false);
  });

  it('by its time is a guess where a trial has refuted every loader', () => {
    const refuted: LoaderTrial = { ...CONFIRMED, outcome: 'none' };
    const found = joinModel([...SAME, QUICK], { hasFailed: true, trial: refuted }, undefined);
    expect(found).toMatchObject({ cause: 'changes-ignored', isGuess: true });
    expect(joinModel([...SAME, QUICK], { hasFailed: true }, undefined)).toMatchObject({ verdict: 'certain' });
  });

  it('that nothing was changed is none where flash has changed elsewhere', () => {
    const elsewhere = seen('written-elsewhere', { address: 0x0802_0000, bytes: 256 });
    expect(diagnose([...SAME, QUICK, elsewhere], undefined)?.cause).not.toBe('changes-ignored');
  });
});
