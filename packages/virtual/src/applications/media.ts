/**
 * What stands behind ST's USB DFU class: the callbacks that the author of an application fills in (`USBD_DFU_MediaTypeDef`
 * of stm32-mw-usb-device). Init and DeInit are left out, as nothing of them is seen on the bus.
 */

import type { Chip } from '../chip/chip.ts';
import type { Flash } from '../flash/flash.ts';

/** A callback's return value, and when it returns: the class waits for it. */
export interface MediaResult {
  readonly ok: boolean;
  readonly endsAt: number;
}

export interface MediaInterface {
  /** `pStrDesc`, the alternate setting's name. */
  readonly layout: string;
  erase(address: number, now: number): MediaResult;
  write(address: number, bytes: Uint8Array, now: number): MediaResult;
  /** `undefined` is the null pointer. */
  read(address: number, length: number): Uint8Array | undefined;
  /** bwPollTimeout in ms that GetStatus fills in. */
  pollMs(command: 'erase' | 'program'): number;
}

/** `FLASH_DESC_STR` as CubeMX writes it for every chip: the map of a 2 MB STM32F42x. */
export const CUBEMX_LAYOUT =
  '@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg';

/** `usbd_dfu_if.c` as CubeMX generates it: everything succeeds, nothing happens, and Read returns USBD_OK as a pointer. */
export function stubMedia(): MediaInterface {
  return {
    layout: CUBEMX_LAYOUT,
    erase: (_, now) => ({ ok: true, endsAt: now }),
    write: (_address, _bytes, now) => ({ ok: true, endsAt: now }),
    read: () => undefined,
    pollMs: () => 0,
  };
}

export interface FlashMediaOptions {
  readonly layout: string;
  /** Erase and Write outside of it fail. */
  readonly application: { readonly start: number; readonly end: number };
  readonly pollMs: number;
}

/** The callbacks of a correct bootloader, after the structure of STM3210C_EVAL DFU_Standalone: flash with read-back. */
export function flashMedia(chip: Chip, { layout, application, pollMs }: FlashMediaOptions): MediaInterface {
  const { flash } = chip;
  const inside = (address: number, length: number) =>
    address >= application.start && address + length <= application.end;
  return {
    layout,
    erase(address, now) {
      if (!inside(address, 1)) return { ok: false, endsAt: now };
      return { ok: true, endsAt: flash.erase(address, now) };
    },
    write(address, bytes, now) {
      if (!inside(address, bytes.length)) return { ok: false, endsAt: now };
      const endsAt = flash.program(address, bytes, now);
      return { ok: flashHolds(flash, address, bytes), endsAt };
    },
    // An address without memory would fault; nothing documents what then comes, so zeros.
    read: (address, length) => chip.read(address, length) ?? new Uint8Array(length),
    pollMs: () => pollMs,
  };
}

function flashHolds(flash: Flash, address: number, bytes: Uint8Array): boolean {
  const cells = flash.peek(address, bytes.length);
  return bytes.every((byte, index) => byte === cells[index]);
}
