import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, example, fakeIo, sureflash } from '../testing/harness.ts';

const ELF = example('dashboard-v2.elf');
let folder = '';
let trace = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sureflash-'));
  trace = join(folder, 'run.jsonl');
});

afterAll(async () => await rm(folder, { recursive: true }));

describe('a recorded run', () => {
  it('ends in the same when it is replayed', async () => {
    const board = `--virtual stm32f105-rom --instant --load ${example('dashboard-v1.hex')}`;
    const recorded = await sureflash(`program ${ELF} ${board} --trace ${trace} --json`);
    expect(recorded.code).toBe(0);
    const replayed = await sureflash(`program ${ELF} --replay ${trace} --json`);
    expect(replayed.code).toBe(0);
    const { sectorsErased, bytesWritten, verifiedBytes, outcome } = recorded.result;
    expect(replayed.result).toMatchObject({ sectorsErased, bytesWritten, verifiedBytes, outcome });
  });

  it('passes the recorded time: a loader that wrote flash is not taken for one that was too quick', async () => {
    const file = join(folder, 'custom.jsonl');
    const board = '--virtual stm32f105-custom --instant --chip STM32F105';
    const words = `program ${example('dashboard-v2.bin')} --at 0x08005000 --json --force`;
    const recorded = await sureflash(`${words} ${board} --trace ${file}`);
    const replayed = await sureflash(`${words} --chip STM32F105 --replay ${file}`);
    expect([recorded.code, replayed.code]).toEqual([0, 0]);
    const [before, after] = [Number(recorded.result['writeMs']), Number(replayed.result['writeMs'])];
    expect(after / before).toBeCloseTo(1, 2);
  });

  it('is one JSON object a line, the port first', async () => {
    const lines = (await readFile(trace, 'utf8')).trimEnd().split('\n');
    const types = lines.map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types[0]).toBe('port');
    expect(new Set(types.slice(1))).toEqual(new Set(['alternate', 'in', 'out']));
  });

  describe.each([
    ['option-bytes set nRST_STOP=0', 'stm32f407-rom', 'port'],
    ['unprotect', 'stm32f105-rom-rdp1', 'port'],
    ['option-bytes set RDP=level-2 --for-ever', 'stm32f407-rom', 'absent'],
  ])('of "%s", with which the device leaves the bus,', (words, board, then) => {
    const isFirst = (line: string, i: number): boolean => i > 0 && line.startsWith(`{"type":"${then}"`);
    const record = async (): Promise<{ readonly recorded: Ended; readonly lines: readonly string[] }> => {
      const file = join(folder, 'reopened.jsonl');
      const recorded = await sureflash(`${words} --yes --json --virtual ${board} --instant --trace ${file}`);
      return { recorded, lines: (await readFile(file, 'utf8')).trimEnd().split('\n') };
    };
    const replay = async (lines: readonly string[]): Promise<Ended> =>
      await sureflash(`${words} --yes --json --replay t.jsonl`, fakeIo({ files: [['t.jsonl', lines.join('\n')]] }));

    it('goes on in the replay at the line that tells what became of the device', async () => {
      const { recorded, lines } = await record();
      expect(lines.filter(isFirst)).toHaveLength(1);
      const replayed = await replay(lines);
      expect([recorded.code, replayed.code]).toEqual([0, 0]);
      expect(replayed.json.slice(1)).toEqual(recorded.json.slice(1));
    });

    it('does not replay without the line that tells what became of the device', async () => {
      const { lines } = await record();
      const kept = lines.findIndex(isFirst);
      const { code, result } = await replay(lines.slice(0, kept));
      expect(code).toBe(6);
      expect(result).toMatchObject({
        code: 'trace/diverged',
        facts: { entry: kept + 1, expected: 'the end', found: 'open' },
      });
    });
  });

  it.each([60, 70, 80])('is told to end where only %i lines of it are left', async (kept) => {
    const file = join(folder, 'cut.jsonl');
    const words = 'option-bytes set nRST_STOP=0 --yes --json';
    await sureflash(`${words} --virtual stm32f407-rom --instant --trace ${file}`);
    const lines = (await readFile(file, 'utf8')).split('\n').slice(0, kept);
    const { result } = await sureflash(`${words} --replay t.jsonl`, fakeIo({ files: [['t.jsonl', lines.join('\n')]] }));
    expect(result).toMatchObject({ code: 'trace/diverged', facts: { entry: kept + 1, expected: 'the end' } });
  });

  it('diverges with another file, and says how to replay', async () => {
    const { code, err } = await sureflash(`program ${example('dashboard-v1.elf')} --replay ${trace}`);
    expect(code).toBe(6);
    expect(err).toMatch(
      /\[trace\/diverged\]\n +Replay a trace with the file and the options that it was recorded with\./,
    );
  });

  it.each([
    ['empty', '', 'line 1: expected the header'],
    ['no JSON', 'hello\n', 'line 1: expected the header'],
    ['no trace', '[1]\n', 'line 1: expected the header'],
    ['a header without its fields', '{"type":"port"}\n', 'line 1: expected the header'],
  ])('is refused where it is %s', async (_, text, place) => {
    const { code, err } = await sureflash('info --replay t.jsonl', fakeIo({ files: [['t.jsonl', text]] }));
    expect(code).toBe(5);
    expect(err).toContain(`t.jsonl, ${place} of a trace. [cli/trace]`);
  });

  it.each(['', '7', '{"type":"out","data":"x"}'])(
    'is refused where a later line is %j, with its number',
    async (text) => {
      const [header = ''] = (await readFile(trace, 'utf8')).split('\n');
      const files = [['t.jsonl', `${header}\n${text}\n${header}\n`]] as const;
      const { code, err } = await sureflash('info --replay t.jsonl', fakeIo({ files }));
      expect(code).toBe(5);
      expect(err).toContain('t.jsonl, line 2: expected a transfer of a trace. [cli/trace]');
    },
  );
});
