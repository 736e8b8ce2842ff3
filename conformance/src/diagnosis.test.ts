import { findChipByName, optionLayoutOf } from '@sureflash/chips';
import { chipOf, inspect, isFlashError, verify } from '@sureflash/programmer';
import type { CauseId, Diagnosis } from '@sureflash/programmer/diagnosis';
import { defectiveScenarios, romRows, scenarioNameOf } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig } from './rig.ts';

/** What is wrong with each board, in our words; where no reading can tell two causes apart, both may be named. */
const EXPECTED: Readonly<Record<string, readonly CauseId[]>> = {
  'faulty-read-address-ignored': ['read-address-ignored', 'address-ignored', 'stub-media'],
  'faulty-write-address-ignored': ['write-address-ignored', 'writes-stop'],
  'faulty-address-ignored': ['address-ignored', 'read-address-ignored', 'stub-media'],
  'faulty-erase-ignored': ['erase-ignored', 'changes-ignored'],
  'faulty-writes-ignored': ['writes-ignored', 'changes-ignored'],
  'faulty-changes-ignored': ['changes-ignored', 'writes-ignored', 'erase-ignored'],
  'faulty-half-of-block': ['part-of-blocks'],
  'faulty-block-arithmetic': ['block-arithmetic'],
  'faulty-offset-base': ['wrong-base'],
  'faulty-offset-of-vectors': ['wrong-base'],
  'faulty-neighbours-erased': ['neighbours-erased', 'foreign-map'],
  'faulty-wrapping-flash': ['flash-smaller'],
  'faulty-stuck-bits': ['stuck-bits', 'operation-lost'],
  'faulty-echo': ['echo'],
  'faulty-last-block-read': ['echo'],
  'faulty-bytes-swapped': ['bytes-swapped'],
  'faulty-changing-content': ['unstable-content', 'usb-link'],
  'faulty-reset-in-mid-run': ['reset-in-mid-run'],
  'faulty-stuck-busy': ['stuck-busy'],
};

const BASE = 0x0800_5000;
/** Larger than the smallest period of a flash that wraps. */
const LENGTH = 90_000;
/** ST's start-up file of the larger STM32F1: by it the chip is known, and with it the time that its flash needs. */
const BOOT_RAM = { offset: 0x1e0, word: 0xf1e0_f85f };

/** A firmware with a vector table. */
function firmware(seed: number, length = LENGTH): Uint8Array {
  const bytes = noise(length, seed);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x2001_0000, true);
  view.setUint32(4, BASE + 0x1e5, true);
  view.setUint32(BOOT_RAM.offset, BOOT_RAM.word, true);
  return bytes;
}

/** Another version: every second kilobyte is new, and it goes on behind the end of the old one. */
function nextVersion(old: Uint8Array): Uint8Array {
  const bytes = firmware(2, old.length);
  for (let at = 0; at < bytes.length; at += 2048) bytes.set(old.subarray(at, at + 1024), at);
  return bytes;
}

interface Outcome {
  readonly diagnosis?: Diagnosis;
  /** Whether the flash holds the image, past every wire. */
  readonly holds: boolean;
  readonly failed: boolean;
}

const CASES = [
  ['over an older version', firmware(1).subarray(0, 60_000), nextVersion(firmware(1))],
  ['over another firmware', firmware(7), firmware(8)],
  ['over blank flash', new Uint8Array(0), firmware(9)],
] as const;

type CaseName = (typeof CASES)[number][0];

const outcomes = new Map<string, Promise<Outcome>>();

/** Each board meets each case once. */
async function outcomeOf(scenario: string, name: CaseName): Promise<Outcome> {
  const key = `${scenario} ${name}`;
  const found = outcomes.get(key) ?? tryCase(scenario, name);
  outcomes.set(key, found);
  return await found;
}

async function tryCase(scenario: string, name: CaseName): Promise<Outcome> {
  const [, before = new Uint8Array(0), image = new Uint8Array(0)] = CASES.find(([each]) => each === name) ?? [];
  const rig = new Rig(scenario, { flash: [{ address: BASE, bytes: before }] });
  const whole = imageAt(BASE, image);
  const ended = await rig.program(whole, { force: true }).catch((error: unknown) => error);
  return { holds: rig.holds(whole), failed: ended instanceof Error, ...diagnosisOf(ended) };
}

function diagnosisOf(error: unknown): { readonly diagnosis?: Diagnosis } {
  return isFlashError(error) && error.diagnosis ? { diagnosis: error.diagnosis } : {};
}

/** The named cause and its rivals. */
const namesIn = (found: Diagnosis | undefined): CauseId[] =>
  found ? [found.cause, ...found.rivals.map(({ cause }) => cause)] : [];

describe.each(defectiveScenarios)('$name', ({ name }) => {
  const right = EXPECTED[name] ?? [];
  const [cause] = right;

  it.each(CASES)('programmed %s, is diagnosed with the right cause or holds the image', async (title) => {
    const { diagnosis, holds, failed } = await outcomeOf(name, title);
    const named = namesIn(diagnosis);
    expect(failed || holds).toBe(true);
    // A cause that is named alone must be the right one; with rivals the right one must be among them.
    expect(failed ? named : [cause]).toContain(cause);
    expect(named.filter((each) => !right.includes(each))).toEqual([]);
  });

  it('fails in at least one of these cases', async () => {
    const tried = await Promise.all(CASES.map(async ([title]) => await outcomeOf(name, title)));
    expect(tried.some(({ failed }) => failed)).toBe(true);
  });
});

/** How many of the runs above name the right cause alone and for certain. Raise it when more do; it must not go down. */
const LEAST_CERTAIN = 25;

it('the number of right diagnoses that are certain does not go down', async () => {
  const runs = defectiveScenarios.flatMap(({ name }) => CASES.map(([title]) => ({ name, title })));
  let certain = 0;
  for (const { name, title } of runs) {
    const { diagnosis } = await outcomeOf(name, title);
    if (diagnosis?.verdict === 'certain' && diagnosis.cause === EXPECTED[name]?.[0]) certain++;
  }
  expect(certain).toBeGreaterThanOrEqual(LEAST_CERTAIN);
});

describe.each(defectiveScenarios)('an inspection of $name', ({ name }) => {
  const right: readonly string[] = EXPECTED[name] ?? [];
  const scratch = BASE + 0x1_0000;
  const isRight = (named: readonly string[]): boolean =>
    named.length === 0 || named.some((cause) => right.includes(cause));

  // Without a write some defects cannot be seen, and a scratch sector may be too small to show them.
  it.each(['STM32F105', undefined])(
    'names no wrong cause, with and without a scratch sector, when the stated chip is %s',
    async (chipName) => {
      const chip = chipName === undefined ? undefined : findChipByName(chipName);
      for (const options of [{}, { scratch }]) {
        const rig = new Rig(name, { flash: [{ address: BASE, bytes: firmware(7) }] });
        const device = await rig.connect({ chip });
        const ended = await inspect(device, imageAt(BASE, firmware(8)), options).catch(diagnosisOf);
        const named = namesIn(ended.diagnosis);
        // With rivals nothing is claimed, as long as the right one is among them.
        expect([name, ...(isRight(named) ? [] : named)]).toEqual([name]);
      }
    },
  );

  it('is followed by a verification that fails, and names no wrong cause either', async () => {
    const rig = new Rig(name, { flash: [{ address: BASE, bytes: firmware(7) }] });
    const ended = await verify(await rig.connect(), imageAt(BASE, firmware(8))).catch((error: unknown) => error);
    expect(ended).toMatchObject({ code: 'verify/mismatch' });
    const named = namesIn(diagnosisOf(ended).diagnosis);
    expect([name, ...(isRight(named) ? [] : named)]).toEqual([name]);
  });
});

describe('an experiment in a scratch sector', () => {
  it.each([
    ['faulty-block-arithmetic', 'writes and reads take blocks for 1 KB long'],
    ['faulty-last-block-read', 'reads give the block that was written last'],
  ])('is explained by simulation as a job is: %s', async (name, sentence) => {
    const rig = new Rig(name, { flash: [{ address: BASE, bytes: firmware(7) }] });
    const device = await rig.connect({ chip: findChipByName('STM32F105') });
    const { diagnosis } = await inspect(device, undefined, { scratch: BASE + 0x1_0000 });
    expect(diagnosis?.model?.sentence).toBe(sentence);
  });
});

describe('boards without a defect', () => {
  it.each(CASES)('are programmed %s, without a diagnosis', async (title) => {
    expect(await outcomeOf('stm32f105-custom', title)).toEqual({ holds: true, failed: false });
  });
});

/** Whose loader or table does not tell of every sector whether it can be written. */
const UNTOLD: Readonly<Record<string, string>> = {
  'stm32g0b0-rom': 'the loader gives 68 bytes, and WRP2A stands behind them',
  'stm32g0b1-rom': 'the loader gives 68 bytes, and WRP2A stands behind them',
  'stm32g0b1-rom-128-kb': 'the loader gives 68 bytes, and WRP2A stands behind them',
  'stm32h523-rom': 'the loader does not show WRPSG',
  'stm32h563-rom': 'the loader does not show WRPSG',
  'stm32f722-rom': 'PCROP stands in FLASH_OPTCR2',
  'stm32h743-rom': 'the loader shows the 128 bytes of bank 1',
  'stm32h743-rom-1-mb': 'the loader shows the 128 bytes of bank 1',
  'stm32h7s3-rom': 'the loader shows other addresses than the table has',
  'stm32l152xe-rom': 'the loader does not show WRP4',
  'stm32l476-rom': 'the loader does not show the block of bank 2',
  'stm32l496-rom': 'the loader does not show the block of bank 2',
  'stm32wba65-rom': 'the table does not have bank 2',
};

describe('an inspection of a chip from the factory', () => {
  it.each(romRows.map(scenarioNameOf))(
    'tells that nothing of %s is write-protected, when its option bytes show it',
    async (scenario) => {
      const rig = new Rig(scenario);
      const device = await rig.connect();
      const { target, about } = device;
      const kinds = (await inspect(device)).evidence.map(({ kind }) => kind);
      const chip = chipOf(about);
      const layout = chip && optionLayoutOf(chip);
      const isShown = target.geometry.some(({ kind }) => kind === 'option-bytes');
      const isTold = layout?.writeProtection !== undefined && isShown && UNTOLD[scenario] === undefined;
      expect([scenario, kinds.includes('option-wrp-none')]).toEqual([scenario, isTold]);
    },
  );

  it.each(romRows.map(scenarioNameOf))('finds nothing to say against %s', async (scenario) => {
    const rig = new Rig(scenario);
    const { evidence, diagnosis } = await inspect(await rig.connect());
    expect(diagnosis).toBeUndefined();
    expect(evidence.map(({ kind }) => kind)).not.toContain('option-wrp');
  });
});
