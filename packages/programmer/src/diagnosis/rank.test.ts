import { findChipByName } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { CAUSES } from './causes/index.ts';
import { type Observation, seen } from './observation.ts';
import { diagnose } from './rank.ts';
import { asRemedy } from './remedy.ts';
import { WORDS } from './words.ts';

const F105 = findChipByName('STM32F105');
const STUB: readonly Observation[] = [
  seen('loader', { loader: 'cubemx-application', title: 'application with the class' }),
  seen('reads-same', { addresses: [0x0800_0000, 0x0800_4000], bytes: 256, vectors: true }),
  seen('map-default', {}),
];
const TOO_QUICK = seen('too-quick', {
  sectorsErased: 5,
  bytesWritten: 119_910,
  tookMs: 364,
  leastMs: 3_000,
  chip: 'STM32F105',
});

describe('diagnose', () => {
  it('says nothing where nothing is to be explained', () => {
    expect(diagnose([])).toBeUndefined();
    expect(diagnose([seen('loader', { loader: 'st-rom', title: 'a ROM' })])).toBeUndefined();
  });

  it('names no cause for hints alone', () => {
    const hints = [
      seen('loader', { loader: 'custom', title: 'x' }),
      seen('commands-missing', { offered: [], missing: [] }),
      seen('reads-distinct', { addresses: [] }),
    ];
    expect(diagnose(hints)).toBeUndefined();
  });

  it('takes an application that ignores addresses and has the generated map for a stub', () => {
    const found = diagnose(STUB, F105);
    expect(found).toMatchObject({ cause: 'stub-media', verdict: 'certain', rivals: [] });
    expect(found?.remedies.map(({ text }) => text).join('\n')).toContain('0x1FFFB000');
    expect(found?.remedies.map(({ text }) => text)[0]).toContain('BOOT0 = 1 and BOOT1 = 0 at reset');
  });

  it('shows what speaks for the cause first, the strongest first, and leaves nothing out', () => {
    const place = { address: 0x0800_01e4, expected: 0, found: 0xff, differing: 10, compared: 1000 };
    const found = diagnose([seen('mismatch', place), ...STUB, TOO_QUICK], F105);
    expect(found?.observations.map(({ kind }) => kind)).toEqual([
      'reads-same',
      'too-quick',
      'loader',
      'map-default',
      'mismatch',
    ]);
    expect(found?.evidence[1]).toBe(
      '5 sectors erased and 117.1 KB written in 0.36 s: an STM32F105 needs at least 3.00 s, so nothing was programmed',
    );
    expect(found?.evidence[4]).toBe('mismatch at 0x080001E4: 0xFF instead of 0x00; 10 of 1000 bytes differ');
  });

  it('names both where reads cannot tell two causes apart, and says how to know', () => {
    const same = [
      seen('loader', { loader: 'custom', title: 'x' }),
      seen('reads-same', { addresses: [0, 4], bytes: 256, vectors: false }),
    ];
    const found = diagnose(same);
    expect(found?.verdict).toBe('undecided');
    expect([found?.cause, ...(found?.rivals.map(({ cause }) => cause) ?? [])]).toEqual([
      'stub-media',
      'read-address-ignored',
      'address-ignored',
    ]);
    expect(found?.tellApart.map(({ action }) => action)).toContain('try-scratch');
  });

  it('decides as soon as time speaks', () => {
    const slow = [...STUB.slice(1, 2), seen('time-plausible', { tookMs: 4000, leastMs: 3000 })];
    expect(diagnose(slow)?.cause).toBe('read-address-ignored');
    expect(diagnose([...STUB.slice(1, 2), seen('loader', { loader: 'custom', title: 'x' }), TOO_QUICK])).toMatchObject({
      cause: 'stub-media',
      verdict: 'certain',
    });
  });

  it('takes a flash behind a ROM that did not change for write-protected', () => {
    const evidence = [
      seen('loader', { loader: 'st-rom', title: 'a ROM' }),
      seen('unchanged', { samples: 4, blank: false }),
      seen('sectors-differ', { count: 4, touched: 59, first: 4, last: 7, start: 0x0800_2000, end: 0x0800_4000 }),
    ];
    expect(diagnose(evidence)).toMatchObject({ cause: 'write-protected', verdict: 'certain', rivals: [] });
  });
});

describe('one exception among much that is right', () => {
  const ROM = seen('loader', { loader: 'st-rom', title: 'a ROM' });
  const ONE = seen('one-operation', { start: 0x0800_2000, end: 0x0800_2800, sectors: 1, right: 7 });
  const bits = (bytes: number): Observation => seen('bits-stuck', { value: 0, bytes, address: 0x0800_2001 });
  const kept: readonly Observation[] = [
    ROM,
    ONE,
    seen('unchanged', { samples: 1, blank: false }),
    seen('sectors-differ', { count: 1, touched: 8, first: 4, last: 4, start: 0x0800_2000, end: 0x0800_2800 }),
  ];
  const named = (evidence: readonly Observation[]): Set<string | undefined> => {
    const found = diagnose(evidence, F105);
    return new Set([found?.cause, ...(found?.rivals.map(({ cause }) => cause) ?? [])]);
  };

  it.each([
    ['one wrong bit: damaged on its way, or worn', [ROM, ONE, bits(1)], ['operation-lost', 'stuck-bits']],
    ['bits in several bytes: worn', [ROM, ONE, bits(3)], ['stuck-bits']],
    ['a sector as it was', kept, ['dead-sector', 'operation-lost', 'write-protected']],
    [
      'a sector as it was, with option bytes that protect nothing',
      [...kept, seen('option-wrp-none', {})],
      ['dead-sector', 'operation-lost'],
    ],
    ['a sector as it was, and protected', [...kept, seen('option-wrp', { sectors: [4] })], ['write-protected']],
  ])('%s', (_, evidence, causes) => {
    expect(named(evidence)).toEqual(new Set(causes));
  });

  it('lets no single misread decide between flash and link', () => {
    const unstable = (again: boolean): Observation =>
      seen('reads-unstable', { address: 0x0800_0007, first: 1, second: 2, again });
    expect(named([ROM, unstable(false)])).toEqual(new Set(['unstable-content', 'usb-link']));
    expect(named([ROM, unstable(true)])).toEqual(new Set(['unstable-content']));
  });
});

describe('the rows of causes', () => {
  const ids = CAUSES.map(({ id }) => id);

  it('have names of their own, a sentence, a remedy and a source each', () => {
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, title, explanation, remedies, sources } of CAUSES) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(title).toMatch(/^[A-Z].*\.$/);
      expect(explanation).toMatch(/\.$/);
      expect(remedies(undefined).length).toBeGreaterThan(0);
      for (const each of [...remedies(undefined), ...remedies(F105)]) expect(asRemedy(each).text).toMatch(/^\S.*\S$/);
      expect(sources.every(({ url }) => url.startsWith('https://'))).toBe(true);
      expect(sources.length).toBeGreaterThan(0);
    }
  });

  it('can each be named: what speaks for a cause is enough when nothing else is seen', () => {
    for (const cause of CAUSES) {
      const weights = cause.for.map(({ weight }) => weight);
      expect(Math.max(...weights)).toBeGreaterThanOrEqual(3);
    }
  });

  it('tell apart from causes that exist', () => {
    const others = CAUSES.flatMap((cause) => ('tellApart' in cause ? Object.keys(cause.tellApart) : []));
    expect(others.filter((other) => !ids.some((id) => id === other))).toEqual([]);
  });

  it('use every kind of observation, or show it', () => {
    const shownOnly = ['option-rdp', 'map-read-only-start', 'reads-blank'];
    const used = new Set(CAUSES.flatMap((cause) => [...cause.for, ...cause.against].map(({ kind }) => kind as string)));
    expect(Object.keys(WORDS).filter((kind) => !used.has(kind) && !shownOnly.includes(kind))).toEqual([]);
  });
});
