import { describe, expect, it } from 'vitest';
import { example, fakeIo, sureflash } from '../testing/harness.ts';

/** Erases do nothing after the first write: the second group of sectors keeps what it held. */
const BOARD = `--virtual composed-5 --load ${example('dashboard-v1.hex')}`;
const JOB = `program ${example('dashboard-v2.bin')} --at 0x08004000 --instant --force ${BOARD}`;
const ASKED = 'Try it? [y/N]';

describe('a job that fails and leaves more than one cause', () => {
  it('asks at a terminal, with what a trial would erase, and names the one cause when the answer is yes', async () => {
    const { code, err } = await sureflash(JOB, fakeIo({ answers: ['y'] }));
    expect(code).toBe(7);
    expect(err).toMatch(
      /^Undecided {4}erases do nothing \(after the first write\)\n {13}or erases do nothing \(from 0x08014000 on\)$/m,
    );
    expect(err).toMatch(
      /^Trial {8}erase \d+ sectors \(\d+ KB\) between 0x[0-9A-F]{8}\.\.0x[0-9A-F]{8}, write .+ of made-up data/m,
    );
    expect(err).toContain(ASKED);
    expect(err).toMatch(
      /^Why {10}The loader does not do what it was asked to do: erases do nothing \(after the first write\)\.$/m,
    );
    expect(err).toMatch(/^Tried {8}\d+ sectors between .+ Refuted: erases do nothing \(from 0x08014000 on\)\. /m);
  });

  it('tries nothing when the answer is no, and says what else would tell', async () => {
    const { err } = await sureflash(JOB, fakeIo({ answers: ['n'] }));
    expect(err).toContain(ASKED);
    expect(err).not.toContain('Tried ');
    expect(err).toMatch(/^Either {7}The loader does not/m);
    expect(err).toContain('(sureflash program FILE --scratch)');
  });

  it('asks nobody without a terminal, and tries with --scratch alone', async () => {
    const { err } = await sureflash(JOB, fakeIo());
    expect(err).not.toMatch(/Trial|Tried/);
    const { json, result } = await sureflash(`${JOB} --scratch 0x08010000+16K --json`, fakeIo());
    expect(json.some(({ type }) => type === 'trial')).toBe(true);
    expect(result).toMatchObject({ diagnosis: { verdict: 'certain', rivals: [], trial: { outcome: 'one' } } });
  });

  it('refuses a place for trials that is no flash before it changes anything', async () => {
    const { code, err } = await sureflash(`${JOB} --scratch 0x20000000`, fakeIo());
    expect(code).toBe(5);
    expect(err).toContain('[plan/outside]');
  });
});
