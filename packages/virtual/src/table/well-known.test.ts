import { describe, expect, it } from 'vitest';
import { describeReply, fromHex, hex } from '../../testing/drive.ts';
import { makeRom, OK_DNLOAD_IDLE, OK_IDLE } from '../../testing/make-rom.ts';
import {
  F407_ROM,
  G431_ROM,
  H743_ROM,
  L476_ROM_EARLY_STALL,
  STM32F407,
  STM32G431,
  STM32H743,
  STM32L476,
} from './well-known.ts';

describe('the ROM bootloaders of other chips', () => {
  it('starts with errFIRMWARE on an F407, also with a program in flash, and stays idle once that is cleared', () => {
    const { chip, device, dfu } = makeRom(STM32F407, F407_ROM);
    expect(dfu.status()).toBe('0a0000000a00');
    dfu.clearStatus();
    expect(dfu.status()).toBe(OK_IDLE);
    chip.flash.load(0x0800_0000, fromHex('00000220 01010008'));
    device.reset();
    expect(dfu.status()).toBe('0a0000000a00');
  });

  it('refuses even Set Address Pointer under read protection on newer chips', () => {
    expect(makeRom(STM32F407, F407_ROM, { level: 1 }).dfu.clearStatus()).toBe('ack');
    const { dfu, run } = makeRom(STM32F407, F407_ROM, { level: 1 });
    dfu.clearStatus();
    expect(run(0, '21 00000008')[2]).toBe('0b0000000a00');
  });

  it('ignores erase and write of protected sectors and says OK', () => {
    const { chip, dfu, run } = makeRom(STM32F407, F407_ROM, { writeProtected: [0] });
    dfu.clearStatus();
    chip.flash.load(0x0800_0000, fromHex('11223344'));
    expect(run(0, '41 00000008')[2]).toBe(OK_DNLOAD_IDLE);
    expect(run(2, '00000000')[2]).toBe(OK_DNLOAD_IDLE);
    expect(hex(chip.flash.peek(0x0800_0000, 4))).toBe('11223344');
  });

  it('stalls an early GETSTATUS on some L4, and answers a later one', () => {
    const { clock, device, dfu } = makeRom(STM32L476, L476_ROM_EARLY_STALL);
    clock.time = 100;
    dfu.clearStatus();
    dfu.download(0, '41 00000008');
    expect(dfu.status()).toBe('000a00000400');
    expect(device.busyUntil).toBe(0);
    clock.time = 110;
    expect(dfu.status()).toBe('stall');
    clock.time = 122;
    expect(dfu.status()).toBe(OK_DNLOAD_IDLE);
  });

  it('takes 1024 bytes on a G431, and answers more with dfuERROR and errSTALLEDPKT (web-stm32-updater #3)', () => {
    const { chip, dfu, run } = makeRom(STM32G431, G431_ROM);
    expect(run(0, '41 00000008')[2]).toBe(OK_DNLOAD_IDLE);
    expect(run(3, '5a'.repeat(1024))[2]).toBe(OK_DNLOAD_IDLE);
    expect(dfu.download(2, 'a5'.repeat(2048))).toBe('stall');
    expect(dfu.status()).toBe('0f0000000a00');
    expect(hex(chip.flash.peek(0x0800_03fe, 4))).toBe('ffff5a5a');
    dfu.clearStatus();
    expect(dfu.upload(3, 1024)).toBe('5a'.repeat(1024));
    expect(dfu.descriptor(0x2100, 0, 9)).toBe('09210bff0000041a01');
  });

  it('keeps a double word of a G431 as it is until its page is erased, and takes 82 µs for each', () => {
    const { chip, clock, run } = makeRom(STM32G431, G431_ROM);
    clock.time = 100;
    run(2, '0011223344556677 8899aabbccddeeff');
    expect(clock.time).toBeCloseTo(100 + 2 * 0.082, 6);
    run(2, 'ffffffffffffff00');
    expect(hex(chip.flash.peek(0x0800_0000, 16))).toBe('00112233445566778899aabbccddeeff');
    run(0, '41 ff070008');
    expect(hex(chip.flash.peek(0x0800_0000, 8))).toBe('ff'.repeat(8));
  });

  it('stays busy after an erase in bank 2 of an H743 until CLRSTATUS was sent twice', () => {
    const { clock, dfu, run } = makeRom(STM32H743, H743_ROM);
    expect(run(0, '41 00000e08')[2]).toBe(OK_DNLOAD_IDLE);
    expect(run(0, '41 00001008')[2]).toBe('00e803000400');
    clock.time += 60_000;
    expect(dfu.status()).toBe('00e803000400');
    dfu.abort();
    expect(dfu.state()).toBe('04');
    dfu.clearStatus();
    expect(dfu.status()).toBe('0e0000000a00');
    dfu.clearStatus();
    expect(dfu.status()).toBe(OK_IDLE);
  });

  it('vanishes before it answers the last GETSTATUS on an H743', () => {
    const { device, dfu, board } = makeRom(STM32H743, H743_ROM);
    dfu.download(0, '');
    const setup = { requestType: 0xa1, request: 3, value: 0, index: 0, length: 6 };
    expect(describeReply(device.control(setup, new Uint8Array()))).toBe('silent');
    expect(board.notes).toEqual(['jump in 0 to 8000000']);
  });
});

describe('the descriptors of the ROM bootloaders', () => {
  it('are those of the F107 capture, with the F105’s version, and 54 bytes with four alternates', () => {
    const { dfu } = makeRom();
    expect(dfu.descriptor(0x0100, 0, 64)).toBe('120100010000004083 0411df0022 0102 0301'.replaceAll(' ', ''));
    expect(dfu.descriptor(0x0200, 0, 255)).toBe(
      '09022400010100c032 0904000000fe010204 0904000100fe010205 09210bff0000081a01'.replaceAll(' ', ''),
    );
    expect(makeRom(STM32F407, F407_ROM).dfu.descriptor(0x0200, 0, 255).slice(0, 8)).toBe('09023600');
  });

  it('answers standard requests', () => {
    const { device, dfu } = makeRom();
    const send = (requestType: number, request: number, value: number, length = 0) =>
      describeReply(device.control({ requestType, request, value, index: 0, length }, new Uint8Array()));
    expect(dfu.descriptor(0x0300, 0, 255)).toBe('04030904');
    expect(dfu.descriptor(0x0100, 0, 8)).toBe('1201000100000040');
    expect(dfu.descriptor(0x2100, 0, 9)).toBe('09210bff0000081a01');
    expect(dfu.descriptor(0x0600, 0, 10)).toBe('stall');
    expect(dfu.descriptor(0x0309, 0x0409, 255)).toBe('stall');
    expect(send(0x80, 0, 0, 2)).toBe('0100');
    expect(send(0x00, 9, 1)).toBe('ack');
    expect(send(0x80, 8, 0, 1)).toBe('01');
    expect(send(0x01, 11, 1)).toBe('ack');
    expect(send(0x81, 10, 0, 1)).toBe('01');
    expect(send(0x01, 11, 2)).toBe('stall');
    expect(send(0x00, 9, 2)).toBe('stall');
    expect(send(0x00, 3, 1)).toBe('stall');
    expect(send(0x02, 1, 0)).toBe('ack');
  });
});
