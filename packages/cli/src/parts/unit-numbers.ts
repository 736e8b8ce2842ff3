/** A number for each board of a production, at an address that the firmware leaves free. It knows no device. */
import { MemoryImage } from '@sureflash/image';
import { hex } from '@sureflash/programmer/basics';
import { usage } from '../base/command-error.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';

/** 32 bits, the lowest byte first. */
const NUMBER_BYTES = 4;

export class UnitNumbers {
  readonly #firmware: LoadedFirmware;
  readonly #address: number;
  readonly #byUid = new Map<string, number>();
  #next: number;

  /** @throws CommandError `cli/usage` for an address where a word cannot stand, or the firmware has bytes of its own */
  constructor(firmware: LoadedFirmware, { address, first }: { readonly address: number; readonly first: number }) {
    this.#firmware = firmware;
    this.#address = address;
    this.#next = first;
    const isFree = firmware.image.within({ start: address, end: address + NUMBER_BYTES }).length === 0;
    if (address % NUMBER_BYTES === 0 && isFree) return;
    throw usage(
      `The number cannot stand at ${hex(address)}.`,
      'Name an address that is a multiple of 4 and that the firmware leaves free.',
    );
  }

  /** No number is given to two boards: that of a board that failed goes to no other. */
  numberFor(uid: string | undefined): number {
    const number = (uid === undefined ? undefined : this.#byUid.get(uid)) ?? this.#next++;
    if (uid !== undefined) this.#byUid.set(uid, number);
    return number;
  }

  /** The firmware of the board with this number. */
  firmwareWith(number: number): LoadedFirmware {
    const bytes = new Uint8Array(NUMBER_BYTES);
    new DataView(bytes.buffer).setUint32(0, number, true);
    const image = new MemoryImage([...this.#firmware.image.segments, { address: this.#address, bytes }]);
    return { ...this.#firmware, image };
  }
}
