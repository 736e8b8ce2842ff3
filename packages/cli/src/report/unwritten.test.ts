import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { example, type FakeIo, fakeIo, sureflash } from '../testing/harness.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'sureflash-'));
const GOOD = `program ${example('dashboard-v2.elf')} --virtual stm32f105-rom --instant`;
const BAD = GOOD.replace('stm32f105-rom', 'faulty-writes-ignored');

afterAll(async () => await rm(FOLDER, { recursive: true }));

/** Its files are opened, and take nothing. */
function fullDisk(): FakeIo {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const file = { write: async () => await Promise.reject(full), discard: async () => await Promise.resolve() };
  return { ...fakeIo(), openFile: async () => await Promise.resolve(file) };
}

describe('a report that cannot be written', () => {
  it('is told, and the verified run is one', async () => {
    const { code, err, out } = await sureflash(`${GOOD} --report r.html --quiet`, fullDisk());
    expect(code).toBe(0);
    expect(err).toMatch(/Warning +there is no report of this run: r\.html cannot be written: the disk is full\./);
    expect(out).toContain('Verified');
  });

  it('does not hide why a run failed', async () => {
    const { code, err } = await sureflash(`${BAD} --force --report r.html`, fullDisk());
    expect(code).toBe(7);
    expect(err).toContain('[verify/mismatch]');
  });

  it('leaves one result in JSON', async () => {
    const { json } = await sureflash(`${GOOD} --report r.html --json`, fullDisk());
    expect(json.filter(({ type }) => type === 'result')).toMatchObject([{ ok: true }]);
    expect(json.find(({ type }) => type === 'unwritten')).toMatchObject({ path: 'r.html' });
  });
});

describe.skipIf(platform() !== 'linux')('a trace that cannot be written', () => {
  it('is told, and the job goes on to its proof', async () => {
    const { code, err } = await sureflash(`${GOOD} --trace /dev/full`);
    expect(code).toBe(0);
    expect(err).toMatch(/Warning +the trace breaks off: \/dev\/full cannot be written: the disk is full\./);
  });

  it('is an error at once where it is a pipe that nobody reads', async () => {
    const path = join(FOLDER, 'pipe');
    execFileSync('mkfifo', [path]);
    const { code, err } = await sureflash(`${GOOD} --trace ${path}`);
    expect(code).toBe(5);
    expect(err).toContain('it is a pipe that nobody reads');
  });
});

describe('a trace in the place of another file', () => {
  it('is refused: only a trace is replaced', async () => {
    const path = join(FOLDER, 'fw.hex');
    writeFileSync(path, ':00000001FF\n');
    const { code, result } = await sureflash(`${GOOD} --trace ${path} --json`);
    expect([code, result['code']]).toEqual([5, 'cli/exists']);
    expect(readFileSync(path, 'utf8')).toBe(':00000001FF\n');
  });

  it('replaces an earlier trace, and not the one that is replayed', async () => {
    const path = join(FOLDER, 't.jsonl');
    expect((await sureflash(`info --virtual stm32f105-rom --instant --trace ${path}`)).code).toBe(0);
    expect((await sureflash(`info --virtual stm32f105-rom --instant --trace ${path}`)).code).toBe(0);
    const io = { ...fakeIo(), fileIdentity: async (name: string) => await Promise.resolve(name) };
    const { code, result } = await sureflash(`info --replay ${path} --trace ${path} --json`, io);
    expect([code, result['code']]).toEqual([2, 'cli/own-input']);
  });
});
