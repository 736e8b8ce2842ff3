/** Every row of the quirk table is needed, and all of them hold at once. */
import { type Device, deviceOf, eraseAll, isFlashError, program, read, verify } from '@sureflash/programmer';
import { connectByDescriptors, QUIRKS, type Quirk } from '@sureflash/programmer/dfu';
import { findScenario, reportedScenarios } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig } from './rig.ts';

const FLASH = 0x0800_0000;

/** A whole job on a board. @returns what it came to, in one word */
type Work = (rig: Rig, device: Device) => Promise<string>;

/** Programs, proves, looks past every wire, and leaves. */
function programs(address: number, length: number): Work {
  return async (rig, device) => {
    const image = imageAt(address, noise(length, 21));
    const { outcome } = await program(device, image);
    if (!rig.holds(image)) return 'not what was proven';
    await device.target.leave(address);
    return outcome;
  };
}

/** The error's code, or what the work says. */
async function outcomeOf(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    if (isFlashError(error)) return error.code;
    throw error;
  }
}

/** A board whose flash holds something else from `start` on, met by a client that knows these rows. */
async function tryOn(
  scenario: string,
  rows: readonly Quirk[],
  work: Work,
  start = FLASH,
): Promise<{ outcome: string; rig: Rig }> {
  const rig = new Rig(scenario, { flash: [{ address: start, bytes: noise(100_000, 22) }] });
  const outcome = await outcomeOf(async () => {
    const port = await rig.openPort();
    return await work(rig, deviceOf(connectByDescriptors(port, { clock: rig.clock, quirks: rows }), rig.clock));
  });
  return { outcome, rig };
}

interface Trial {
  readonly work: Work;
  /** Where the flash begins to hold something, where that is not 0x08000000. */
  readonly start?: number;
  /** What it comes to with the row, and what without. */
  readonly with: string;
  readonly without: string;
}

const EXST_MANAGEMENT_BLOCK = 0x9000_0000 + 1003 * 0x2_0000;

const TRIALS: Readonly<Record<string, Trial>> = {
  'l4-stalls-early-poll': { work: programs(FLASH, 20_000), with: 'programmed', without: 'usb/stall' },
  'h743-stays-busy-after-erase': { work: programs(0x0810_0000, 20_000), with: 'programmed', without: 'dfu/stuck' },
  'u5-silent-when-protected': {
    work: programs(FLASH, 20_000),
    with: 'device/read-protected',
    without: 'verify/mismatch',
  },
  'g431-blocks-of-1024': { work: programs(FLASH, 20_000), with: 'programmed', without: 'usb/stall' },
  // As options by their names, they are in conformance/src/option-bytes.test.ts.
  'g0b-hides-option-bytes': { work: readsAllOptionBytes, with: '68 and 4 bytes', without: ' bytes' },
  // Beyond what the wrong map has room for.
  'h7a3-wrong-map': { work: programs(0x0810_0000, 20_000), with: 'programmed', without: 'plan/outside' },
  // Beyond what the chip has, where the wrong map has room.
  'h723-wrong-map': { work: programs(0x0818_0000, 20_000), with: 'plan/outside', without: 'dfu/status' },
  // The wrong map goes on where there is no flash, and reads there are refused.
  'gd32vf103-wrong-map': { work: programs(FLASH + 0x2_0000, 3_000), with: 'plan/outside', without: 'plan/doubtful' },
  'exst-wrong-map': {
    work: programs(EXST_MANAGEMENT_BLOCK, 20_000),
    start: EXST_MANAGEMENT_BLOCK,
    with: 'plan/read-only',
    without: 'verify/mismatch',
  },
  'at32-unprotect-state': {
    work: async (rig, { target }) => {
      await target.unprotect();
      rig.board.unplug();
      rig.board.plug();
      return `level ${rig.board.chip.level}`;
    },
    with: 'level 0',
    without: 'dfu/protocol',
  },
  'maple-plain-dfu': {
    // To a device without ST's commands, the one that sets the address is five bytes of firmware.
    work: async (rig, { target }) => {
      await target.leave(0x0800_5000);
      return rig.board.flash.peek(0x0800_5000, 1)[0] === 0x21 ? 'firmware destroyed' : 'unharmed';
    },
    with: 'device/not-programmable',
    without: 'firmware destroyed',
  },
};

describe.each(QUIRKS.map((row) => [row.id, row] as const))('the row %s', (id, row) => {
  it('is needed: without it its device cannot be worked with', async () => {
    const trial = TRIALS[id];
    const others = QUIRKS.filter((other) => other !== row);
    const { outcome } = await tryOn(row.scenario, others, trial?.work ?? neverTried, trial?.start);
    expect(outcome).toBe(trial?.without);
  });

  it('is enough, together with all the others', async () => {
    const trial = TRIALS[id];
    const { outcome } = await tryOn(row.scenario, QUIRKS, trial?.work ?? neverTried, trial?.start);
    expect(outcome).toBe(trial?.with);
    expect(outcome).not.toBe(trial?.without);
  });
});

async function neverTried(): Promise<string> {
  return await Promise.resolve('no trial');
}

it('a protected STM32U5 is not believed when it is read, either', async () => {
  const rig = new Rig('stm32u585-rom-rdp1', { flash: [{ address: FLASH, bytes: noise(4_000, 22) }] });
  const device = await rig.connect();
  const blank = imageAt(FLASH, new Uint8Array(2_000).fill(0xff));
  await expect(verify(device, blank)).rejects.toMatchObject({ code: 'device/read-protected' });
  await expect(program(device, blank)).rejects.toMatchObject({ code: 'device/read-protected' });
});

/** Deviations that the one state machine passes without a row; each with the reason. */
const WITHOUT_A_ROW: readonly (readonly [scenario: string, because: string, work: Work, outcome: string])[] = [
  ['stm32f405-rom-slow-mass-erase', 'a mass erase gets its time whatever is advertised', massErases, 'erased'],
  ['stm32f745-rom-slow-status', 'every poll may take as long as its operation', programs(FLASH, 20_000), 'programmed'],
  [
    'stm32c562-rom',
    'CLRSTATUS is sent in dfuERROR only, and the functional descriptor is read with its configuration',
    programs(FLASH, 20_000),
    'programmed',
  ],
  [
    'stm32f429-rom-garbled-map',
    'a layout string ends where it is no more ASCII',
    programs(0x081e_0000, 9_000),
    'programmed',
  ],
  ['stm32wb55-rom-no-mass-erase', 'a refused mass erase is followed by one sector by sector', massErases, 'erased'],
  ['stm32f407-rom-short-upload', 'bytes that were not read prove nothing', programs(FLASH, 20_000), 'read/short'],
  ['stm32g0b1-rom-128-kb', 'memory that several alternates name is taken once', programs(FLASH, 20_000), 'programmed'],
  ['stm32g474-rom', 'a string may name several ranges', readsAllOptionBytes, '48 and 48 bytes'],
  ['stm32l072-rom', 'the chip table tells what erased bytes read as', programs(FLASH, 3_000), 'programmed'],
  ['stm32f072-rom-busy-polls', 'polls go on up to the limit of the operation', programs(FLASH, 20_000), 'programmed'],
  [
    'black-magic-bootloader',
    'polls go on up to the limit of the operation',
    programs(0x0800_2000, 9_000),
    'programmed',
  ],
  ['bootloader-8k-blocks', 'blocks that are cut get an address of their own', programs(FLASH, 20_000), 'programmed'],
];

async function massErases(rig: Rig, device: Device): Promise<string> {
  await eraseAll(device);
  return rig.board.flash.peek(FLASH, 100_000).every((byte) => byte === 0xff) ? 'erased' : 'not erased';
}

async function readsAllOptionBytes(_: Rig, device: Device): Promise<string> {
  const { segments } = await read(
    device,
    device.target.geometry.find(({ kind }) => kind === 'option-bytes')?.sectors ?? [],
  );
  return `${segments.map(({ bytes }) => bytes.length).join(' and ')} bytes`;
}

describe('deviations that need no row', () => {
  it.each(WITHOUT_A_ROW)('%s: %s', async (scenario, _, work, expected) => {
    const { outcome } = await tryOn(scenario, [], work);
    expect(outcome).toBe(expected);
    expect((await tryOn(scenario, QUIRKS, work)).outcome).toBe(expected);
  });

  it.each(['stm32f105-custom', 'stm32f105-custom-2.11'])(
    '%s: every run of blocks sets its address anew, whether or not an erase has moved the pointer',
    async (scenario) => {
      const start = 0x0800_5000;
      expect((await tryOn(scenario, [], programs(start, 9_000), start)).outcome).toBe('programmed');
    },
  );

  it('a mass erase of half a minute is waited for', async () => {
    const { rig } = await tryOn('stm32f405-rom-slow-mass-erase', QUIRKS, async (_, { target }) => {
      await target.eraseAll();
      return 'done';
    });
    expect(rig.clock.now()).toBeGreaterThan(33_000);
    expect(rig.board.flash.statistics.erases).toBe(1);
  });

  it('an erase in bank 2 that is only acknowledged is found out by the proof: no client can do it', async () => {
    const start = 0x0810_0000;
    const { outcome } = await tryOn('stm32f429-rom-v7.0', QUIRKS, programs(start, 9_000), start);
    expect(outcome).toBe('verify/mismatch');
  });

  it('an F767 in two banks is divided as its option bytes say, not as its map does', async () => {
    const rig = new Rig('stm32f767-rom-single-bank-map', { flash: [{ address: FLASH, bytes: noise(400_000, 23) }] });
    const device = await rig.connect();
    const { about, target } = device;
    expect(target.geometry[0]?.sectors).toHaveLength(24);
    expect(about.readings?.optionBits).toEqual({ nDBANK: 0 });
    expect(about.differences).toEqual([expect.stringContaining('2 MB, dual bank (nDBANK = 0)')]);
    expect(await programs(FLASH, 300_000)(rig, device)).toBe('programmed');
  });

  it('whoever believes the map of that F767 erases too little', async () => {
    const { outcome } = await tryOn('stm32f767-rom-single-bank-map', QUIRKS, programs(FLASH, 30_000));
    expect(outcome).toBe('verify/mismatch');
  });
});

describe('the scenarios', () => {
  it('are all tried', () => {
    const tried = new Set([...QUIRKS.map(({ scenario }) => scenario), ...WITHOUT_A_ROW.map(([name]) => name)]);
    for (const name of ['stm32f767-rom-single-bank-map', 'stm32f105-custom-2.11', 'stm32f429-rom-v7.0'])
      tried.add(name);
    // strangers.test.ts has them: what the strings of a ROM say when they cannot be read.
    for (const name of ['stm32f407-rom-one-string', 'stm32f407-rom-no-strings']) tried.add(name);
    expect(reportedScenarios.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
    expect([...tried].filter((name) => !findScenario(name))).toEqual([]);
    expect(Object.keys(TRIALS).sort()).toEqual(QUIRKS.map(({ id }) => id).sort());
  });
});
