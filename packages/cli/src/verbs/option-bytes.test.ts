import { describe, expect, it } from 'vitest';
import { fakeIo, sureflash } from '../testing/harness.ts';

const F407 = '--virtual stm32f407-rom --instant';

describe('option-bytes show', () => {
  it('are shown where nothing is said', async () => {
    const words = '--virtual stm32f105-rom --instant';
    const [bare, show] = [await sureflash(`option-bytes ${words}`), await sureflash(`option-bytes show ${words}`)];
    expect(bare).toMatchObject({ out: show.out, code: 0 });
    expect(bare.out).toContain('RDP');
  });

  it('tells every option by name, in columns, and what is write-protected', async () => {
    const { code, out, err } = await sureflash('option-bytes show --virtual stm32f105-rom-wrp --instant');
    expect(code).toBe(0);
    expect(err).toMatch(/^Device .*STM32F105/);
    expect(out).toMatchInlineSnapshot(`
      "RDP         level 0 (0xA5)           read protection
      WDG_SW      started by software (1)  independent watchdog
      nRST_STOP   no reset (1)             what entering the mode makes
      nRST_STDBY  no reset (1)             what entering the mode makes
      Data0       0xFF                     for the user
      Data1       0xFF                     for the user
      WRP         0xFFFFFFF3               write protection: a 0 protects 4 KB, the last all the rest
      Protected    against writing: 4 sectors from 4 to 7, 0x08002000..0x08004000
      "
    `);
  });

  it('says in one line of which sectors it is not known, and why', async () => {
    const { out } = await sureflash('option-bytes show --virtual stm32l476-rom --instant');
    expect(out.split('\n').filter((line) => line.startsWith('Protected'))).toEqual([
      'Protected    no sector is seen to be protected; not known to be open: 256 sectors from 256 to 511, 0x08080000..0x08100000 (not shown, or proprietary or secure code may close them)',
    ]);
  });

  it('says the same as JSON, with the bytes', async () => {
    const { result } = await sureflash(`option-bytes show --json ${F407}`);
    expect(result).toMatchObject({ ok: true, layout: 'f2-f405', certain: true, writeProtected: [] });
    expect(result['fields']).toContainEqual({
      name: 'BOR_LEV',
      value: 3,
      meaning: 'off',
      about: 'brown-out reset level',
      state: 'ok',
    });
    expect(result['blocks']).toMatchObject([{ address: 0x1fff_c000 }]);
  });

  it('tells of a chip that is not certain only what its candidates have alike, and says so', async () => {
    const { code, out, err } = await sureflash('option-bytes show --virtual stm32f429-rom-1-mb --instant');
    expect(code).toBe(0);
    expect(out).toContain('nWRP');
    expect(out).not.toContain('BFB2');
    expect(err).toContain('the chip is not known for certain');
    const stated = await sureflash('option-bytes show --virtual stm32f429-rom-1-mb --instant --chip STM32F429');
    expect(stated.out).toContain('BFB2');
  });

  it.each([
    ['stm32f105-rom-rdp1', 8, 'device/read-protected'],
    ['stm32h7s3-rom', 6, 'option-bytes/unknown'],
    ['stm32f105-cubemx-stub', 6, 'option-bytes/absent'],
  ])('of %s ends with %i, %s', async (board, exit, code) => {
    const ended = await sureflash(`option-bytes show --virtual ${board} --instant`);
    expect(ended.code).toBe(exit);
    expect(ended.err).toContain(`[${code}]`);
    expect(ended.err).not.toMatch(/undefined|\[object/);
  });
});

it('option bytes that the bootloader shows and is not known to change are not written', async () => {
  const ended = await sureflash('option-bytes set nBOOT_SEL=0 --yes --virtual stm32g0b1-rom --instant');
  expect(ended.code).toBe(6);
  expect(ended.err).toContain('[option-bytes/read-only]');
  expect(ended.err).toContain('--stlink');
});

describe('option-bytes set', () => {
  const set = async (words: string, answers?: readonly string[]) =>
    await sureflash(
      `option-bytes set ${words} ${F407}`.replaceAll(/ +/g, ' '),
      fakeIo({ ...(answers && { answers }) }),
    );

  it('shows the plan, asks, follows the reset and reads back', async () => {
    const { code, out, err } = await set('bor_lev=2.1V nWRP=0xFFE', ['y']);
    expect(code).toBe(0);
    expect(out).toBe('Set          BOR_LEV = 2.1 V (0x2), nWRP = 0xFFE: read back\n');
    expect(err).toMatch(/Plan +rewrite the option bytes, 16 bytes at 0x1FFFC000; then the chip resets itself/);
    expect(err).toMatch(/- BOR_LEV: off \(0x3\) -> 2\.1 V \(0x2\)\n +- nWRP: 0xFFF -> 0xFFE/);
    expect(err).toMatch(/Write 2 options\? \[y\/N\] y/);
  });

  it('leaves a chip that has the values already alone', async () => {
    const { code, out, err } = await set('BOR_LEV=off RDP=0');
    expect(code).toBe(0);
    expect(out).toMatch(/^Unchanged/);
    expect(err).not.toContain('Plan');
  });

  it('tells what the power must do where the ROM does not reset the chip', async () => {
    const { out, err } = await sureflash('option-bytes set nBOOT0=0 --yes --virtual stm32u585-rom --instant');
    expect(err).toContain('they take effect at the next power-on');
    expect(err).toMatch(/Caution +nBOOT0: decides what the chip starts/);
    expect(out).toMatch(/read back; switch the power off and on/);
  });

  it('closes the chip when that is asked for, and takes its refusal for the proof', async () => {
    const { code, out, err } = await set('RDP=level-1 --yes');
    expect(code).toBe(0);
    expect(err).toMatch(/Caution +RDP: .*erases everything/);
    expect(out).toMatch(/^Set +RDP = level 1 \(0xBB\): the chip is now closed/);
  });

  it.each([
    ['BOR_LEV=0', undefined, 2, 'cli/unconfirmed', /add --yes/],
    ['BOR_LEV=0', [''], 130, 'cli/declined', /as you chose/],
    ['BOR_LEV=0', ['n'], 130, 'cli/declined', /as you chose/],
    ['', undefined, 2, 'cli/usage', /This does not say what to set\./],
    ['BOR_LEV', undefined, 2, 'cli/usage', /"BOR_LEV" is not NAME=VALUE/],
    ['nWHAT=1', undefined, 2, 'option-bytes/field', /no option "nWHAT"\. There is: RDP, BOR_LEV/],
    ['BOR_LEV=9', undefined, 2, 'option-bytes/value', /BOR_LEV cannot be "9"\. It can be: 2\.7-V, 2\.4-V/],
    ['RDP=3', undefined, 2, 'option-bytes/value', /level-0, level-1, level-2/],
    ['RDP=2 --yes', undefined, 2, 'option-bytes/for-ever', /no debugger, no bootloader/],
  ] as const)('%s, answered with %j, ends with %i, %s', async (words, answers, exit, code, says) => {
    const ended = await set(words, answers);
    expect(ended.code).toBe(exit);
    expect(ended.out).toBe('');
    expect(ended.err).toMatch(says);
    expect(ended.err).toContain(`[${code}]`);
  });

  it('wants --yes with --json, where nobody can be asked, and shows the plan', async () => {
    const { code, json } = await sureflash(`option-bytes set --json BOR_LEV=0 ${F407}`, fakeIo({ answers: ['y'] }));
    expect(code).toBe(2);
    expect(json.map(({ type }) => type)).toEqual(['device', 'plan', 'result']);
    expect(json.at(-1)).toMatchObject({ ok: false, code: 'cli/unconfirmed' });
  });

  it('of a read-protected chip is refused with 8', async () => {
    const { code, err } = await sureflash('option-bytes set RDP=0 --yes --virtual stm32u585-rom-rdp1 --instant');
    expect(code).toBe(8);
    expect(err).toContain('[device/read-protected]');
  });

  it('with a mistyped action names the two that there are', async () => {
    const { code, err } = await sureflash(`option-bytes shwo ${F407}`);
    expect(code).toBe(2);
    expect(err).toContain('"shwo" is neither show nor set.');
  });

  it('is named where assignments are given to show', async () => {
    const { code, err } = await sureflash(`option-bytes show BOR_LEV=0 ${F407}`);
    expect(code).toBe(2);
    expect(err).toContain('option-bytes set NAME=VALUE');
  });
});

describe('sureflash unprotect', () => {
  const RDP1 = 'unprotect --virtual stm32f105-rom-rdp1 --instant';

  it('says what is erased, asks, and proves that the chip is open', async () => {
    const { code, out, err } = await sureflash(RDP1, fakeIo({ answers: ['yes'] }));
    expect(code).toBe(0);
    expect(err).toMatch(/Plan +remove the read protection; this erases all of Internal Flash \(256 KB\), the RAM/);
    expect(err).toContain('Erase all of it? [y/N] yes');
    expect(out).toMatch(/^Opened +the chip is erased/);
  });

  it.each([
    [undefined, 2, 'cli/unconfirmed'],
    [['no'], 130, 'cli/declined'],
  ] as const)('erases nothing when it is answered with %j', async (answers, exit, code) => {
    const ended = await sureflash(RDP1, fakeIo({ ...(answers && { answers }) }));
    expect(ended.code).toBe(exit);
    expect(ended.err).toContain(`[${code}]`);
    expect(ended.out).toBe('');
  });

  it('has nothing to do on an open chip', async () => {
    const { code, out } = await sureflash('unprotect --virtual stm32f105-rom --instant');
    expect(code).toBe(0);
    expect(out).toMatch(/^Open +the chip is not read-protected/);
  });

  it('opens a U5, which reads as erased and only tells by its option bytes', async () => {
    const { code, result } = await sureflash('unprotect --yes --json --virtual stm32u585-rom-rdp1 --instant');
    expect(code).toBe(0);
    expect(result).toMatchObject({ ok: true, outcome: 'opened' });
  });
});

describe('--supply', () => {
  const erase = async (words: string) => await sureflash(`erase --sectors 0-3 --instant --json ${words}`);

  it('makes an F4 ROM that reckons with 1.8 V quicker', async () => {
    const { json } = await erase('--virtual stm32f407-rom --supply 3.3V');
    expect(json).toContainEqual({ type: 'supply', schema: 1, volts: 3.3, range: 3, bytesAtOnce: 4 });
  });

  it('is told by itself to an F4 whose USB runs from VDD, and that is said', async () => {
    const { json } = await erase('--virtual stm32f429-rom');
    expect(json).toContainEqual({ type: 'supply', schema: 1, volts: 2.7, range: 3, bytesAtOnce: 4, implied: true });
    const { err } = await sureflash('erase --sectors 0 --instant --virtual stm32f429-rom');
    expect(err).toContain('at least 2.7 V, as USB works: the bootloader programs 4 bytes at once');
  });

  it('is not told with "none"', async () => {
    const { json } = await erase('--virtual stm32f429-rom --supply none');
    expect(json.filter((event) => event['type'] === 'supply')).toEqual([]);
  });

  it('is asked for where USB has a supply pin of its own', async () => {
    const { err } = await sureflash('erase --sectors 0 --instant --virtual stm32f446-rom');
    expect(err).toContain('not known');
    expect(err).toContain('--supply 3.3');
  });

  it('is said to change nothing where there is no Device Feature', async () => {
    const { code, err } = await sureflash('erase --sectors 0 --virtual stm32f105-rom --instant --supply 3.3');
    expect(code).toBe(0);
    expect(err).toContain('no Device Feature');
  });

  it.each(['5', '1.2', '3,3', 'high'])('refuses %s', async (volts) => {
    const { code, err } = await sureflash(`erase --all --supply ${volts} --virtual stm32f407-rom --instant`);
    expect(code).toBe(2);
    expect(err).toContain('not a supply voltage');
  });
});
