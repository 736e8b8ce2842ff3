import { describe, expect, it } from 'vitest';
import { AT_RESET, enteredBy, running } from './jump-programs.ts';
import { FAMILIES } from './silicon/families.ts';
import { noCompiler, OPTIMISATIONS } from './toolchain.ts';

const CHIPS = Object.keys(FAMILIES);
const DIRECT = CHIPS.filter((id) => FAMILIES[id]?.running !== undefined && id !== 'stm32f767');

describe.skipIf(noCompiler !== undefined).each(CHIPS)('the bootloader jump of %s', (chip) => {
  describe.each(OPTIMISATIONS)('built with %s', (optimisation) => {
    it('reaches the ROM from reset while PA9 is high, with everything as a reset leaves it', () => {
      const found = enteredBy({ chip, optimisation, when: 'vbus:PA9', main: AT_RESET, high: ['PA9'] });
      expect(found).toMatchObject({ came: { rom: true, application: false }, faults: [], resets: 0 });
    });

    it('starts the application while PA9 is low', () => {
      const found = enteredBy({ chip, optimisation, when: 'vbus:PA9', main: AT_RESET });
      expect(found.came).toEqual({ rom: false, application: true });
    });

    it('reaches the ROM through a reset from an application in full swing', () => {
      const main = running(chip, 'bootloader_jump_request()');
      const found = enteredBy({ chip, optimisation, when: 'magic', style: 'hal', main });
      expect(found).toMatchObject({ came: { rom: true, application: false }, faults: [], resets: 1 });
    });
  });
});

describe.skipIf(noCompiler !== undefined).each(DIRECT)('the jump of %s without a reset', (chip) => {
  it.each(OPTIMISATIONS)('leaves nothing of an application in full swing, built with %s', (optimisation) => {
    const main = running(chip, 'bootloader_jump_now()');
    const found = enteredBy({ chip, optimisation, when: 'magic', main });
    expect(found).toMatchObject({ came: { rom: true, application: false }, faults: [], resets: 0, fed: true });
  });

  it('lets a thread on the process stack jump, and a handler through a reset', () => {
    const thread = running(chip, 'bootloader_jump_now()', { onProcessStack: true });
    expect(enteredBy({ chip, when: 'magic', main: thread })).toMatchObject({
      came: { rom: true },
      faults: [],
      resets: 0,
    });
    const handler = running(chip, 'bootloader_jump_now()', { inHandler: true });
    expect(enteredBy({ chip, when: 'magic', main: handler })).toMatchObject({
      came: { rom: true },
      faults: [],
      resets: 1,
    });
  });
});
