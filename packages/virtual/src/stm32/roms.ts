/** The ROM bootloaders of our scenarios as data; what no public document or capture gives is said to be a guess. */

import type { PollTimes } from './rom-operations.ts';
import type { RomProfile } from './rom-profile.ts';

/**
 * As F4 and F7 ROMs advertise them (fwupd #2696: write 104; modm: erase 100; F405 mass erase 100: dfu-util). The last two,
 * and all of them on other families, are guesses.
 */
const POLL: PollTimes = { setAddress: 5, erase: 100, massErase: 100, write: 104, unprotect: 100, leave: 0 };

/** AN3156 §4.2: Get, Set Address Pointer, Erase, Read Unprotect. */
const COMMANDS = [0x00, 0x21, 0x41, 0x92] as const;

const HABITS = {
  transferSize: 2048,
  commands: COMMANDS,
  poll: POLL,
  earlyPoll: 'hold',
  setAddressWhenProtected: false,
  longDownload: 'refused',
  clearStatusElsewhere: 'ignored',
  leave: 'answers',
} as const;

/**
 * F105/F107 V2.2 (captures: flashfloppy #462, HID2AMI; F107 in dfu-util device-logs). It starts USB only while PA9 sees
 * VBUS, and finds its crystal by trial: with 25 MHz the device appears after 460 ms, with 14.7456 MHz after 4.5 s, with
 * 8 MHz after up to 13.7 s of failed enumerations (AN2606). We model the 25 MHz board. AN2662 §4.5 adds:
 * writing option bytes ends in a reset, and Set Address Pointer works under read protection.
 */
export const F105_ROM: RomProfile = {
  ...HABITS,
  bcdUsb: 0x0100,
  bcdDevice: 0x2200,
  product: 'STM32 0x418 DFU Bootloade',
  serial: 'STM32',
  layouts: ['@Internal Flash  /0x08000000/128*002Kg', '@Option Bytes  /0x1FFFF800/01*016 e'],
  optionWriteResets: true,
  setAddressWhenProtected: true,
  errorWhenEmpty: false,
  connectMs: 460,
};

/** F405/F407 with protocol V2.2 (capture: PureThermal, F405; bcdUSB from the F4 captures of dfu-util device-logs). */
export const F407_ROM: RomProfile = {
  ...HABITS,
  bcdUsb: 0x0100,
  bcdDevice: 0x2200,
  product: 'STM32  BOOTLOADER',
  serial: '3061B4493536',
  layouts: [
    '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg',
    '@Option Bytes  /0x1FFFC000/01*016 e',
    '@OTP Memory /0x1FFF7800/01*512 e,01*016 e',
    '@Device Feature/0xFFFF0000/01*004 e',
  ],
  optionWriteResets: true,
  errorWhenEmpty: true,
  connectMs: 250,
};

/**
 * L476. No capture of its strings was found: the flash string follows the L4R9's ("512*0004Kg"), the others the L433's.
 * Poll times are guesses.
 */
export const L476_ROM: RomProfile = {
  ...HABITS,
  bcdUsb: 0x0100,
  bcdDevice: 0x2200,
  product: 'STM32  BOOTLOADER',
  serial: '206130A74734',
  layouts: [
    '@Internal Flash  /0x08000000/512*0002Kg',
    '@Option Bytes  /0x1FFF7800/01*040 e',
    '@OTP Memory /0x1FFF7000/01*0001Ke',
  ],
  optionWriteResets: false,
  errorWhenEmpty: false,
  connectMs: 300,
};

/**
 * The same with poll times that are too short and a stall for whoever believes them (dfu-util, dfuse.c: waits the last
 * time again, up to three times). How much too short they are is a guess that this remedy can cope with.
 */
export const L476_ROM_EARLY_STALL: RomProfile = {
  ...L476_ROM,
  earlyPoll: 'stall',
  poll: { setAddress: 1, erase: 10, massErase: 10, write: 10, unprotect: 10, leave: 0 },
};

/**
 * G431 V13.4 (capture of its strings and serial number: a CLN17 board; the product is that of other ROMs with bcdDevice
 * 0x0200). It takes blocks of up to 1024 bytes and answers 2048 with dfuERROR and errSTALLEDPKT (web-stm32-updater #3); that
 * it says so in wTransferSize follows the G0B1. bcdUSB, poll times and the end of a leave (as the G0B1's) are guesses.
 */
export const G431_ROM: RomProfile = {
  ...HABITS,
  bcdUsb: 0x0200,
  bcdDevice: 0x0200,
  product: 'DFU in FS Mode',
  serial: '208A31574253',
  layouts: [
    '@Internal Flash   /0x08000000/64*02Kg',
    '@Option Bytes   /0x1FFF7800/01*40Be',
    '@OTP Memory   /0x1FFF7000/01*01Ke',
  ],
  transferSize: 1024,
  longDownload: 'error',
  optionWriteResets: false,
  errorWhenEmpty: false,
  leave: 'vanishes',
  connectMs: 300,
};

/**
 * H743 V9.1 (captures: NuttX documentation and others; serial not unique). Erases in bank 2 stay busy (AN2606;
 * betaflight-configurator #1861); the device is gone before it answers the last GETSTATUS of a leave. bcdUSB and poll
 * times are guesses.
 */
export const H743_ROM: RomProfile = {
  ...HABITS,
  bcdUsb: 0x0200,
  bcdDevice: 0x0200,
  product: 'DFU in FS Mode',
  serial: '200364500000',
  layouts: ['@Internal Flash   /0x08000000/16*128Kg', '@Option Bytes   /0x5200201C/01*128 e'],
  optionWriteResets: false,
  errorWhenEmpty: false,
  stuckEraseFrom: 0x0810_0000,
  clearStatusElsewhere: 'error',
  leave: 'vanishes',
  connectMs: 54,
};
