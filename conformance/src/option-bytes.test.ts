/** Option bytes on virtual ROMs: shown by name, changed, cut at every transfer, closed and opened again. */
import { nameOfValue } from '@sureflash/chips';
import { type Device, isFlashError } from '@sureflash/programmer';
import {
  type Assignment,
  isReadProtected,
  type OptionReport,
  planOptionBytes,
  readOptionBytes,
  unprotect,
  waitForReturn,
  writeOptionBytes,
} from '@sureflash/programmer/option-bytes';
import { romRows, scenarioNameOf } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig, type RigOptions } from './rig.ts';

const FLASH = 0x0800_0000;

/** A board and a client that finds it again after a reset. */
class Bench {
  readonly rig: Rig;
  #device: Device | undefined;

  constructor(scenario: string, options: RigOptions = {}) {
    this.rig = new Rig(scenario, options);
  }

  async open(): Promise<Device> {
    this.#device = await this.rig.connect();
    return this.#device;
  }

  readonly reopen = async (): Promise<Device> => {
    await this.#device?.close();
    const { board, clock } = this.rig;
    return await waitForReturn(async () => (board.device ? await this.open() : undefined), clock);
  };

  async show(): Promise<Record<string, string | number>> {
    const { fields } = await readOptionBytes(await this.open());
    return Object.fromEntries(fields.map(({ field, value }) => [field.name, nameOfValue(field, value) ?? value]));
  }

  async set(...assignments: Assignment[]): Promise<OptionReport> {
    return await this.#set(assignments, false);
  }

  async setForEver(...assignments: Assignment[]): Promise<OptionReport> {
    return await this.#set(assignments, true);
  }

  async #set(assignments: readonly Assignment[], forEver: boolean): Promise<OptionReport> {
    const device = await this.open();
    const plan = planOptionBytes(await readOptionBytes(device), assignments, { forEver });
    return await writeOptionBytes(device, plan, { reopen: this.reopen });
  }

  /** The option bytes of the chip, past every wire. */
  get bytes(): number[] {
    const { options } = this.rig.board.chip.profile;
    return [...(this.rig.board.chip.read(options.start, options.initial.length) ?? [])];
  }
}

const set = (name: string, value: string): Assignment => ({ name, value });

const KNOWN = romRows
  .map((row) => ({ scenario: scenarioNameOf(row), ...row }))
  .filter(({ rom }) => rom.layouts.some((layout) => layout.startsWith('@Option')))
  // Its bootloader shows other addresses than RM0477 has.
  .filter(({ name }) => name !== 'STM32H7S3');

describe.each(KNOWN)('$scenario', ({ scenario }) => {
  it('shows that it is open, by name, and nothing in it is out of order', async () => {
    const bench = new Bench(scenario);
    const before = bench.bytes;
    const { layout, fields } = await readOptionBytes(await bench.open());
    const protection = fields.find(({ field }) => field.name === layout.readProtection.field);
    expect(protection?.value).toBe(layout.readProtection.open);
    expect(fields.filter(({ state }) => state === 'mismatch')).toEqual([]);
    expect(bench.bytes).toEqual(before);
  });
});

describe('a board whose chip is not told', () => {
  it('is decoded as far as all candidates are alike', async () => {
    const shown = await new Bench('stm32f412-rom').show();
    expect(shown).toMatchObject({ RDP: 'level 0', nWRP: 0xfff });
    expect(shown).not.toHaveProperty('DB1M');
  });

  it('nor taken for another whose flash is as large', async () => {
    const shown = await new Bench('stm32wba25-rom').show();
    expect(shown).toMatchObject({ RDP: 'level 0', TZEN: 'off' });
    expect(shown).not.toHaveProperty('IO_VDD_HSLV');
  });

  it('whose bootloader shows them where no table has them, is not decoded', async () => {
    await expect(new Bench('stm32h7s3-rom').show()).rejects.toMatchObject({ code: 'option-bytes/unknown' });
  });

  it('whose bootloader gives back option bytes that it does not announce, is decoded and not written', async () => {
    const bench = new Bench('stm32g0b1-rom');
    expect(await bench.show()).toMatchObject({ RDP: 'level 0', DUAL_BANK: 'two banks', nBOOT_SEL: 'BOOT0 is nBOOT0' });
    await expect(bench.set(set('nBOOT_SEL', '0'))).rejects.toMatchObject({ code: 'option-bytes/read-only' });
    expect(await new Bench('stm32g0b1-rom-128-kb').show()).toMatchObject({ RDP: 'level 0' });
  });

  it('without option bytes says so', async () => {
    await expect(new Bench('stm32f105-custom').show()).rejects.toMatchObject({ code: 'option-bytes/absent' });
  });
});

interface Change {
  readonly scenario: string;
  readonly name: string;
  readonly value: string;
  /** Whether the ROM resets the chip by itself (AN3156 §5.1, AN2662 §4.5). */
  readonly resets: boolean;
  /** Bytes of the block that are different then, by offset. */
  readonly bytes: Readonly<Record<number, number>>;
}

const CHANGES: readonly Change[] = [
  { scenario: 'stm32f105-rom', name: 'Data0', value: '0x12', resets: true, bytes: { 4: 0x12, 5: 0xed } },
  { scenario: 'stm32f072-rom', name: 'nBOOT1', value: '0', resets: true, bytes: { 2: 0xef, 3: 0x10 } },
  { scenario: 'stm32f407-rom', name: 'BOR_LEV', value: '2.1 V', resets: true, bytes: { 0: 0xeb } },
  { scenario: 'stm32f767-rom', name: 'nDBANK', value: 'two-banks', resets: true, bytes: { 9: 0xdf } },
  { scenario: 'stm32l072-rom', name: 'WPRMOD', value: '1', resets: false, bytes: { 1: 0x01, 3: 0xfe } },
  { scenario: 'stm32l433-rom', name: 'nBOOT0', value: '0', resets: true, bytes: { 3: 0xf7, 7: 0x08 } },
  { scenario: 'stm32l476-rom', name: 'WRP1A_STRT', value: '7', resets: false, bytes: { 24: 0x07, 28: 0xf8 } },
  { scenario: 'stm32g474-rom', name: 'nSWBOOT0', value: '0', resets: false, bytes: { 3: 0xfb, 7: 0x04 } },
  { scenario: 'stm32u585-rom', name: 'nBOOT0', value: '0', resets: false, bytes: { 3: 0x17 } },
];

describe.each(CHANGES)('setting $name on $scenario', ({ scenario, name, value, resets, bytes }) => {
  it('changes those bytes and no other, follows the reset, and reads back', async () => {
    const bench = new Bench(scenario);
    const expected = bench.bytes.map((byte, at) => bytes[at] ?? byte);
    expect(await bench.set(set(name, value))).toEqual({ proof: 'read-back', wasReset: resets });
    expect(bench.bytes).toEqual(expected);
  });

  it('is completed by the next run when power fails at any transfer, and changes nothing else', async () => {
    const whole = new Bench(scenario);
    const before = whole.bytes;
    let transfers = 0;
    await new Bench(scenario, { beforeTransfer: () => transfers++ }).set(set(name, value));
    await whole.set(set(name, value));
    const problems: string[] = [];
    for (let cut = 0; cut < transfers; cut++) {
      let index = 0;
      const bench: Bench = new Bench(scenario, {
        beforeTransfer: () => {
          if (index++ === cut) bench.rig.board.unplug();
        },
      });
      const outcome = await outcomeOf(bench.set(set(name, value)));
      const { board, clock } = bench.rig;
      const clean = [before, whole.bytes].some((bytesThen) => String(bytesThen) === String(bench.bytes));
      if (!clean) problems.push(`cut at ${cut}: ${outcome} left ${String(bench.bytes)}`);
      if (outcome === 'done' && String(bench.bytes) !== String(whole.bytes)) problems.push(`cut at ${cut}: lied`);
      bench.rig.undisturbed();
      board.plug();
      while (!board.device) await clock.sleep(10);
      const again = await outcomeOf(bench.set(set(name, value)));
      if (again !== 'done' || String(bench.bytes) !== String(whole.bytes)) problems.push(`after ${cut}: ${again}`);
    }
    expect(problems).toEqual([]);
    expect(transfers).toBeGreaterThan(10);
  });
});

async function outcomeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
    return 'done';
  } catch (error) {
    return isFlashError(error) ? error.code : String(error);
  }
}

describe('registers in pairs', () => {
  it('stm32h743-rom: what is to hold is written to the program register, and the others of it stay', async () => {
    const bench = new Bench('stm32h743-rom');
    const [, ...rest] = bench.bytes.slice(0, 4);
    await bench.set(set('SWAP_BANK_OPT', '1'));
    expect(bench.bytes.slice(4, 8)).toEqual([0xf0, ...rest.slice(0, 2), 0x9b]);
    expect(await bench.show()).toMatchObject({ SWAP_BANK_OPT: 'banks swapped', RDP: 'level 0' });
  });
});

describe('write protection', () => {
  it('set on an F105 makes its pages ignore writes after the reset, and goes again', async () => {
    const bench = new Bench('stm32f105-rom');
    await bench.set(set('WRP', '0xFFFFFFFD'));
    expect([2, 3, 4].map((page) => bench.rig.board.flash.isProtected(page))).toEqual([true, true, false]);
    await expect(bench.rig.program(imageAt(FLASH + 0x1000, noise(4000, 1)))).rejects.toMatchObject({
      code: 'plan/protected',
    });
    await bench.set(set('WRP', '0xFFFFFFFF'));
    const image = imageAt(FLASH + 0x1000, noise(4000, 1));
    await bench.rig.program(image);
    expect(bench.rig.holds(image)).toBe(true);
  });
});

describe('bank 2', () => {
  it('of an F42x has a block of its own, and both are written', async () => {
    const bench = new Bench('stm32f429-rom');
    await bench.set(set('nWRP', '0xFFE'), set('nWRP_BANK2', '0xFFD'));
    expect(bench.bytes.slice(8, 10)).toEqual([0xfe, 0x0f]);
    expect(bench.rig.board.chip.read(0x1ffe_c008, 1)).toEqual(Uint8Array.of(0xfd));
  });
});

describe('read protection', () => {
  it.each(['stm32f105-rom', 'stm32f407-rom', 'stm32l433-rom'])(
    '%s: closes when asked, is then refused and never opened by set, and opens on request without its flash',
    async (scenario) => {
      const secret = imageAt(FLASH, noise(3000, 2));
      const bench = new Bench(scenario, { flash: secret.segments });
      expect(await bench.set(set('RDP', '1'))).toEqual({ proof: 'refusal', wasReset: true });
      expect(bench.rig.board.chip.level).toBe(1);
      await expect(bench.set(set('RDP', '0'))).rejects.toMatchObject({ code: 'device/read-protected' });
      expect(bench.rig.holds(secret)).toBe(true);
      const device = await bench.reopen();
      expect(await isReadProtected(device)).toBe(true);
      await unprotect(device, { reopen: bench.reopen });
      expect(bench.rig.board.chip.level).toBe(0);
      expect(bench.rig.holds(imageAt(FLASH, new Uint8Array(3000).fill(0xff)))).toBe(true);
      expect(await bench.show()).toMatchObject({ RDP: 'level 0' });
    },
  );

  it.each(['stm32f072-rom', 'stm32f105-rom', 'stm32f407-rom'])(
    '%s: is what a power failure in the midst of the writing leaves, and is removed on request',
    async (scenario) => {
      // Option bytes are erased before they are written, and an erased RDP is level 1 (PM0075 §2.5, RM0091 §4, RM0090 §3.9).
      const bench = new Bench(scenario);
      const factory = bench.bytes;
      const { board } = bench.rig;
      board.chip.write(board.chip.profile.options.start, new Uint8Array(factory.length).fill(0xff));
      board.reset();
      await bench.reopen();
      await expect(bench.set(set('RDP', '0'))).rejects.toMatchObject({ code: 'device/read-protected' });
      await unprotect(await bench.reopen(), { reopen: bench.reopen });
      expect(await bench.show()).toMatchObject({ RDP: 'level 0' });
      expect((await bench.set(set('nRST_STOP', '0'))).proof).toBe('read-back');
    },
  );

  it('level 2 is not written without its own word', async () => {
    const bench = new Bench('stm32f407-rom');
    const before = bench.bytes;
    await expect(bench.set(set('RDP', 'level 2'))).rejects.toMatchObject({ code: 'option-bytes/for-ever' });
    expect(bench.bytes).toEqual(before);
  });

  it('level 2, asked for by its own word, is proven by a bootloader that never comes back', async () => {
    const bench = new Bench('stm32f407-rom');
    expect(await bench.setForEver(set('RDP', 'level 2'))).toEqual({ proof: 'absence', wasReset: true });
    expect(bench.rig.board.chip.level).toBe(2);
  });

  it('that shows its option bytes is told, and refuses a change', async () => {
    const bench = new Bench('stm32u585-rom-rdp1');
    expect(await bench.show()).toMatchObject({ RDP: 'level 0.5, or 1 without TrustZone' });
    await expect(bench.set(set('nBOOT0', '0'))).rejects.toMatchObject({ code: 'device/read-protected' });
  });

  it.each(['stm32u385-rom', 'stm32g0b1-rom', 'stm32h563-rom'])(
    '%s: that is not there is not claimed',
    async (scenario) => {
      expect(await isReadProtected(await new Bench(scenario).open())).toBe(false);
    },
  );

  it('of a U5, which acknowledges everything, is told by its option bytes', async () => {
    expect(await isReadProtected(await new Bench('stm32u585-rom-rdp1').open())).toBe(true);
  });
});
