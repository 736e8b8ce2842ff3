import { describe, expect, it } from 'vitest';
import { fromHex, hex } from '../../../testing/drive.ts';
import { makeRom, OK_DNLOAD_IDLE, OK_IDLE } from '../../../testing/make-rom.ts';
import { F105_ROM, F407_ROM, STM32F105, STM32F407 } from '../../table/well-known.ts';

describe('the ROM bootloader', () => {
  it('starts in dfuIDLE on an F105 (AN3156 §2)', () => {
    const { dfu } = makeRom();
    expect([dfu.status(), dfu.state()]).toEqual([OK_IDLE, '02']);
  });

  it('lists its four commands (AN3156 §4.2)', () => {
    const { dfu } = makeRom();
    expect(dfu.upload(0, 64)).toBe('00214192');
    expect(dfu.status()).toBe(OK_IDLE);
    expect(dfu.upload(0, 4)).toBe('00214192');
    expect(dfu.state()).toBe('09');
  });

  it('reads from the start of flash when no address was set (AN3156 §4.1)', () => {
    const { chip, dfu } = makeRom();
    chip.flash.load(0x0800_0000, fromHex('0102030405060708'));
    expect(dfu.upload(2, 4)).toBe('01020304');
    expect(dfu.upload(3, 4)).toBe('05060708');
    expect(dfu.state()).toBe('09');
  });

  it('computes addresses from the length of each transfer, in both directions (AN3156 §§4.1, 5.1)', () => {
    const { chip, dfu, run } = makeRom();
    run(0, '21 00100008');
    run(4, 'aabbccdd');
    expect(hex(chip.flash.peek(0x0800_1008, 4))).toBe('aabbccdd');
    dfu.abort();
    expect(dfu.upload(3, 8)).toBe('aabbccddffffffff');
  });

  it('sets the address pointer only at GETSTATUS, and says how long it takes', () => {
    const { dfu, run } = makeRom();
    expect(run(0, '21 00100008')).toEqual(['ack', '002800000400', OK_DNLOAD_IDLE]);
    expect(dfu.upload(2, 4)).toBe('stall');
    expect(dfu.status()).toBe(OK_DNLOAD_IDLE);
    expect(dfu.abort()).toBe('ack');
    expect(dfu.upload(2, 4)).toBe('ffffffff');
  });

  it('does nothing at DNLOAD, starts at the first GETSTATUS and holds what comes next until it is done', () => {
    const { clock, chip, device, dfu } = makeRom();
    chip.flash.load(0x0800_0800, new Uint8Array(2048));
    clock.time = 500;
    expect(dfu.download(0, '41 00080008')).toBe('ack');
    expect([device.busyUntil, dfu.state(), chip.flash.statistics.erases]).toEqual([0, '03', 0]);
    clock.time = 600;
    expect(dfu.status()).toBe('002800000400');
    expect(device.busyUntil).toBe(620);
    clock.time = 620;
    expect(dfu.status()).toBe(OK_DNLOAD_IDLE);
    expect(chip.flash.peek(0x0800_0800, 2048).every((byte) => byte === 0xff)).toBe(true);
  });

  it('takes 53.76 ms for 2048 bytes on an F105', () => {
    const { clock, device, dfu } = makeRom();
    clock.time = 100;
    dfu.download(2, new Uint8Array(2048));
    expect(dfu.status()).toBe('002800000400');
    expect(device.busyUntil - 100).toBeCloseTo(53.76, 6);
  });

  it('erases everything with a command of one byte (AN3156 §5.3)', () => {
    const { chip, run } = makeRom();
    chip.flash.load(0x0801_0000, new Uint8Array(64));
    expect(run(0, '41')).toEqual(['ack', '002800000400', OK_DNLOAD_IDLE]);
    expect(chip.flash.peek(0x0801_0000, 64).every((byte) => byte === 0xff)).toBe(true);
  });

  it.each([
    ['an address without memory as a pointer', [[0, '21 00000009']]],
    ['an erase outside flash', [[0, '41 00000020']]],
    [
      'a write to system memory',
      [
        [0, '21 00b0ff1f'],
        [2, '01020304'],
      ],
    ],
    [
      'a write to its own RAM',
      [
        [0, '21 00000020'],
        [2, '01020304'],
      ],
    ],
    [
      'an address that is no multiple of four',
      [
        [0, '21 02000008'],
        [2, '01020304'],
      ],
    ],
  ] as const)('refuses %s with errTARGET', (_, steps) => {
    const { dfu, run } = makeRom();
    const statuses = steps.map(([block, bytes]) => run(block, bytes)[2]);
    expect(statuses.at(-1)).toBe('010000000a00');
    expect(dfu.download(0, '41')).toBe('stall');
    dfu.abort();
    expect(dfu.state()).toBe('0a');
    dfu.clearStatus();
    expect(dfu.status()).toBe(OK_IDLE);
  });

  it('stalls an upload beyond the end of memory and reports errTARGET', () => {
    const { dfu } = makeRom(STM32F407, F407_ROM);
    dfu.clearStatus();
    expect(dfu.upload(2 + 512, 2048)).toBe('stall');
    expect(dfu.status()).toBe('010000000a00');
  });

  it.each(['05', '2100', '410000', '92 00', '00'])('answers the unknown command %s with errSTALLEDPKT', (command) => {
    expect(makeRom().run(0, command)[2]).toBe('0f0000000a00');
  });

  it('stalls wValue 1, blocks that are too long, and requests in a wrong state, and changes nothing', () => {
    const { dfu } = makeRom();
    const refused = [
      dfu.upload(1, 64),
      dfu.download(1, '00'),
      dfu.upload(2, 2050),
      dfu.download(2, new Uint8Array(2050)),
    ];
    expect(refused).toEqual(['stall', 'stall', 'stall', 'stall']);
    expect(dfu.status()).toBe(OK_IDLE);
    dfu.upload(2, 2);
    expect(dfu.download(2, '0102')).toBe('stall');
    expect(dfu.state()).toBe('09');
    expect(dfu.other(9)).toBe('stall');
  });

  it('reads RAM behind its own, system memory and option bytes (AN2662 §4.4)', () => {
    const { dfu, run } = makeRom();
    run(0, '21 04b0ff1f');
    dfu.abort();
    expect(dfu.upload(2, 4)).toBe('c1e9ff1f');
    dfu.abort();
    run(0, '21 00f8ff1f');
    dfu.abort();
    expect(dfu.upload(2, 16)).toBe('a55aff00ff00ff00ff00ff00ff00ff00');
    dfu.abort();
    run(0, '21 00100020');
    run(2, 'cafe0102');
    dfu.abort();
    expect(dfu.upload(2, 4)).toBe('cafe0102');
  });

  it('leaves at the GETSTATUS after an empty download: dfuMANIFEST, then a jump to the pointer (AN3156 §5.5)', () => {
    const { dfu, run, board } = makeRom();
    run(0, '21 00500008');
    expect(dfu.download(0, '')).toBe('ack');
    expect([dfu.state(), board.notes]).toEqual(['06', []]);
    expect(dfu.status()).toBe('000000000700');
    expect(board.notes).toEqual(['jump in 3 to 8005000']);
  });

  it('resets after option bytes were written on an F105 (AN2662 §4.5.1)', () => {
    const { clock, chip, dfu, run, board } = makeRom();
    run(0, '21 00f8ff1f');
    dfu.download(2, '00ff ff00 ff00 ff00 fe01 ff00 ff00 ff00');
    clock.time = 1000;
    dfu.status();
    expect(board.notes).toEqual(['reset in 40']);
    chip.loadOptions();
    expect([chip.level, chip.flash.isProtected(0), chip.flash.isProtected(1), chip.flash.isProtected(2)]).toEqual([
      1,
      true,
      true,
      false,
    ]);
  });

  it('comes back to its start after a bus reset', () => {
    const { device, dfu, run } = makeRom();
    run(0, '05');
    device.reset();
    expect(dfu.status()).toBe(OK_IDLE);
  });
});

describe('the ROM bootloader of a read-protected F105', () => {
  const readProtected = () => makeRom(STM32F105, F105_ROM, { level: 1 });

  it('refuses to read, write and erase with errVENDOR, but sets its pointer (AN2662 §4.5.2)', () => {
    for (const [block, command] of [
      [2, '01020304'],
      [0, '41 00080008'],
      [0, '41'],
    ] as const) {
      expect(readProtected().run(block, command)[2]).toBe('0b0000000a00');
    }
    const { dfu, run } = readProtected();
    expect(run(0, '21 00080008')[2]).toBe(OK_DNLOAD_IDLE);
    dfu.abort();
    expect(dfu.upload(2, 64)).toBe('stall');
    expect(dfu.status()).toBe('0b0000000a00');
  });

  it('still lists its commands', () => {
    expect(readProtected().dfu.upload(0, 64)).toBe('00214192');
  });

  it('erases all, opens the chip and resets on Read Unprotect, and never answers a second GETSTATUS (AN3156 §5.4)', () => {
    const { clock, chip, device, dfu, board } = readProtected();
    chip.flash.load(0x0800_0000, new Uint8Array(64));
    clock.time = 100;
    dfu.download(0, '92');
    expect(dfu.status()).toBe('002800000400');
    expect(board.notes).toEqual(['reset in 20']);
    expect(device.busyUntil).toBeGreaterThan(120);
    expect(hex(chip.flash.peek(0x0800_0000, 2))).toBe('ffff');
    chip.loadOptions();
    expect(chip.level).toBe(0);
  });
});
