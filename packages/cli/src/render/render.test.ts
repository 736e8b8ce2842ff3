import type { Sector } from '@sureflash/programmer';
import { describe, expect, it } from 'vitest';
import { FakeStream } from '../testing/harness.ts';
import { SectorMap } from './sector-map.ts';
import { COLORED, PLAIN } from './style.ts';
import { count, duration, size } from './words.ts';
import { bullet, hang, labelled, visibleLength } from './wrap.ts';

describe('a count in a sentence', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KB'],
    [1536, '1.5 KB'],
    [119_912, '117.1 KB'],
    [1024 * 1024, '1 MB'],
    [1024 * 1024 - 1, '1 MB'],
    [8 * 1024 * 1024, '8 MB'],
  ])('say %d bytes as %s', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });

  it.each([
    [0, '0 ms'],
    [0.4, '0 ms'],
    [999, '999 ms'],
    [999.7, '1.00 s'],
    [1000, '1.00 s'],
    [9_994, '9.99 s'],
    [9_999, '10.0 s'],
    [59_940, '59.9 s'],
    [100_000, '1 min 40 s'],
    [119_600, '2 min 0 s'],
  ])('say %d ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('has its noun in the singular for one alone', () => {
    expect([count(0, 'sector'), count(1, 'sector'), count(2, 'sector')]).toEqual([
      '0 sectors',
      '1 sector',
      '2 sectors',
    ]);
  });
});

describe('a sentence that hangs under its beginning', () => {
  it('breaks at the width of a terminal and goes on under the text', () => {
    expect(hang('  - ', 'one two three four', new FakeStream({ width: 21 }))).toBe('  - one two three\n    four');
  });

  it('leaves a line in a pipe as it is, however long', () => {
    const long = 'word '.repeat(60).trimEnd();
    expect(bullet(long, new FakeStream())).toBe(`  - ${long}`);
  });

  it('keeps a number and its unit together', () => {
    expect(hang('', 'it holds 117.1 KB now', new FakeStream({ width: 16 }))).toBe('it holds\n117.1 KB now');
  });

  it('counts what is seen, not the colours', () => {
    const text = `${COLORED.bad('Error')} x`;
    expect(visibleLength(text)).toBe(7);
    expect(labelled(COLORED.ok('Verified'), 'all', new FakeStream({ width: 20 }))).toBe(
      `${COLORED.ok('Verified')}     all`,
    );
  });

  it('does not hang where that would leave no room for words', () => {
    const lines = labelled('Why', 'some longer text here', new FakeStream({ width: 24 })).split('\n');
    expect(lines).toEqual(['Why          some longer', 'text here']);
  });

  it('leaves a word whole that is longer than the line', () => {
    expect(hang('', `a ${'x'.repeat(30)} b`, new FakeStream({ width: 20 }))).toBe(`a\n${'x'.repeat(30)}\nb`);
  });
});

function sectors(n: number): Sector[] {
  return Array.from({ length: n }, (_, index) => ({
    index,
    start: index * 2048,
    end: (index + 1) * 2048,
    readable: true,
    erasable: true,
    writable: true,
  }));
}

describe('the sector map', () => {
  const [first, second, third, fourth] = sectors(4) as [Sector, Sector, Sector, Sector];

  it('shows what is known of each sector', () => {
    const map = new SectorMap([first, second, third, fourth]);
    expect(map.lines(80, 3, PLAIN)).toEqual(['····']);
    map.note(first, 'same');
    map.note(second, 'different');
    map.note(third, 'erased');
    map.note(fourth, 'written');
    expect(map.lines(80, 3, PLAIN)).toEqual(['=-░▓']);
    map.note(third, 'verified');
    expect(map.lines(80, 3, PLAIN)).toEqual(['=-█▓']);
  });

  it('keeps a kept sector kept, also when it was read back once more', () => {
    const map = new SectorMap([first]);
    map.note(first, 'same');
    map.note(first, 'verified');
    expect(map.lines(80, 3, PLAIN)).toEqual(['=']);
  });

  it('does not know sectors that are no part of the run', () => {
    const map = new SectorMap([first]);
    map.note(second, 'written');
    expect(map.lines(80, 3, PLAIN)).toEqual(['·']);
  });

  it('breaks into rows, and lets neighbours share a sign where there are too many', () => {
    const map = new SectorMap(sectors(256));
    expect(map.lines(100, 3, PLAIN).map((line) => line.length)).toEqual([100, 100, 56]);
    expect(map.lines(40, 3, PLAIN).map((line) => line.length)).toEqual([40, 40, 6]);
  });

  it('lets the least advanced of the neighbours that share a sign tell', () => {
    const map = new SectorMap([first, second]);
    map.note(first, 'verified');
    map.note(second, 'written');
    expect(map.lines(1, 1, PLAIN)).toEqual(['▓']);
    map.note(second, 'verified');
    expect(map.lines(1, 1, PLAIN)).toEqual(['█']);
  });

  it('has a legend that explains its signs', () => {
    expect(new SectorMap([first]).legend(PLAIN)).toEqual([
      '- to change',
      '= kept',
      '░ erased',
      '▓ written',
      '█ verified',
    ]);
    const failed = new SectorMap([first]);
    failed.note(first, 'failed');
    expect(failed.legend(PLAIN)[0]).toBe('× failed');
  });
});
