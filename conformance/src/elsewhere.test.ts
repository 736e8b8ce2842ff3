import { isFlashError, type JobOptions } from '@sureflash/programmer';
import { impostorScenarios } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig } from './rig.ts';

const FLASH = 0x0800_0000;
const KB = 1024;
/** The place of a program behind a loader of 16 KB, and one that fits into a group of sectors that is erased together. */
const AT = FLASH + 16 * KB;
const SIZES = { f105: 256 * KB, f407: 1024 * KB } as const;

type ChipName = keyof typeof SIZES;

/** What each is to be called; `undefined` where the rows have no name for it and the run fails all the same. */
const CAUSES: Readonly<Record<string, string>> = {
  'erases-all': 'erases-elsewhere',
  'erases-last-too': 'erases-elsewhere',
  'erases-first-too': 'erases-elsewhere',
  'erases-bank': 'erases-elsewhere',
  'erases-options': 'erases-elsewhere',
  'programs-otp-too': 'writes-elsewhere',
  'writes-last-too': 'writes-elsewhere',
  'writes-a16-too': 'writes-elsewhere',
  'writes-a17-too': 'writes-elsewhere',
};

const rigOf = (name: string, chip: ChipName): Rig =>
  new Rig(name, { flash: [{ address: FLASH, bytes: noise(SIZES[chip], 5) }] });

async function errorOf(rig: Rig, options: JobOptions = {}): Promise<unknown> {
  return await rig.program(imageAt(AT, noise(24 * KB, 6)), options).then(
    () => 'Verified',
    (error: unknown) => error,
  );
}

const all = impostorScenarios.map(({ name }) => {
  const [, chip = '', ...rest] = name.split('-');
  return { name, chip: chip === 'f105' ? ('f105' as const) : ('f407' as const), deed: rest.join('-') };
});

describe('a loader with the strings of a ROM', () => {
  it.each(all.filter(({ deed }) => deed in CAUSES))(
    '$name is not believed, and is named',
    async ({ name, chip, deed }) => {
      // The F105 has no OTP.
      if (name === 'impostor-f105-programs-otp-too') return;
      const error = await errorOf(rigOf(name, chip));
      expect(isFlashError(error) ? [error.code, error.diagnosis?.cause] : error).toEqual([
        'verify/changed-elsewhere',
        CAUSES[deed],
      ]);
    },
  );

  it.each(all.filter(({ deed }) => !(deed in CAUSES)))('$name fails the proof', async ({ name, chip }) => {
    expect(await errorOf(rigOf(name, chip))).toMatchObject({ code: 'verify/mismatch' });
  });
});

it.each(['f105', 'f407'] as const)('the ROM of the %s does nothing else than it is asked', async (chip) => {
  expect(await errorOf(rigOf(`stm32${chip}-rom`, chip))).toBe('Verified');
});
