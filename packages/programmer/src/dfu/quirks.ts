/** Deviations of real devices as rows: which device, what it does otherwise, what we do about it, who says so. */
import type { UsbIdentity } from '../ports/usb.ts';
import { isSt } from './identify.ts';

export interface QuirkFlags {
  /** A GETSTATUS that comes before the operation has ended is stalled: wait the advertised time, then ask again. */
  readonly stallsEarlyPoll: boolean;
  /** After an erase the device says dfuDNBUSY for ever; two CLRSTATUS free it, and the erase was done. */
  readonly staysBusyAfterErase: boolean;
}

export interface Quirk {
  readonly id: keyof QuirkFlags;
  readonly device: string;
  readonly matches: (device: DeviceTraits) => boolean;
  readonly deviation: string;
  readonly remedy: string;
  readonly source: string;
  /** The virtual board that cannot be programmed without this row. */
  readonly scenario: string;
}

export interface DeviceTraits {
  readonly identity: UsbIdentity;
  /** Layout string of the internal flash. */
  readonly flashLayout: string;
}

export const QUIRKS: readonly Quirk[] = [
  {
    id: 'stallsEarlyPoll',
    device: 'STM32L4 ROM bootloaders; every ST loader with pages of 2 or 4 KB is given the same patience',
    matches: ({ identity, flashLayout }) => isSt(identity) && /\*0*[24]Kg/.test(flashLayout),
    deviation: 'bwPollTimeout is too short and a GETSTATUS that comes early is stalled',
    remedy:
      'on a stall wait the last advertised time and ask again, after ever longer pauses, up to the limit of the operation',
    source: 'dfu-util 0.10 ChangeLog',
    scenario: 'stm32l476-rom-early-stall',
  },
  {
    id: 'staysBusyAfterErase',
    device: 'STM32H742/743/750/753 ROM bootloader V9.1',
    matches: ({ identity, flashLayout }) => isSt(identity) && /\*128Kg/.test(flashLayout) && !/,/.test(flashLayout),
    deviation: 'an erase in bank 2 stays in dfuDNBUSY for ever although it is done',
    remedy: 'after the usual erase time send CLRSTATUS twice, then read the sector until it is erased',
    source: 'AN2606 §"STM32H74xxx bootloader", V9.1 limitations; betaflight-configurator#1861, #5348',
    scenario: 'stm32h743-rom',
  },
];

/** The flags that hold for this device. */
export function quirksOf(device: DeviceTraits, rows: readonly Quirk[] = QUIRKS): QuirkFlags {
  const has = (id: Quirk['id']): boolean => rows.some((row) => row.id === id && row.matches(device));
  return { stallsEarlyPoll: has('stallsEarlyPoll'), staysBusyAfterErase: has('staysBusyAfterErase') };
}
