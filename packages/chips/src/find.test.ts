import { describe, expect, it } from 'vitest';
import {
  dfuChipsOfFamily,
  familyFromVectors,
  findChipByName,
  findChipsByDevId,
  findChipsByName,
  findOtherChipByName,
  flashVariantsByCode,
} from './index.ts';

describe('finding a chip by its name', () => {
  it.each([
    ['STM32F105', 'stm32f105'],
    ['stm32f107vct6', 'stm32f105'],
    ['F105', 'stm32f105'],
    ['32F105RB', 'stm32f105'],
    [' STM32F105RBT6 ', 'stm32f105'],
    ['STM32G431CBU6', 'stm32g431'],
    ['F072CB', 'stm32f072'],
    ['L4R5ZI', 'stm32l4r5'],
    ['STM32F070RBT6', 'stm32f070xb'],
    ['STM32F070F6P6', 'stm32f070x6'],
    ['STM32F030C8T6', 'stm32f051'],
    ['STM32F030F4P6', 'stm32f031'],
    ['STM32F030RCT6', 'stm32f091'],
    ['STM32F070xB', 'stm32f070xb'],
    ['stm32f070xb', 'stm32f070xb'],
    ['STM32F103C8T6', 'stm32f103-medium'],
    ['F103ZG', 'stm32f103-xl'],
    ['STM32F303K8T6', 'stm32f303x8'],
    ['STM32F303RET6', 'stm32f303xe'],
    ['STM32F401RET6', 'stm32f401xe'],
    ['STM32L010K4T6', 'stm32l011'],
    ['STM32L151C8T6', 'stm32l152'],
    ['STM32L151C8T6A', 'stm32l152-a'],
    ['STM32L151C8-A', 'stm32l152-a'],
    ['STM32L151VDT6', 'stm32l152xd'],
    ['STM32L151VDT6X', 'stm32l152xe'],
    ['STM32H750VBT6', 'stm32h743'],
    ['WBA55CG', 'stm32wba55'],
    ['STM32WLE5JC', 'stm32wle5'],
  ])('takes %s for %s', (text, id) => {
    expect(findChipByName(text)?.id).toBe(id);
  });

  it.each(['', 'STM32', 'STM32F1', 'STM32X999', 'F030', 'F103', 'STM32F030R9T6', 'GD32F103C8'])(
    'does not guess at %s',
    (text) => {
      expect(findChipByName(text)).toBeUndefined();
    },
  );

  it('offers every row that a begun name may mean', () => {
    const ids = (text: string) => findChipsByName(text).map(({ id }) => id);
    expect(ids('F070')).toEqual(['stm32f070x6', 'stm32f070xb']);
    expect(ids('STM32F103')).toEqual(['stm32f103-low', 'stm32f103-medium', 'stm32f103-high', 'stm32f103-xl']);
    expect(ids('STM32F105RB')).toEqual(['stm32f105']);
    expect(ids('STM32X')).toEqual([]);
    expect(ids('')).toEqual([]);
  });

  it('knows chips that it cannot program, apart', () => {
    expect(findChipByName('STM32WB05KZ')).toBeUndefined();
    expect(findOtherChipByName('STM32WB05KZ')?.id).toBe('stm32wb05');
    expect(findOtherChipByName('STM32MP157CAA3')?.limitations).toContain('no internal flash');
  });
});

describe('the flash size of a part number', () => {
  const names = (text: string) => flashVariantsByCode(text).map(({ name }) => name);
  it.each([
    ['STM32F105RBT6', ['128 KB']],
    ['STM32F070xB', ['128 KB']],
    ['F103VF', ['768 KB']],
    ['STM32F413ZHT6', ['1.5 MB']],
    ['STM32L073RZ', ['192 KB']],
    ['STM32WB15CC', ['320 KB']],
    ['STM32WB55VY', ['640 KB']],
    ['STM32U5A9NJ', ['4 MB']],
    ['STM32F429ZG', ['1 MB, single bank (DB1M = 0)', '1 MB, dual bank (DB1M = 1)']],
    ['STM32G474RE', ['512 KB, single bank (DBANK = 0)', '512 KB, dual bank (DBANK = 1)']],
  ])('of %s is %j', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it.each(['STM32F105', 'STM32F105R', 'STM32F105RE', 'STM32X999RB'])('is not known from %s', (text) => {
    expect(names(text)).toEqual([]);
  });
});

describe('finding a chip by its DEV_ID', () => {
  it('takes the one that the F105 bootloader names in its product string', () => {
    expect(findChipsByDevId(0x418).map(({ id }) => id)).toEqual(['stm32f105']);
  });

  it('gives all rows of a die that comes with several bootloaders', () => {
    expect(findChipsByDevId(0x445).map(({ id }) => id)).toEqual(['stm32f042', 'stm32f070x6']);
    expect(findChipsByDevId(0x432).map(({ id }) => id)).toEqual(['stm32f373', 'stm32f378']);
    expect(findChipsByDevId(0x123)).toEqual([]);
  });
});

describe('the vector table of the larger STM32F1', () => {
  it('leaves one chip with DFU: the F105', () => {
    const bytes = new Uint8Array(0x1e4);
    new DataView(bytes.buffer).setUint32(0x1e0, 0xf1e0_f85f, true);
    expect(familyFromVectors(bytes)).toBe('F1');
    expect(dfuChipsOfFamily('F1').map(({ id }) => id)).toEqual(['stm32f105']);
  });
});
