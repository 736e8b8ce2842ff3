import { describe, expect, it } from 'vitest';
import { example, fakeIo, sureflash } from '../testing/harness.ts';

const JOB = `program ${example('dashboard-v2.bin')} --at 0x08005000 --instant --force --virtual faulty-offset-of-vectors`;

describe('a job on a loader that writes everything 0x100 bytes too high', () => {
  it('is explained by just that, with what was read beside what a right loader gives, and the function to look at', async () => {
    const { code, err } = await sureflash(JOB, fakeIo());
    expect(code).toBe(7);
    expect(err).toMatch(/^Why {10}The loader writes to an address that is off by a constant\.$/m);
    expect(err).toMatch(
      /^Simulated {4}Writes are 0x100 bytes too high\. This explains all [\d,]+ bytes, in all reads/m,
    );
    expect(err).toMatch(/^ {2}0x[0-9A-F]{8}( {2}| )([0-9A-F]{2} ){16} read$/m);
    expect(err).toMatch(/^ +([0-9A-F]{2} ){16} a right loader$/m);
    expect(err).toMatch(/^In the code {2}MEM_If_Write_FS: /m);
  });

  it('has the simulated loader in its JSON, with bytes as text', async () => {
    const { out } = await sureflash(`${JOB} --json`, fakeIo());
    const last = out.trim().split('\n').at(-1) ?? '';
    expect(last).toMatch(/"example":\{"address":\d+,"expected":"[0-9A-F]{32}","read":"[0-9A-F]{32}"/);
    expect(JSON.parse(last)).toMatchObject({
      diagnosis: {
        cause: 'wrong-base',
        verdict: 'certain',
        model: {
          isCertain: true,
          sentence: 'writes are 0x100 bytes too high',
          parts: [{ kind: 'shift', on: ['write'], isConditional: false }],
          rivals: [],
        },
      },
    });
  });

  it('has a section in its report that says what the loader does', async () => {
    const io = fakeIo();
    await sureflash(`${JOB} --report r.html`, io);
    const page = new TextDecoder().decode(io.files.get('r.html'));
    expect(page).toMatch(/<h2>What the loader does<\/h2><p>Writes are 0x100 bytes too high\./);
    expect(page).toContain('a right loader</th>');
  });
});

describe('a job behind the ids and strings of a ROM', () => {
  it('is explained as any other where what was read contradicts a ROM', async () => {
    const board = 'impostor-f105-one-sector';
    const { code, result } = await sureflash(
      `program ${example('dashboard-v2.bin')} --at 0x08005000 --instant --force --virtual ${board} --json`,
    );
    expect(code).toBe(7);
    expect(result).toMatchObject({ diagnosis: { cause: 'loader-deviates', verdict: 'undecided' } });
  });
});

describe('a search for the loader', () => {
  it('ends with the processor time that it may take, where the clock of the device stands still', async () => {
    let computed = 0;
    const io = { ...fakeIo(), computedMs: () => (computed += 500) };
    const { code, err } = await sureflash(JOB, io);
    expect(code).toBe(7);
    // What sends bytes where they turned up comes first: it is found before time is looked at.
    expect(err).toContain('There was no time to try every other loader.');
  });
});
