import { bootloaderEntryOf, CHIPS } from '@sureflash/chips';
import { hasCode } from '@sureflash/programmer';
import { bootloaderJump } from '@sureflash/programmer/fix';
import { describe, expect, it } from 'vitest';
import { AT_RESET, enteredBy, running } from './jump-programs.ts';
import { chipOf } from './jump-rig.ts';
import { noCompiler, OPTIMISATIONS } from './toolchain.ts';

const ENTERED = CHIPS.filter((chip) => bootloaderEntryOf(chip)?.possible);
/** Rows that people meet most, built with each optimisation; F107 is F105's row, F407 is F405's, U585 is U575's. */
const COMMON = [
  'stm32f105',
  'stm32f072',
  'stm32f303xc',
  'stm32f205',
  'stm32f405',
  'stm32f446',
  'stm32f427',
  'stm32f767',
  'stm32l152xc',
  'stm32l152xe',
  'stm32l476',
  'stm32g0b1',
  'stm32g431',
  'stm32h743',
  'stm32u575',
  'stm32h563',
];
const OTHERS = ENTERED.map(({ id }) => id).filter((id) => !COMMON.includes(id));
const isDirect = (id: string): boolean => {
  const entry = bootloaderEntryOf(chipOf(id));
  return entry?.possible === true && entry.clocks !== undefined;
};
const hasPort = (id: string): boolean => {
  const entry = bootloaderEntryOf(chipOf(id));
  return entry?.possible === true && entry.ports !== undefined;
};
const IN_ROM = { came: { rom: true, application: false }, faults: [] };

describe.skipIf(noCompiler !== undefined).each(COMMON)('the bootloader jump of %s', (chip) => {
  describe.each(OPTIMISATIONS)('built with %s', (optimisation) => {
    it('reaches the ROM from reset while PA9 is high, with everything as a reset leaves it', () => {
      const found = enteredBy({ chip, optimisation, when: 'vbus:PA9', main: AT_RESET, high: ['PA9'] });
      expect(found).toMatchObject({ ...IN_ROM, resets: 0 });
    });

    it('starts the application while PA9 is low', () => {
      const found = enteredBy({ chip, optimisation, when: 'vbus:PA9', main: AT_RESET });
      expect(found.came).toEqual({ rom: false, application: true });
    });

    it('reaches the ROM through a reset from an application in full swing', () => {
      const main = running(chip, 'bootloader_jump_request()');
      const found = enteredBy({ chip, optimisation, when: 'magic', style: 'hal', main });
      expect(found).toMatchObject({ ...IN_ROM, resets: 1 });
    });
  });
});

describe.skipIf(noCompiler !== undefined).each(OTHERS)('the bootloader jump of %s', (chip) => {
  it.skipIf(!hasPort(chip))(
    'reaches the ROM from reset while PA9 is high, with everything as a reset leaves it',
    () => {
      const found = enteredBy({ chip, when: 'vbus:PA9', main: AT_RESET, high: ['PA9'] });
      expect(found).toMatchObject({ ...IN_ROM, resets: 0 });
    },
  );

  it.skipIf(!hasPort(chip))('starts the application while PA9 is low', () => {
    expect(enteredBy({ chip, when: 'vbus:PA9', main: AT_RESET }).came).toEqual({ rom: false, application: true });
  });

  it('reaches the ROM through a reset from an application in full swing', () => {
    const found = enteredBy({ chip, when: 'magic', main: running(chip, 'bootloader_jump_request()') });
    expect(found).toMatchObject({ ...IN_ROM, resets: 1 });
  });
});

describe.skipIf(noCompiler !== undefined).each(ENTERED.map(({ id }) => id).filter(isDirect))(
  'the jump of %s without a reset',
  (chip) => {
    it('leaves nothing of an application in full swing', () => {
      const found = enteredBy({ chip, when: 'magic', main: running(chip, 'bootloader_jump_now()') });
      expect(found).toMatchObject({ ...IN_ROM, resets: 0, fed: true });
    });
  },
);

describe.skipIf(noCompiler !== undefined).each(COMMON.filter(isDirect))('the jump of %s without a reset', (chip) => {
  it('leaves nothing of an application in full swing, built with -O2', () => {
    const main = running(chip, 'bootloader_jump_now()');
    const found = enteredBy({ chip, optimisation: '-O2', when: 'magic', main });
    expect(found).toMatchObject({ ...IN_ROM, resets: 0, fed: true });
  });

  it('lets a thread on the process stack jump', () => {
    const main = running(chip, 'bootloader_jump_now()', { onProcessStack: true });
    expect(enteredBy({ chip, when: 'magic', main })).toMatchObject({ ...IN_ROM, resets: 0 });
  });

  it('goes out of an interrupt handler through a reset', () => {
    const main = running(chip, 'bootloader_jump_now()', { inHandler: true });
    expect(enteredBy({ chip, when: 'magic', main })).toMatchObject({ ...IN_ROM, resets: 1 });
  });
});

/** Option bytes with which the ROM would not stay in its bootloader: chip, and what is changed in the model's. */
const BLOCKED: readonly (readonly [chip: string, reason: string, change: (options: Uint8Array) => void])[] = [
  ['stm32u575', 'TZEN of FLASH_OPTR is set (RM0456 §7.9.13)', setBit(31)],
  ['stm32l552', 'TZEN of FLASH_OPTR is set (RM0438 §6.9.8)', setBit(31)],
  ['stm32h563', 'PRODUCT_STATE is Closed, 0x72 (RM0481 §7.11)', (options) => options.set([0x72], 1)],
  ['stm32l476', 'BFB2 of FLASH_OPTR is set (RM0351 §3.7.8)', setBit(20)],
  ['stm32f427', 'BFB2 of FLASH_OPTCR is set (RM0090 §3.9.10)', setBit(4)],
  ['stm32f767', 'nDBANK and nDBOOT of FLASH_OPTCR are 0 (RM0410 §3.7.6)', (options) => options.set([0xcf], 3)],
  ['stm32l152xe', 'nBFB2 of FLASH_OBR is 0 (RM0038 §3.9.9)', (options) => options.set([0x78, 0, 0x87, 0xff], 4)],
];

function setBit(bit: number): (options: Uint8Array) => void {
  return (options) => options.set([(options[bit >>> 3] ?? 0) | (1 << (bit & 7))], bit >>> 3);
}

describe.skipIf(noCompiler !== undefined)('a jump that would not arrive', () => {
  it.each(BLOCKED)('is not tried on %s while %s: the application starts', (chip, _, options) => {
    const found = enteredBy({ chip, when: 'vbus:PA9', main: AT_RESET, high: ['PA9'], options });
    expect(found.came).toEqual({ rom: false, application: true });
  });
});

describe('the bootloader jump', () => {
  it('is made for every chip with USB DFU in its ROM, or refused with the reason and its source', () => {
    const refused = CHIPS.filter(({ usbDfu }) => usbDfu).flatMap((chip) => {
      try {
        bootloaderJump({ chip, when: 'magic' });
        return [];
      } catch (error) {
        if (!hasCode(error, 'fix/impossible')) throw error;
        return [`${chip.id}: ${error.facts.source}`];
      }
    });
    expect(refused).toEqual([
      'stm32l072: AN2606, "STM32L07xxx/08xxx devices bootloader": jump from user code to system memory is not possible',
      'stm32wba25: AN2606, boot pattern 16: not captured',
      'stm32wba65: AN2606, boot pattern 16: not captured',
    ]);
  });

  it('is refused for G071, whose ROM has no USB DFU', () => {
    const g071 = CHIPS.find(({ names }) => names.some((name) => name.startsWith('STM32G071')));
    expect(g071?.usbDfu ?? false).toBe(false);
    if (!g071) return;
    expect(() => bootloaderJump({ chip: g071, when: 'magic' })).toThrow(/USB DFU/);
  });
});
