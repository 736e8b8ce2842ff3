/** Answers the requests that every USB device has to know (USB 2.0 §9.4); class requests are not its business. */

import { DescriptorType, languagesDescriptor, stringDescriptor } from './descriptors.ts';
import { ACK, type Reply, type Setup, STALL } from './model.ts';

/** bRequest (USB 2.0 Table 9-4). */
export const StandardRequest = {
  GET_STATUS: 0,
  CLEAR_FEATURE: 1,
  SET_FEATURE: 3,
  SET_ADDRESS: 5,
  GET_DESCRIPTOR: 6,
  GET_CONFIGURATION: 8,
  SET_CONFIGURATION: 9,
  GET_INTERFACE: 10,
  SET_INTERFACE: 11,
} as const;

/** All that a device tells about itself. */
export interface DescriptorSet {
  readonly device: Uint8Array;
  readonly configuration: Uint8Array;
  /** By string index, from 1 on. */
  readonly strings: Readonly<Record<number, string>>;
  /** Answered to GET_DESCRIPTOR for a class type; absent, the device stalls. */
  readonly functional?: Uint8Array;
  /** Absent, the device stalls it, as a full-speed-only device must (USB 2.0 §9.6.2). */
  readonly qualifier?: Uint8Array;
}

export function isStandard(setup: Setup): boolean {
  return (setup.requestType & 0x60) === 0;
}

/** Data, cut to what the host asked for (USB 2.0 §9.3.5). */
export function answer(setup: Setup, bytes: Uint8Array): Reply {
  return { kind: 'data', bytes: bytes.subarray(0, setup.length) };
}

/** The device's address, configuration and alternate setting; one configuration in which one interface is looked at. */
export class StandardRequests {
  readonly descriptors: DescriptorSet;
  readonly #alternates: number;
  readonly #interface: number;
  #configuration = 0;
  #alternate = 0;

  constructor(descriptors: DescriptorSet, alternates: number, interfaceNumber = 0) {
    this.descriptors = descriptors;
    this.#alternates = alternates;
    this.#interface = interfaceNumber;
  }

  get alternate(): number {
    return this.#alternate;
  }

  /** A bus reset: unconfigured, address 0. */
  reset(): void {
    this.#configuration = 0;
    this.#alternate = 0;
  }

  answer(setup: Setup): Reply {
    switch (setup.request) {
      case StandardRequest.GET_DESCRIPTOR:
        return this.#descriptor(setup);
      case StandardRequest.GET_STATUS:
        return answer(setup, this.#status(setup));
      case StandardRequest.CLEAR_FEATURE:
      case StandardRequest.SET_ADDRESS:
        return ACK;
      case StandardRequest.GET_CONFIGURATION:
        return answer(setup, Uint8Array.of(this.#configuration));
      case StandardRequest.SET_CONFIGURATION:
        return this.#configure(setup.value);
      case StandardRequest.GET_INTERFACE:
        return setup.index === this.#interface ? answer(setup, Uint8Array.of(this.#alternate)) : STALL;
      case StandardRequest.SET_INTERFACE:
        return this.#select(setup);
      default:
        return STALL;
    }
  }

  /** Two bytes; of a self-powered device bit 0 is set (USB 2.0 Figure 9-4). */
  #status(setup: Setup): Uint8Array {
    const selfPowered = ((this.descriptors.configuration[7] ?? 0) & 0x40) !== 0;
    return Uint8Array.of((setup.requestType & 0x1f) === 0 && selfPowered ? 1 : 0, 0);
  }

  #configure(value: number): Reply {
    if (value > 1) return STALL;
    this.#configuration = value;
    this.#alternate = 0;
    return ACK;
  }

  #select({ index, value }: Setup): Reply {
    if (index !== this.#interface || value >= this.#alternates) return STALL;
    this.#alternate = value;
    return ACK;
  }

  #descriptor(setup: Setup): Reply {
    const index = setup.value & 0xff;
    const bytes = this.#find(setup.value >> 8, index);
    return bytes ? answer(setup, bytes) : STALL;
  }

  #find(type: number, index: number): Uint8Array | undefined {
    const { device, configuration, functional, qualifier } = this.descriptors;
    switch (type) {
      case DescriptorType.DEVICE:
        return device;
      case DescriptorType.CONFIGURATION:
        return index === 0 ? configuration : undefined;
      case DescriptorType.STRING:
        return this.#string(index);
      case DescriptorType.DEVICE_QUALIFIER:
        return qualifier;
      case DescriptorType.DFU_FUNCTIONAL:
        return functional;
      default:
        return undefined;
    }
  }

  #string(index: number): Uint8Array | undefined {
    if (index === 0) return languagesDescriptor();
    const text = this.descriptors.strings[index];
    return text === undefined ? undefined : stringDescriptor(text);
  }
}
