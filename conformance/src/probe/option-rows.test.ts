/** Option bytes of every row of the chip table that has a board and a table of options, through a virtual ST-LINK. */
import { CHIPS, type Chip, chipName, type OptionLayout, optionLayoutOf } from '@sureflash/chips';
import { type Device, isFlashError } from '@sureflash/programmer';
import {
  type Assignment,
  isReadProtected,
  planOptionBytes,
  readOptionBytes,
  unprotect,
  writeOptionBytes,
} from '@sureflash/programmer/option-bytes';
import { afterEach, describe, expect, it } from 'vitest';
import { chipFromRow, whyNoBoard } from './chip-board.ts';
import { type StlinkRig, stlinkRig } from './probe-rig.ts';

interface Row {
  readonly chip: Chip;
  readonly layout: OptionLayout;
}

/** No public source lists their options. */
const WITHOUT_TABLE = ['stm32f103-xl', 'stm32f410', 'stm32wb15'];
const ROWS: readonly Row[] = CHIPS.filter((chip) => whyNoBoard(chip) === undefined).flatMap((chip) => {
  const layout = optionLayoutOf(chip);
  return layout && !WITHOUT_TABLE.includes(chip.id) ? [{ chip, layout }] : [];
});
const named = (rows: readonly Row[]) => rows.map((row) => [chipName(row.chip), row] as const);

const FLASH_AT = 0x0800_0000;
/** Options without consequence, the first that a chip has. */
const HARMLESS = ['BOR_LEV', 'nRST_STDBY', 'Data0', 'IWDG_SW'];

/** A board with a few bytes in its flash, and one connection at a time. */
class Board {
  readonly rig: StlinkRig;
  device: Device | undefined;

  constructor(chip: Chip) {
    this.rig = stlinkRig({ probe: 'v2-1', chip: chipFromRow(chip) });
    this.rig.chip.load(
      FLASH_AT,
      Uint8Array.from({ length: 64 }, (_, i) => i + 1),
    );
  }

  readonly connect = async (): Promise<Device> => {
    await this.device?.close();
    this.device = await this.rig.connect();
    return this.device;
  };

  async set(assignments: readonly Assignment[]): Promise<void> {
    const device = await this.connect();
    const plan = planOptionBytes(await readOptionBytes(device), assignments, { forEver: false });
    const { proof } = await writeOptionBytes(device, plan, { reopen: this.connect });
    if (proof !== 'read-back') throw new Error(`the options are not read back but ${proof}`);
  }

  async values(): Promise<ReadonlyMap<string, number>> {
    const { fields } = await readOptionBytes(await this.connect());
    return new Map(fields.map(({ field, value }) => [field.name, value]));
  }

  /** @returns the code of the error with which the first sector is not erased */
  async eraseFirst(): Promise<string | undefined> {
    const { target } = await this.connect();
    const sector = target.geometry.find(({ kind }) => kind === 'flash')?.sectors[0];
    try {
      await target.erase(sector ? [sector] : []);
      return undefined;
    } catch (error) {
      return isFlashError(error) ? error.code : String(error);
    }
  }
}

const boards: Board[] = [];
const boardOf = (chip: Chip): Board => {
  const board = new Board(chip);
  boards.push(board);
  return board;
};
afterEach(async () => {
  for (const board of boards.splice(0)) await board.device?.close();
});

/** Assignments that close the first sector, and those that open it again. */
function protection({ writeProtection }: OptionLayout, now: ReadonlyMap<string, number>) {
  if (writeProtection === undefined) return undefined;
  if (writeProtection.kind === 'areas') {
    const [area] = writeProtection.areas;
    if (!area) return undefined;
    const before = [area.start, area.end].map((name) => ({ name, value: String(now.get(name) ?? 0) }));
    return { close: [area.start, area.end].map((name) => ({ name, value: '0' })), open: before };
  }
  const [name = ''] = writeProtection.fields;
  const all = now.get(name) ?? 0;
  const closed = writeProtection.protects === 0 ? (all & ~1) >>> 0 : (all | 1) >>> 0;
  return { close: [{ name, value: String(closed) }], open: [{ name, value: String(all) }] };
}

describe('the options of a chip behind an ST-LINK', () => {
  it.each(named(ROWS))('%s: one is set, holds after a power cut, and nothing else changes', async (_, { chip }) => {
    const board = boardOf(chip);
    const before = await board.values();
    const name = HARMLESS.find((each) => before.has(each)) ?? 'none';
    const value = before.get(name) === 1 ? 0 : 1;
    await board.set([{ name, value: String(value) }]);
    board.rig.chip.powerOn();
    expect(await board.values()).toEqual(new Map([...before, [name, value]]));
    expect(board.rig.desk.target.notModelled).toEqual([]);
  });

  it.each(named(ROWS.filter(({ layout }) => layout.writeProtection !== undefined)))(
    '%s: its first sector is closed against an erase, and opened again',
    async (_, { chip, layout }) => {
      const board = boardOf(chip);
      const change = protection(layout, await board.values());
      if (!change) throw new Error(`${chip.id} states no field of write protection`);
      await board.set(change.close);
      expect(await board.eraseFirst()).toBe('flash/refused');
      expect(board.rig.chip.flash.peek(FLASH_AT, 2)).toEqual(Uint8Array.of(1, 2));
      await board.set(change.open);
      expect(await board.eraseFirst()).toBeUndefined();
    },
  );

  it.each(named(ROWS.filter(({ layout }) => layout.readProtection.field === 'RDP')))(
    '%s: it is closed against reading, and opened by an erase of everything',
    async (_, { chip }) => {
      const board = boardOf(chip);
      await board.set([{ name: 'RDP', value: 'level-1' }]);
      const closed = await board.connect();
      expect(await isReadProtected(closed)).toBe(true);
      await unprotect(closed, { reopen: board.connect });
      expect(await isReadProtected(await board.connect())).toBe(false);
      const erased = board.rig.chip.flash.peek(FLASH_AT, 64);
      expect(new Set(erased).size).toBe(1);
    },
  );
});

it('every row without a table of options is named', () => {
  const left = CHIPS.filter((chip) => whyNoBoard(chip) === undefined && !ROWS.some((row) => row.chip === chip));
  expect(left.map(({ id }) => id)).toEqual(WITHOUT_TABLE);
});
