import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { example, fakeIo, sureflash } from '../testing/harness.ts';
import { html } from './html.ts';
import { Recorder } from './recorder.ts';

const V1 = example('dashboard-v1.hex');
const V2 = example('dashboard-v2.elf');

async function report(words: string): Promise<{ page: string; code: number; err: string }> {
  const io = fakeIo();
  const { code, err } = await sureflash(`${words} --instant --report r.html`, io);
  return { page: new TextDecoder().decode(io.files.get('r.html')), code, err };
}

/** The text between two headings. */
function section(page: string, title: string): string {
  return page.split('<h2>').find((part) => part.startsWith(`${title}</h2>`)) ?? '';
}

describe('the report of a failed job', () => {
  it('has the cause, what to do, all evidence, the map, the times and the first differences', async () => {
    const { page, code, err } = await report(`program ${V2} --virtual stm32f105-cubemx-stub --force`);
    expect(code).toBe(7);
    expect(err).toMatch(/^Report {7}r\.html$/m);
    expect(page).toContain('An application answers here');
    expect(page.match(/<li class="failed" title="sector \d/g)).toHaveLength(5);
    expect(section(page, 'What to do')).toContain('PA9 (VBUS)');
    expect(section(page, 'Evidence')).toContain('<li>');
    expect(section(page, 'Evidence')).not.toContain('mismatch');
    expect(section(page, 'Also seen')).toContain('mismatch at 0x080001E4');
    expect(section(page, 'Time')).toMatch(/The flash needs.*[\d.]+ s at least/s);
    expect(section(page, 'First differences')).toMatch(/0x080001E0<\/th><th>file<.*<b>00<\/b>.*<b>FF<\/b>/s);
  });

  it('is written also where nothing was done to the device', async () => {
    const { page, code } = await report(`program ${V2} --virtual stm32f105-cubemx-stub`);
    expect(code).toBe(6);
    expect(page).toContain('plan/doubtful');
    expect(section(page, 'Flash')).toBe('');
  });
});

describe('the report of a loader that was found by simulation', () => {
  it('has no heading with nothing below it', async () => {
    const { page, code } = await report(`program ${V2} --virtual composed-3`);
    expect(code).toBe(7);
    expect(section(page, 'What the loader does')).toContain('This explains all');
    expect(page).not.toMatch(/<\/h2>\s*(<[uo]l>\s*<\/[uo]l>\s*)?<\/section>/);
  });
});

describe('the report of a job that succeeded', () => {
  it('shows what was kept and what was written, and the time against the least that the flash needs', async () => {
    const { page, code } = await report(`program ${V2} --virtual stm32f105-rom --load ${V1}`);
    expect(code).toBe(0);
    expect(page).toContain('<h1>Verified: 4 sectors erased');
    expect(page.match(/<li class="kept" title=/g)).toHaveLength(55);
    expect(page.match(/<li class="verified" title=/g)).toHaveLength(4);
    expect(section(page, 'Time')).toMatch(/Compare.*Erase and write.*Read back.*The flash needs/s);
    expect(section(page, 'First differences')).toBe('');
  });
});

describe('all that a bug report needs', () => {
  it('is in the report: the command as it was given, the hash of the file, the unique id, versions', async () => {
    const { page } = await report(`program ${V2} --virtual stm32f105-rom --erase always`);
    expect(page).toContain('--virtual stm32f105-rom --erase always --instant --report r.html</code>');
    const hash = createHash('sha256')
      .update(await readFile(V2))
      .digest('hex');
    expect(page).toContain(`<dt>SHA-256 of the file</dt><dd>${hash} (`);
    expect(page).toMatch(/<dt>Unique id<\/dt><dd>[0-9A-F]{24}<\/dd>/);
    expect(page).toContain(`Node ${process.versions.node}</dd>`);
  });
});

describe('every report', () => {
  it.each([
    `program ${V2} --virtual stm32f105-cubemx-stub --force`,
    `verify ${V2} --virtual stm32f105-rom --load ${V1}`,
    `doctor ${V2} --virtual stm32f105-rom-wrp`,
    'doctor --virtual stm32f105-rom',
  ])('is one file that fetches nothing, for light, dark, paper and phones: %s', async (words) => {
    const { page } = await report(words);
    expect(page).toMatch(/^<!doctype html>\n/);
    expect(page).not.toMatch(/<script|<img|<link|src=|@import|url\(/);
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page).toContain('@media print');
    expect(page).toContain('name="viewport"');
    expect(page).not.toMatch(/undefined|\[object|NaN/);
  });

  it('is told of with --json, before the result', async () => {
    const { json } = await sureflash(
      `verify ${V2} --virtual stm32f105-rom --load ${V2} --instant --report r.html --json`,
    );
    expect(json.map(({ type }) => type)).toContain('report');
  });

  it('that cannot be written ends with 5', async () => {
    const { code, err } = await sureflash('doctor --virtual stm32f105-rom --instant --report /no/r.html');
    expect(code).toBe(5);
    expect(err).toContain('/no/r.html cannot be written');
  });
});

describe('the html of a report', () => {
  it('escapes text that is put in, and leaves HTML alone', () => {
    expect(html`<p title="${'"'}">${'<b>&'}${html`<i>${"'"}</i>`}</p>`.text).toBe(
      '<p title="&quot;">&lt;b&gt;&amp;<i>&#39;</i></p>',
    );
    expect(html`${[html`<b>1</b>`, '<']}${2}`.text).toBe('<b>1</b>\n&lt;2');
  });
});

describe('the recorder of a report', () => {
  it('keeps phases with their times and the last state of each sector, and passes every event on', () => {
    let now = 100;
    const passed: string[] = [];
    const recorder = new Recorder({ now: () => now });
    const onProgress = recorder.watch(({ type }) => passed.push(type));
    const sector = { index: 3, start: 8, end: 16, readable: true, erasable: true, writable: true };
    onProgress({ type: 'phase', phase: 'verify', bytes: 8 });
    now = 150;
    onProgress({ type: 'step', phase: 'verify', done: 8, fraction: 1, address: 8 });
    onProgress({ type: 'sector', phase: 'verify', sector, state: 'failed' });
    now = 170;
    onProgress({ type: 'phase-end', phase: 'verify' });
    expect(recorder.phases).toEqual([{ phase: 'verify', from: 0, to: 70, bytes: 8 }]);
    expect(recorder.sectors).toEqual([{ sector, state: 'failed' }]);
    expect(passed).toEqual(['phase', 'step', 'sector', 'phase-end']);
  });
});
