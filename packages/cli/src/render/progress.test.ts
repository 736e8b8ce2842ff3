import { stripVTControlCharacters } from 'node:util';
import type { Progress, Sector } from '@sureflash/programmer';
import { describe, expect, it } from 'vitest';
import { ESCAPE, example, FakeStream, fakeIo, sureflash } from '../testing/harness.ts';
import { Screen } from '../testing/screen.ts';
import { liveProgress, plainProgress } from './progress.ts';
import { PLAIN } from './style.ts';

const COMMAND = `program ${example('dashboard-v2.elf')} --virtual stm32f105-rom --instant --load ${example('dashboard-v1.hex')}`;

const SECTORS: readonly Sector[] = Array.from({ length: 4 }, (_, index) => ({
  index,
  start: 0x0800_0000 + index * 2048,
  end: 0x0800_0800 + index * 2048,
  readable: true,
  erasable: true,
  writable: true,
}));

/** Half of a run of four sectors: the first two are written. */
const HALF: readonly Progress[] = [
  { type: 'phase', phase: 'program', bytes: 8192 },
  ...SECTORS.slice(0, 2).flatMap((sector, i): Progress[] => [
    { type: 'sector', phase: 'program', sector, state: 'erased' },
    { type: 'sector', phase: 'program', sector, state: 'written' },
    { type: 'step', phase: 'program', done: (i + 1) * 2048, fraction: (i + 1) / 4, address: sector.start },
  ]),
];

/** A live view of the half run on a terminal of `width`. */
function halfRun(width: number): { stream: FakeStream; screen: Screen; view: ReturnType<typeof liveProgress> } {
  const stream = new FakeStream({ width });
  const screen = new Screen(width);
  stream.onWrite = (text) => screen.write(text);
  let now = 0;
  const view = liveProgress({ stream, style: PLAIN, now: () => (now += 100) }, SECTORS);
  for (const event of HALF) view.onProgress(event);
  return { stream, screen, view };
}

describe('progress in a terminal', () => {
  it('is a bar with figures, a map, and its legend with the current sector', () => {
    const { screen, view } = halfRun(80);
    view.end();
    expect(screen.lines).toEqual([
      'Programming  ━━━━━━━━━━━───────────   50 %  4 KB  20 KB/s  200 ms left',
      '▓▓··',
      '- to change  = kept  ░ erased  ▓ written  █ verified  sector 1 0x08000800',
    ]);
  });

  it('has the sign of untouched sectors in its legend where there is room', () => {
    const { screen, view } = halfRun(120);
    view.end();
    expect(screen.lines.at(-1)).toMatch(/sector 1 0x08000800 {2}· not touched yet$/);
  });

  it('moves no cursor in a terminal that only adds lines', async () => {
    const { err } = await sureflash(COMMAND, fakeIo({ width: 80, isDumb: true }));
    expect(err).toMatch(/^Verifying {4}.* in \d+ ms$/m);
    expect(err).not.toContain(ESCAPE);
  });

  it('is one line in a narrow window', () => {
    const { screen, view } = halfRun(40);
    view.end();
    expect(screen.lines).toEqual(['Programming  50 %  200 ms left  20 KB/s']);
  });

  it.each([20, 40, 56, 57, 60, 70, 80, 120, 200])('never writes a line longer than a window of %d columns', (width) => {
    const { screen, stream, view } = halfRun(width);
    view.end();
    const lines = stripVTControlCharacters(stream.text).replaceAll('\r', '').split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(width);
    expect(screen.lines.filter((line) => line.startsWith('Programming'))).toHaveLength(1);
  });

  it('puts a note above and leaves nothing of itself behind it', () => {
    const { screen, view } = halfRun(80);
    view.note('Plan  do it');
    view.end();
    expect(screen.lines.map((line) => line.slice(0, 11))).toEqual([
      'Plan  do it',
      'Programming',
      '▓▓··',
      '- to change',
    ]);
  });

  it('leaves no lines behind when the window becomes narrow enough to wrap it', () => {
    const { stream, view } = halfRun(80);
    // 80 columns on 40: each line of more than 40 signs takes two rows now.
    stream.width = 41;
    stream.text = '';
    view.end();
    expect(stream.text.startsWith('\u001b[5A\r\u001b[0J')).toBe(true);
  });

  it.each([40, 80, 120])('ends a real run on a clean screen of %d columns', async (width) => {
    const io = fakeIo({ width });
    const screen = new Screen(width);
    for (const stream of [io.out, io.err]) stream.onWrite = (text) => screen.write(text);
    const { code } = await sureflash(COMMAND, io);
    expect(code).toBe(0);
    const text = screen.lines.join('\n');
    expect(text.match(/^(Comparing|Programming|Verifying)/gm)).toEqual(['Verifying']);
    expect(text).toMatch(/Verifying +(━+ +)?100 %/);
    const map = screen.lines.filter((line) => /^[█=]+$/.test(line));
    expect(map).toEqual(width > 56 ? [`██${'='.repeat(16)}█${'='.repeat(39)}█`] : []);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('Sectors 55 kept, 4 erased and written, all 59 verified');
    expect(screen.lines.at(-1)).toMatch(/saved\)$/);
  });

  it('wraps the long sentences of a diagnosis under themselves', async () => {
    const io = fakeIo({ width: 60 });
    await sureflash(`program ${example('dashboard-v2.elf')} --virtual stm32f105-cubemx-stub --instant`, io);
    expect(Math.max(...io.err.lines.slice(2).map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(io.err.text).toMatch(/\n {2}- its map announces sectors of 16, 64, 128 KB; the flash\n {4}of an STM32F105/);
  });
});

describe('progress in a pipe', () => {
  it('is a line at each quarter and one at the end of a phase', () => {
    const stream = new FakeStream();
    let now = 0;
    const view = plainProgress({ stream, style: PLAIN, now: () => (now += 100) });
    for (const event of HALF) view.onProgress(event);
    view.onProgress({ type: 'phase-end', phase: 'program' });
    expect(stream.lines).toEqual([
      'Programming  25 %  2 KB  20 KB/s  300 ms left',
      'Programming  50 %  4 KB  20 KB/s  200 ms left',
      'Programming  4 KB in 300 ms',
    ]);
  });

  it('has no escape codes and no carriage returns', async () => {
    const { out, err } = await sureflash(COMMAND);
    expect(out + err).not.toContain(ESCAPE);
    expect(out + err).not.toContain('\r');
  });
});

describe('the colours of the output', () => {
  it('are there in a terminal that has them', async () => {
    const { out } = await sureflash(COMMAND, fakeIo({ width: 80, color: true }));
    expect(out.startsWith(`${ESCAPE}[32mVerified${ESCAPE}[39m     4 sectors`)).toBe(true);
  });

  it('are not there with --no-color, and the lines still move', async () => {
    const { out, err } = await sureflash(`${COMMAND} --no-color`, fakeIo({ width: 80, color: true }));
    expect(out + err).not.toMatch(/\[\d+m/);
    expect(err).toContain(`${ESCAPE}[3A`);
  });

  it('are never there in JSON', async () => {
    const { out, err } = await sureflash(`${COMMAND} --json`, fakeIo({ width: 80, color: true }));
    expect(out + err).not.toContain(ESCAPE);
  });
});
