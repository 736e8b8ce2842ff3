import { findChipByName, optionLayoutOf } from '@sureflash/chips';
import { isFlashError } from '@sureflash/programmer';
import { type CauseId, type Diagnosis, diagnose, observeError, updated } from '@sureflash/programmer/diagnosis';
import { explainError, inspect, JobFailed, tryScratch, verify } from '@sureflash/programmer/engine';
import { defectiveScenarios, romRows, scenarioNameOf } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, programTarget, Rig } from './rig.ts';

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

async function outcomeOf(scenario: string, before: Uint8Array, image: Uint8Array): Promise<Outcome> {
  const rig = new Rig(scenario, { flash: [{ address: BASE, bytes: before }] });
  const target = await rig.open();
  const whole = imageAt(BASE, image);
  const subject = rig.subject(target, whole);
  const ended = await programTarget(subject, { force: true }).catch((error: unknown) => error);
  const failed = ended instanceof Error;
  const diagnosis = ended instanceof JobFailed ? ended.diagnosis : explainError(subject, ended);
  return { holds: rig.holds(whole), failed, ...(diagnosis && { diagnosis }) };
}

const CASES = [
  ['over an older version', firmware(1).subarray(0, 60_000), nextVersion(firmware(1))],
  ['over another firmware', firmware(7), firmware(8)],
  ['over blank flash', new Uint8Array(0), firmware(9)],
] as const;

describe.each(defectiveScenarios)('$name', ({ name }) => {
  const right = EXPECTED[name] ?? [];
  const [cause] = right;

  it.each(CASES)(
    '%s is named for what it is, or its rivals with it, unless all went well',
    async (_, before, image) => {
      const { diagnosis, holds, failed } = await outcomeOf(name, before, image);
      const named = diagnosis ? [diagnosis.cause, ...diagnosis.rivals.map((rival) => rival.cause)] : [];
      expect(failed || holds).toBe(true);
      // Whoever is named alone is the one; with rivals the right one is among them.
      expect(failed ? named : [cause]).toContain(cause);
      expect(named.filter((each) => !right.includes(each))).toEqual([]);
    },
  );

  it('fails in at least one of these cases', async () => {
    const outcomes = [];
    for (const [, before, image] of CASES) outcomes.push(await outcomeOf(name, before, image));
    expect(outcomes.some(({ failed }) => failed)).toBe(true);
  });
});

describe.each(defectiveScenarios)('a doctor at $name', ({ name }) => {
  const right: readonly string[] = EXPECTED[name] ?? [];
  /** Without a write these cannot be seen; a scratch sector may be too small to show them. */
  const scratch = BASE + 0x1_0000;

  it('names nothing wrong: without a write, with a scratch sector, with the chip and without', async () => {
    for (const chip of [findChipByName('STM32F105'), undefined]) {
      const rig = new Rig(name, { flash: [{ address: BASE, bytes: firmware(7) }] });
      const target = await rig.open();
      const subject = { ...rig.subject(target, imageAt(BASE, firmware(8))), ...(chip && { chip }) };
      const looked = await inspect(subject);
      const tried = await tryScratch(subject, scratch).catch((error: unknown) =>
        isFlashError(error) ? observeError(error) : [],
      );
      for (const evidence of [looked, updated(looked, tried)]) {
        const found = diagnose(evidence, chip);
        const named = found ? [found.cause, ...found.rivals.map(({ cause }) => cause)] : [];
        // With rivals nothing is claimed, as long as the right one is among them.
        const isRight = named.length === 0 || named.some((cause) => right.includes(cause));
        expect([name, ...(isRight ? [] : named)]).toEqual([name]);
      }
    }
  });

  it('is not proven to be without fault by a verification that the flash does not deserve', async () => {
    const rig = new Rig(name, { flash: [{ address: BASE, bytes: firmware(7) }] });
    const target = await rig.open();
    const subject = rig.subject(target, imageAt(BASE, firmware(8)));
    const ended = await verify(subject).catch((error: unknown) => error);
    const diagnosis = ended instanceof JobFailed ? ended.diagnosis : undefined;
    const named = diagnosis ? [diagnosis.cause, ...diagnosis.rivals.map(({ cause }) => cause)] : [];
    expect(ended).toBeInstanceOf(JobFailed);
    expect([name, ...(named.length === 0 || named.some((cause) => right.includes(cause)) ? [] : named)]).toEqual([
      name,
    ]);
  });
});

describe('boards without a defect', () => {
  it.each(CASES)('give no diagnosis: %s', async (_, before, image) => {
    expect(await outcomeOf('stm32f105-custom', before, image)).toEqual({ holds: true, failed: false });
  });
});

/** Whose loader or table does not tell of every sector whether it can be written. */
const UNTOLD: Readonly<Record<string, string>> = {
  'stm32f722-rom': 'PCROP stands in FLASH_OPTCR2',
  'stm32h743-rom': 'the loader shows the 128 bytes of bank 1',
  'stm32h743-rom-1-mb': 'the loader shows the 128 bytes of bank 1',
  'stm32h7s3-rom': 'the loader shows other addresses than the table has',
  'stm32l152xe-rom': 'the loader does not show WRP4',
  'stm32l476-rom': 'the loader does not show the block of bank 2',
  'stm32l496-rom': 'the loader does not show the block of bank 2',
  'stm32wba65-rom': 'the table does not have bank 2',
};

describe('a doctor at a chip from the factory', () => {
  it.each(romRows.map(scenarioNameOf))(
    'knows that nothing of %s is write-protected, where all is told',
    async (scenario) => {
      const rig = new Rig(scenario);
      const target = await rig.open();
      const subject = rig.subject(target, imageAt(BASE, new Uint8Array(0)));
      const kinds = (await inspect(subject)).map(({ kind }) => kind);
      const layout = subject.chip && optionLayoutOf(subject.chip);
      const isShown = target.geometry.some(({ kind }) => kind === 'option-bytes');
      const isTold = layout?.writeProtection !== undefined && isShown && UNTOLD[scenario] === undefined;
      expect([scenario, kinds.includes('option-wrp-none')]).toEqual([scenario, isTold]);
    },
  );

  it.each(romRows.map(scenarioNameOf))('finds nothing to say against %s', async (scenario) => {
    const rig = new Rig(scenario);
    const evidence = await inspect(rig.subject(await rig.open(), imageAt(BASE, firmware(3).subarray(0, 0))));
    expect(diagnose(evidence, undefined)).toBeUndefined();
    expect(evidence.map(({ kind }) => kind)).not.toContain('option-wrp');
  });
});
