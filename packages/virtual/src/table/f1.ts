/** STM32F105 and F107, the only F1 with USB DFU in their ROM (PM0075, AN2662, AN2606; captures of both). */

import { complementedBytes } from '../chip/protection.ts';
import { guess, recorded } from '../provenance.ts';
import { crashesBeyondMemory } from '../roms/usb-dfu/deviations.ts';
import { F1_FLASH, flashOf } from './flash-families.ts';
import { F072_POLL, OLD_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

export const F1: readonly RomRow[] = [
  /**
   * ROM V2.2. It starts USB only while PA9 sees VBUS, and finds its crystal by trial: with 25 MHz the device appears
   * after 460 ms, with 14.7456 MHz after 4.5 s, with 8 MHz after up to 13.7 s of failed enumerations (AN2606). We model
   * the 25 MHz board. AN2662 §4.5 adds: writing option bytes ends in a reset, and Set Address Pointer works under read
   * protection. The UID is that of the board in the thread, whose application shows 48EC45783650.
   */
  romRow({
    name: 'STM32F105',
    line: 'STM32F105/F107',
    devId: 0x418,
    cells: flashOf(F1_FLASH, [128, 2 * KB]),
    guard: complementedBytes({ pageBytes: 2 * KB, count: 128, open: 0xa5 }),
    ram: [[0x2000_0000, 64 * KB]],
    bootloaderRam: [[0x2000_0000, 4 * KB]],
    systemMemory: [[0x1fff_b000, 18 * KB]],
    systemWords: [
      [0x1fff_b000, 0x2000_0800],
      [0x1fff_b004, 0x1fff_e9c1],
    ],
    flashSizeAt: 0x1fff_f7e0,
    uidAt: 0x1fff_f7e8,
    options: {
      start: 0x1fff_f800,
      initial: [0xa5, 0x5a, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0],
    },
    habits: {
      ...OLD_ROM,
      poll: guess(F072_POLL, 'as the F072, which has such cells'),
      firstState: recorded('idle', 'F107 V2.0 (dfu-util device-logs)'),
      deviations: [crashesBeyondMemory],
      product: 'STM32 0x418 DFU Bootloade',
      optionWriteResets: true,
      setAddressWhenProtected: true,
    },
    layouts: ['@Internal Flash  /0x08000000/128*002Kg', '@Option Bytes  /0x1FFFF800/01*016 e'],
    serial: '48EC45783650',
    fixedSerial: 'STM32',
    connectMs: 460,
    romNeedsVbus: true,
    source:
      'AN2662, AN3156, AN2606, PM0075; captures of F105 and F107 (flashfloppy #462, HID2AMI, dfu-util device-logs)',
  }),
];
