import { describe, expect, it } from 'vitest';
import { CHIPS, type Chip, type FlashVariant, findChipByName, OTHER_CHIPS, type Range, sectorsOf } from './index.ts';

const KB = 1024;
const ROWS = CHIPS.map((chip) => [chip.id, chip] as const);

const variantNamed = (id: string, name: string): FlashVariant => {
  const variant = CHIPS.find((chip) => chip.id === id)?.variants.find((each) => each.name === name);
  if (!variant) throw new Error(`${id} has no variant "${name}"`);
  return variant;
};
const sizesOf = (chip: Chip): Set<number> =>
  new Set(chip.variants.flatMap(({ banks }) => banks.flatMap(({ runs }) => runs.map(({ size }) => size))));
const overlap = (a: Range, b: Range): boolean => a.start < b.end && a.end > b.start;
const holds = (ranges: readonly Range[], address: number): boolean =>
  ranges.some(({ start, end }) => start <= address && address < end);
const flashOf = ({ variants }: Pick<Chip, 'variants'>): Range[] =>
  variants.flatMap(({ banks }) =>
    banks.map(({ start, runs }) => ({ start, end: start + runs.reduce((sum, r) => sum + r.count * r.size, 0) })),
  );

describe('the chip table', () => {
  it('has 93 chips with a bootloader of AN2606, and knows 4 without', () => {
    expect(CHIPS.length).toBe(93);
    expect(OTHER_CHIPS.map(({ id }) => id)).toEqual(['stm32wb05', 'stm32wb09', 'stm32mp157', 'stm32n657']);
    for (const { sources, limitations } of OTHER_CHIPS)
      expect([sources.length > 0, limitations.length > 0]).toEqual([true, true]);
  });

  it('has unique ids and names', () => {
    const all = [...CHIPS, ...OTHER_CHIPS];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const names = all.flatMap((chip) => chip.names);
    expect(new Set(names).size).toBe(names.length);
  });

  it('names dies that share a DEV_ID apart', () => {
    const shared = CHIPS.filter(({ devId }) => CHIPS.filter((other) => other.devId === devId).length > 1);
    expect([...new Set(shared.map(({ devId }) => devId))].sort((a, b) => a - b)).toEqual([
      0x422, 0x432, 0x439, 0x445, 0x446, 0x447, 0x448, 0x467,
    ]);
  });

  it('adds up to the flash sizes and sector counts of the reference manuals', () => {
    const facts: readonly (readonly [id: string, name: string, bytes: number, sectors: number])[] = [
      ['stm32f105', '256 KB', 262_144, 128],
      ['stm32f103-xl', '768 KB', 786_432, 384],
      ['stm32f205', '768 KB', 786_432, 10],
      ['stm32f401xc', '128 KB', 131_072, 5],
      ['stm32f405', '1 MB', 1_048_576, 12],
      ['stm32f427', '1 MB, single bank (DB1M = 0)', 1_048_576, 12],
      ['stm32f427', '1 MB, dual bank (DB1M = 1)', 1_048_576, 16],
      ['stm32f427', '2 MB', 2_097_152, 24],
      ['stm32f413', '1.5 MB', 1_572_864, 16],
      ['stm32f746', '64 KB', 65_536, 2],
      ['stm32f746', '1 MB', 1_048_576, 8],
      ['stm32f767', '2 MB, single bank (nDBANK = 1)', 2_097_152, 12],
      ['stm32f767', '2 MB, dual bank (nDBANK = 0)', 2_097_152, 24],
      ['stm32g474', '512 KB, single bank (DBANK = 0)', 524_288, 128],
      ['stm32g474', '512 KB, dual bank (DBANK = 1)', 524_288, 256],
      ['stm32h743', '1 MB', 1_048_576, 8],
      ['stm32h743', '2 MB', 2_097_152, 16],
      ['stm32l072', '192 KB', 196_608, 1536],
      ['stm32l152xd', '384 KB', 393_216, 1536],
      ['stm32l4r5', '2 MB, single bank (DBANK = 0)', 2_097_152, 256],
      ['stm32l4r5', '2 MB, dual bank (DBANK = 1)', 2_097_152, 512],
      ['stm32wb55', '640 KB', 655_360, 160],
      ['stm32u5f9', '4 MB', 4_194_304, 512],
    ];
    for (const [id, name, bytes, count] of facts) {
      const sectors = sectorsOf(variantNamed(id, name));
      expect([id, name, sectors.reduce((sum, { start, end }) => sum + end - start, 0), sectors.length]).toEqual([
        id,
        name,
        bytes,
        count,
      ]);
    }
  });

  it('knows where the second bank begins', () => {
    const facts: readonly (readonly [id: string, name: string, second: number])[] = [
      ['stm32f103-xl', '768 KB', 0x0808_0000],
      ['stm32f427', '1 MB, dual bank (DB1M = 1)', 0x0808_0000],
      ['stm32f767', '2 MB, dual bank (nDBANK = 0)', 0x0810_0000],
      ['stm32g0b1', '256 KB, dual bank (DUAL_BANK = 1)', 0x0802_0000],
      ['stm32g474', '256 KB, dual bank (DBANK = 1)', 0x0804_0000],
      ['stm32h743', '1 MB', 0x0810_0000],
      ['stm32h563', '1 MB', 0x0808_0000],
      ['stm32l072', '192 KB', 0x0801_8000],
      ['stm32l152xd', '384 KB', 0x0803_0000],
      ['stm32l476', '512 KB', 0x0804_0000],
      ['stm32u575', '2 MB', 0x0810_0000],
    ];
    for (const [id, name, second] of facts) expect([id, variantNamed(id, name).banks[1]?.start]).toEqual([id, second]);
  });

  it('says itself where it does not know the flash sizes', () => {
    const without = CHIPS.filter(({ variants }) => variants.length === 0);
    expect(without.map(({ id }) => id)).toEqual(['stm32h5e5', 'stm32wba25']);
    for (const { doubts } of without) expect(doubts.map(({ field }) => field)).toContain('variants');
  });
});

describe.each(ROWS)('the row of %s', (_, chip) => {
  it('has sorted sectors without overlap, aligned to their size, that sum up to the size in the name', () => {
    for (const variant of chip.variants) {
      let end = 0;
      let sum = 0;
      for (const sector of sectorsOf(variant)) {
        expect(sector.start).toBeGreaterThanOrEqual(end);
        expect(sector.start % (sector.end - sector.start)).toBe(0);
        end = sector.end;
        sum += sector.end - sector.start;
      }
      const [, number, unit] = /^([\d.]+) (KB|MB)/.exec(variant.name) ?? [];
      expect(sum).toBe(Number(number) * (unit === 'MB' ? KB * KB : KB));
      expect(variant.bytes).toBe(sum);
    }
    expect(new Set(chip.variants.map(({ name }) => name)).size).toBe(chip.variants.length);
  });

  it('has a DEV_ID of 12 bits, names, sources, and reasons for its doubts', () => {
    expect(chip.id).toMatch(/^stm32[a-z0-9-]+$/);
    expect(chip.devId).toBeGreaterThan(0);
    expect(chip.devId).toBeLessThanOrEqual(0xfff);
    expect(chip.names.length).toBeGreaterThan(0);
    for (const name of chip.names) expect(name).toMatch(/^STM32[A-Z][A-Z0-9]{3,4}(x[0-9A-Z](-[AX])?)?$/);
    expect(chip.sources).toContain('AN2606');
    for (const { field, why } of chip.doubts) expect([field in chip, why.length > 10]).toEqual([true, true]);
  });

  it('is found by each of its names, with a letter for the package', () => {
    for (const name of chip.names) {
      expect(findChipByName(name)?.id).toBe(chip.id);
      expect(findChipByName(name.replace('x', 'R'))?.id).toBe(chip.id);
    }
  });

  it('keeps the bootloader, its identifier and the special addresses out of the main flash', () => {
    const flash = flashOf(chip);
    const memories = [...chip.systemMemory, ...(chip.eeprom ?? []), ...chip.ram];
    expect(memories.filter((memory) => flash.some((bank) => overlap(bank, memory)))).toEqual([]);
    const special = [chip.flashSizeAddress, chip.uidAddress, ...chip.optionBytes].filter((at) => at !== undefined);
    expect(special.filter((address) => holds(flash, address))).toEqual([]);
  });

  it('has the address to jump to and the identifier inside system memory, where its end is known', () => {
    const inside = [chip.bootloaderVectors, chip.bootloader.idAddress].filter((address) => address !== undefined);
    const doubtful = chip.doubts.some(({ field }) => field === 'systemMemory');
    expect(doubtful || inside.every((address) => holds(chip.systemMemory, address))).toBe(true);
    expect(chip.systemMemory.length === 0).toBe(doubtful);
  });

  it('writes whole units and knows what erased flash holds', () => {
    expect([2, 4, 8, 16, 32]).toContain(chip.writeSize);
    for (const size of sizesOf(chip)) expect(size % chip.writeSize).toBe(0);
    expect(chip.erasedValue).toBe(chip.family === 'L0' || chip.family === 'L1' ? 0x00 : 0xff);
  });

  it('tells how to enter the bootloader and, for USB, with which clock and protocol', () => {
    expect(chip.boot.pattern).not.toBe('');
    expect(chip.boot.clock).not.toBe('');
    expect(chip.bootloader.versions.length).toBeGreaterThan(0);
    expect(chip.bootloader.dfuProtocol !== undefined).toBe(chip.usbDfu);
    expect(/UART/.test(chip.boot.clock)).toBe(!chip.usbDfu);
  });

  it('has, where it has times at all, an entry for each of its sector sizes, with minima below the rest', () => {
    if (!chip.timing) return;
    const { erase, programMinUs, programTypUs, source } = chip.timing;
    expect(programMinUs).toBeLessThanOrEqual(programTypUs);
    expect(source).not.toBe('');
    for (const size of sizesOf(chip)) expect(Object.keys(erase).map(Number)).toContain(size);
    for (const { minMs = 0, typMs = minMs, maxMs = typMs } of Object.values(erase)) {
      expect(minMs).toBeLessThanOrEqual(typMs);
      expect(typMs).toBeLessThanOrEqual(maxMs);
    }
  });
});
