/** Compares what a ROM bootloader tells when it is connected with the chip that is there: every row of the virtual table. */
import { connect } from '@sureflash/programmer';
import { connectByDescriptors } from '@sureflash/programmer/dfu';
import { romRows, scenarioNameOf } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';

const ROWS = romRows.map((row) => ({ scenario: scenarioNameOf(row), ...row }));
/** Chips with one map, one identifier and one size, which only a debugger tells apart. */
const ALIKE: readonly string[] = ['stm32f412-rom', 'stm32f429-rom-1-mb', 'stm32f446-rom', 'stm32l452-rom'];
/** No source states how large their flash may be, so that no map is theirs. */
const WITHOUT_SIZES: readonly string[] = ['stm32h5f5-rom', 'stm32wba25-rom'];

async function examined(scenario: string) {
  const rig = new Rig(scenario);
  const port = await rig.openPort();
  const before = rig.stats.transfers;
  const { target, about } = await connect(port, { clock: rig.clock });
  return { rig, target, about, port, transfers: rig.stats.transfers - before };
}

describe.each(ROWS)('$scenario', ({ scenario, profile }) => {
  it('is named for certain, unless others are just like it, and never for what it is not', async () => {
    const { certain, chips } = (await examined(scenario)).about;
    expect(certain).toBe(!ALIKE.includes(scenario) && !WITHOUT_SIZES.includes(scenario));
    expect(chips.some(({ devId }) => devId === profile.devId)).toBe(!WITHOUT_SIZES.includes(scenario));
  });

  it('has its true sectors, is at rest again, and holds what it held, after a few short reads', async () => {
    const { rig, target, transfers } = await examined(scenario);
    const flash = target.geometry.find(({ kind }) => kind === 'flash');
    expect(flash?.sectors.map(({ start, end }) => [start, end])).toEqual(
      rig.board.flash.sectors.map(({ start, end }) => [start, end]),
    );
    expect(rig.board.flash.statistics).toMatchObject({ erases: 0, programmedBytes: 0 });
    expect(transfers).toBeLessThan(80);
  });
});

describe('the unique id', () => {
  it.each(ROWS.filter(({ scenario, profile }) => profile.uid.addresses && !WITHOUT_SIZES.includes(scenario)))(
    '$scenario: is read, and the serial number is held against it',
    async ({ scenario, profile, rom }) => {
      const { about } = await examined(scenario);
      const words = profile.uid.words.map((word) => word.toString(16).toUpperCase().padStart(8, '0'));
      expect(about.uid).toBe(words.join(''));
      expect(about.readings?.serialMatches).toBe(/^[0-9A-F]{12}$/.test(rom.serial));
    },
  );
});

describe('a read-protected ROM', () => {
  it('is not asked again after its first refusal, and tells nothing', async () => {
    const { about, transfers } = await examined('stm32f105-rom-rdp1');
    expect(about.readings).toMatchObject({ readProtected: true });
    expect(about.readings?.unknown).toHaveLength(1);
    expect(about.because).toContain('read protection');
    expect(transfers).toBeLessThan(20);
  });
});

describe('loaders that are no ROM', () => {
  it.each(['stm32f105-custom', 'stm32f105-cubemx-stub', 'gd32vf103-rom'])('%s: are not examined', async (scenario) => {
    const { about, transfers } = await examined(scenario);
    expect(transfers).toBe(0);
    expect(about.readings).toBeUndefined();
  });
});

describe('looking without examining', () => {
  it('asks nothing of the device', async () => {
    const rig = new Rig('stm32f407-rom');
    const port = await rig.openPort();
    const before = rig.stats.transfers;
    expect(connectByDescriptors(port, { clock: rig.clock }).about.readings).toBeUndefined();
    expect(rig.stats.transfers).toBe(before);
  });
});
