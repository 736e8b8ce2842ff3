import { faultKinds } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { CASES } from './cases.ts';
import { Content } from './content.ts';
import { judge } from './judge.ts';
import { problemsOf, sumOf } from './tally.ts';
import { caseNamed, courseOf, isAsExpected, type TrialResult, trialsOf, tryFault } from './trial.ts';
import { type Ending, timed, Workbench } from './workbench.ts';

const F105 = caseNamed('stm32f105-rom');
const success: Ending = { kind: 'success', code: '', rivals: [], ms: 1 };
const failed = (code: string, cause?: Ending['cause']): Ending => ({
  kind: 'error',
  code,
  rivals: [],
  ms: 1,
  ...(cause && { cause }),
});
const trial = (result: Partial<TrialResult>): TrialResult => ({
  scenario: 'stm32f105-rom',
  kind: 'stall',
  at: 0,
  ending: success,
  holding: { image: true, rest: true, handedOut: true, elsewhere: true },
  next: 'same',
  ...result,
});

describe('the boards of the campaign', () => {
  it.each(CASES)(
    '$scenario: every kind of fault strikes somewhere in its run, or in that of another board',
    async (each) => {
      const course = await courseOf(each);
      const isRefused = typeof each.ends === 'object';
      expect(isAsExpected(course)).toBe(true);
      expect(course.transfers.length).toBeGreaterThan(isRefused ? 3 : 90);
      expect(new Set(trialsOf(course).map(({ kind }) => kind)).size).toBeGreaterThan(faultKinds.length / 2);
    },
  );

  it('are enough for 20,000 runs', async () => {
    let runs = 0;
    for (const each of CASES) runs += trialsOf(await courseOf(each)).length;
    expect(runs).toBeGreaterThan(20_000);
  });
});

describe('a trial', () => {
  it('finds the fault, judges flash past the wire, and tries again', async () => {
    const course = await courseOf(F105);
    const [erase] = trialsOf(course).filter(({ kind }) => kind === 'dead-sector');
    const result = await tryFault(course, { scenario: F105.scenario, kind: 'dead-sector', at: erase?.at ?? -1 });
    expect(result).toMatchObject({
      ending: { kind: 'error', code: 'verify/mismatch' },
      holding: { image: false },
      next: 'same',
    });
  });

  it('knows that the chip is open when flash was read, and not when nothing was', async () => {
    const bench = new Workbench(F105);
    expect([bench.gaveFlash, await bench.run(60_000), bench.gaveFlash]).toMatchObject([
      false,
      { kind: 'success' },
      true,
    ]);
    const blind = new Workbench(caseNamed('dfu-demo-no-upload'));
    expect([(await blind.run(60_000)).kind, blind.gaveFlash]).toEqual(['unproven', false]);
  });

  it('of a device that was told to be read-protected by chance proposes nothing that destroys', async () => {
    const course = await courseOf(caseNamed('stm32wb55-rom-stack'));
    const [, ...later] = trialsOf(course).filter(({ kind }) => kind === 'error-invented');
    for (const id of later.slice(-3)) expect((await tryFault(course, id)).destroysAgainst).toBeUndefined();
  });

  it('with waits of hours that are not meant ends soon, and right', async () => {
    const course = await courseOf(caseNamed('loader-refuses-set-interface'));
    const [first] = trialsOf(course).filter(({ kind }) => kind === 'poll-time-hours');
    if (!first) throw new Error('no such fault here');
    const { ending, holding } = await tryFault(course, first);
    expect([ending.kind, holding.image]).toEqual(['success', true]);
    expect(ending.ms).toBeLessThan(20_000);
  });

  it('on a map that ends too late blames the map for nothing that happens below its end', async () => {
    const course = await courseOf(caseNamed('bootloader-large-map'));
    for (const kind of ['stall-for-ever', 'error-invented']) {
      const late = trialsOf(course).findLast((each) => each.kind === kind);
      if (!late) throw new Error('no such fault here');
      expect([kind, (await tryFault(course, late)).ending.cause]).not.toContain('flash-smaller');
    }
  });

  it('is the same each time', async () => {
    const course = await courseOf(F105);
    const id = { scenario: F105.scenario, kind: 'data-flipped', at: 60 };
    expect(await tryFault(course, id)).toEqual(await tryFault(course, id));
  });

  it('takes the power away where the fault says that nothing else helps', async () => {
    const course = await courseOf(F105);
    const result = await tryFault(course, { scenario: F105.scenario, kind: 'nak-for-ever', at: 20 });
    expect([result.ending.code, result.next]).toEqual(['usb/timeout', 'same after a power cycle']);
  });
});

describe('what flash holds', () => {
  it.each([
    ['the image', 0x0800_0000 + 5000, { image: false, rest: true, handedOut: true, elsewhere: true }],
    [
      'what is beside it in its sectors',
      0x0800_0000 + 9_500,
      { image: true, rest: false, handedOut: false, elsewhere: true },
    ],
    [
      'erased cells beside it, which held nothing to hand out',
      0x0800_8000 + 3000,
      { image: true, rest: false, handedOut: true, elsewhere: true },
    ],
    ['another sector', 0x0803_0000, { image: true, rest: true, handedOut: true, elsewhere: false }],
  ])('is told apart: %s', async (_, address, expected) => {
    const bench = new Workbench(F105);
    const content = new Content(bench.board, F105);
    await bench.run(60_000);
    expect(content.judge()).toEqual({ image: true, rest: true, handedOut: true, elsewhere: true });
    const [byte = 0] = bench.board.flash.peek(address, 1);
    bench.board.flash.load(address, Uint8Array.of(byte ^ 1));
    expect(content.judge()).toEqual(expected);
  });
});

describe('what was handed out', () => {
  it('makes up for pages that the loader announces as a part of a larger sector', () => {
    const grouped = caseNamed('bootloader-large-sectors');
    const { board } = new Workbench(grouped);
    const content = new Content(board, grouped);
    // The image ends in the page before.
    const address = 0x0800_0000 + 20 * 1024;
    const bytes = board.flash.peek(address, 512);
    expect(bytes.some((byte) => byte !== 0xff)).toBe(true);
    board.flash.load(address, new Uint8Array(512).fill(0xff));
    expect(content.judge()).toMatchObject({ rest: true, elsewhere: false });
    expect(content.judge([{ address, bytes }])).toMatchObject({ rest: false, handedOut: true, elsewhere: true });
  });

  it('is not asked for where a device gives nothing back', () => {
    const closed = caseNamed('dfu-demo-no-upload');
    const { board } = new Workbench(closed);
    const content = new Content(board, closed);
    board.flash.load(0x0800_0000 + 8 * 1024 + 2_600, new Uint8Array(100).fill(0xff));
    expect(content.judge().rest).toBe(true);
  });
});

describe('the sums', () => {
  it('keep to the promises only if nothing is wrong', () => {
    const wrong = { image: false, rest: true, handedOut: true, elsewhere: true };
    const lost = { image: true, rest: false, handedOut: false, elsewhere: true };
    expect(problemsOf(sumOf([trial({})]))).toEqual([]);
    expect(problemsOf(sumOf([trial({ holding: wrong }), trial({ holding: lost })]))).toEqual([
      '2 runs claimed a success that is none',
    ]);
    expect(problemsOf(sumOf([trial({ next: 'other' })]))).toHaveLength(1);
    expect(problemsOf(sumOf([trial({ ending: { ...success, kind: 'hang' } })]))).toHaveLength(1);
    expect(problemsOf(sumOf([trial({ ending: { ...success, kind: 'defect' } })]))).toHaveLength(1);
  });

  it('take it as broken when causes are not named, or wrong ones are', () => {
    const unnamed = trial({ kind: 'request-lost', ending: failed('usb/timeout') });
    const wrong = trial({ kind: 'data-flipped', ending: failed('verify/mismatch', 'stuck-bits') });
    expect(problemsOf(sumOf([unnamed]))).toEqual(['only 0.0 % of the knowable causes were named']);
    expect(problemsOf(sumOf([wrong]))).toEqual(['a wrong cause was named in 100.0 % of the runs that failed']);
  });

  it('take it as broken when a chip that was read shall be erased', () => {
    const ending = { ...failed('usb/timeout', 'usb-link'), destroys: true as const };
    expect(problemsOf(sumOf([trial({ kind: 'request-lost', ending })]))).toEqual([]);
    expect(problemsOf(sumOf([trial({ kind: 'request-lost', ending, destroysAgainst: true })]))).toEqual([
      '1 runs proposed to erase a chip that they had read',
    ]);
  });

  it('take a run without a proof for neither a success nor a failure', () => {
    const wrong = { image: false, rest: true, handedOut: true, elsewhere: true };
    const row = sumOf([trial({ ending: { ...success, kind: 'unproven' }, holding: wrong })]);
    expect([row.withoutProof, row.successes, row.falseSuccesses, row.unproven]).toEqual([1, 0, 0, 0]);
    expect(problemsOf(row)).toEqual([]);
  });

  it('count a run that fails over right flash as unproven, and one that lost bytes', () => {
    const lost = { image: false, rest: false, handedOut: false, elsewhere: true };
    const ending = failed('usb/gone');
    const row = sumOf([
      trial({ ending }),
      trial({ ending, holding: lost }),
      trial({ ending, holding: { ...lost, handedOut: true } }),
    ]);
    expect([row.unproven, row.lostRest, row.handedOut, row.successes]).toEqual([1, 1, 1, 0]);
    expect(problemsOf(row)).toContain('1 runs lost bytes beside the image that nothing has kept');
  });

  it('call it a hang when the time is over', async () => {
    const { clock } = new Workbench(F105);
    const ending = await timed(clock, 5_000, () => new Promise(() => undefined));
    expect([ending.kind, ending.ms]).toEqual(['hang', 5_000]);
  });
});

describe('a cause', () => {
  it.each([
    ['request-lost', failed('usb/timeout', 'usb-link'), { knowable: true, naming: 'right' }],
    ['request-lost', failed('usb/timeout', 'stuck-busy'), { knowable: true, naming: 'wrong' }],
    ['request-lost', failed('usb/timeout'), { knowable: true, naming: 'open' }],
    [
      'answer-short',
      { ...failed('read/short', 'flash-smaller'), rivals: ['nonsense'] } satisfies Ending,
      { knowable: true, naming: 'among' },
    ],
    ['data-flipped', failed('verify/mismatch', 'stuck-bits'), { knowable: false, naming: 'wrong' }],
    ['data-flipped', failed('verify/mismatch'), { knowable: false, naming: 'open' }],
    [
      'data-flipped',
      { ...failed('verify/mismatch', 'stuck-bits'), rivals: ['operation-lost'] } satisfies Ending,
      { knowable: false, naming: 'among' },
    ],
    ['dead-sector', failed('verify/mismatch', 'operation-lost'), { knowable: false, naming: 'wrong' }],
    ['answer-flipped', failed('device/unstable-read', 'usb-link'), { knowable: true, naming: 'right' }],
    ['stall', failed('plan/doubtful', 'stub-media'), { knowable: false, naming: 'wrong' }],
  ] as const)('of %s is judged by what its evidence allows', (kind, ending, expected) => {
    expect(judge(kind, [], ending)).toEqual(expected);
  });

  it('is not asked for after a success', () => {
    expect(judge('stall', [], success)).toBeUndefined();
  });

  it('is what the board itself shows, whatever strikes it', () => {
    expect(judge('stall', ['stub-media'], failed('usb/stall', 'stub-media'))).toEqual({
      knowable: true,
      naming: 'right',
    });
  });
});
