import { describe, expect, it } from 'vitest';
import { fromHex, hex } from '../../testing/drive.ts';
import { makeRom, OK_DNLOAD_IDLE } from '../../testing/make-rom.ts';
import { romRows, scenarioNameOf } from './table.ts';

function romOf(scenario: string) {
  const row = romRows.find((each) => scenarioNameOf(each) === scenario);
  if (!row) throw new Error(scenario);
  const made = makeRom(row.profile, row.rom);
  if (made.dfu.state() === '0a') made.dfu.clearStatus();
  return made;
}

describe('the virtual ROM of an L0', () => {
  it('erases a page of 128 bytes to zero, and programs 32 half-pages in a block of 2048 bytes', () => {
    const { clock, chip, run } = romOf('stm32l072-rom');
    chip.flash.load(0x0800_0000, fromHex('ff'.repeat(256)));
    run(0, '41 00000008');
    expect(clock.time).toBeCloseTo(3.2, 6);
    expect(hex(chip.flash.peek(0x0800_007e, 4))).toBe('0000ffff');
    run(0, '21 00100008');
    expect(run(2, 'a5'.repeat(2048))[2]).toBe(OK_DNLOAD_IDLE);
    expect(clock.time).toBeCloseTo(3.2 + 32 * 3.2, 6);
  });

  it('has a data EEPROM that is written without an erase', () => {
    const { dfu, run } = romOf('stm32l072-rom');
    run(0, '21 00000808');
    expect(run(2, '11223344')[2]).toBe(OK_DNLOAD_IDLE);
    expect(run(2, '55667788')[2]).toBe(OK_DNLOAD_IDLE);
    dfu.abort();
    expect(dfu.upload(2, 4)).toBe('55667788');
  });

  it('has the words of its unique id at offsets 0, 4 and 0x14', () => {
    const { chip } = romOf('stm32l072-rom');
    const words = [0x1ff8_0050, 0x1ff8_0054, 0x1ff8_0064].map((address) => hex(chip.read(address, 4) ?? fromHex('')));
    const expected = chip.profile.uid.words.map((word) => word.toString(16).padStart(8, '0'));
    expect(words.map((word) => word.match(/../g)?.toReversed().join(''))).toEqual(expected);
  });
});

describe('the virtual ROM of an F0', () => {
  it('protects the pages whose bit an option byte write clears, from the reset behind it on', () => {
    const { chip, board, run } = romOf('stm32f072-rom');
    run(0, '21 00f8ff1f');
    run(2, 'aa55ff00 ff00ff00 fe01ff00 ff00ff00');
    expect(board.notes.map((note) => note.split(' ')[0])).toEqual(['reset']);
    expect(chip.flash.isProtected(0)).toBe(false);
    chip.loadOptions();
    expect([0, 1, 2].map((page) => chip.flash.isProtected(page))).toEqual([true, true, false]);
  });
});

describe('the virtual ROMs of C5, H5 and U5', () => {
  it('C5 stalls CLRSTATUS unless it is in dfuERROR, and a block above 1024 bytes', () => {
    const { dfu } = romOf('stm32c562-rom');
    expect(dfu.clearStatus()).toBe('stall');
    expect(dfu.download(2, '00'.repeat(1025))).toBe('stall');
  });

  it.each(['stm32c562-rom', 'stm32h563-rom', 'stm32u385-rom', 'stm32wba65-rom', 'stm32h7s3-rom'])(
    '%s has protocol V3.0, which leaves Read Unprotect out of its commands',
    (scenario) => {
      expect(romOf(scenario).dfu.upload(0, 64)).toBe('002141');
    },
  );

  it('U5 shows its unique id to a host, and refuses its debug registers with errTARGET', () => {
    const { dfu, run } = romOf('stm32u585-rom');
    run(0, '21 0007fa0b');
    dfu.abort();
    expect(dfu.upload(2, 12)).toMatch(/^[0-9a-f]{24}$/);
    dfu.abort();
    expect(run(0, '21 004004e0')[2]).toBe('010000000a00');
  });
});

describe('F42x and F76x', () => {
  it.each([
    ['stm32f429-rom-1-mb', 0x1fff_c009, 6, 0],
    ['stm32f429-rom-1-mb-dual-bank', 0x1fff_c009, 6, 1],
    ['stm32f767-rom', 0x1fff_0009, 5, 1],
    ['stm32f767-rom-dual-bank', 0x1fff_0009, 5, 0],
    ['stm32l4r9-rom', 0x1ff0_0002, 6, 1],
    ['stm32l4r9-rom-single-bank', 0x1ff0_0002, 6, 0],
    ['stm32g474-rom-single-bank', 0x1fff_7802, 6, 0],
    ['stm32l552-rom-single-bank', 0x4002_2042, 6, 0],
  ])('%s says in its option bytes how its flash is divided', (scenario, address, bit, value) => {
    const [byte = 0] = romOf(scenario).chip.read(address, 1) ?? [];
    expect((byte >> bit) & 1).toBe(value);
  });
});
