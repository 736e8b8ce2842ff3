/** A running program with a DFU run-time interface beside its own (DFU 1.1 §4.2 and §5.1). What it restarts as, its board knows. */
import type { BoardAccess } from '../board-access.ts';
import {
  configurationDescriptor,
  DescriptorType,
  type DeviceIdentity,
  deviceDescriptor,
  dfuFunctionalDescriptor,
} from '../usb/descriptors.ts';
import { DfuRequest, DfuState, DfuStatus, statusBytes } from '../usb/dfu-words.ts';
import { ACK, type Reply, type Setup, STALL, type UsbDeviceModel } from '../usb/model.ts';
import { answer, isStandard, StandardRequests } from '../usb/standard.ts';

export interface RuntimeManners {
  readonly ids: Omit<DeviceIdentity, 'bcdUsb'>;
  readonly strings: { readonly manufacturer: string; readonly product: string; readonly serial: string };
  /** Class of the program's own interface: 0xFF is the vendor's, 0xE0 a wireless controller. */
  readonly ownClass: number;
  /** `itself`: bitWillDetach, and it does. `at-reset`: it waits for a bus reset. `never`: it stalls DFU_DETACH. */
  readonly detaches: 'itself' | 'at-reset' | 'never';
}

export interface RuntimeWorld {
  readonly board: BoardAccess;
  /** Called when the next start has to be that of the bootloader. */
  readonly onDetach: () => void;
}

const OWN_INTERFACE = 0;
const DFU_INTERFACE = 1;
const LEAVES_AFTER_MS = 15;
const DETACH_TIMEOUT_MS = 1000;
const WILL_DETACH = 8;
/** Download, upload, manifestation tolerant. */
const ATTRIBUTES = 7;

export class RuntimeDfu implements UsbDeviceModel {
  readonly speed = 'full';
  readonly busyUntil = 0;
  readonly #manners: RuntimeManners;
  readonly #world: RuntimeWorld;
  readonly #standard: StandardRequests;
  /** Clock time until which a bus reset leads to the bootloader. */
  #waitsUntil = 0;

  constructor(manners: RuntimeManners, world: RuntimeWorld) {
    this.#manners = manners;
    this.#world = world;
    const { ids, strings, ownClass, detaches } = manners;
    const functional = dfuFunctionalDescriptor({
      attributes: ATTRIBUTES | (detaches === 'itself' ? WILL_DETACH : 0),
      detachTimeoutMs: DETACH_TIMEOUT_MS,
      transferSize: 1024,
      bcdDfuVersion: 0x0110,
    });
    const own = Uint8Array.of(9, DescriptorType.INTERFACE, OWN_INTERFACE, 0, 0, ownClass, 1, 1, 0);
    const dfu = Uint8Array.of(9, DescriptorType.INTERFACE, DFU_INTERFACE, 0, 0, 0xfe, 0x01, 0x01, 4);
    const { manufacturer, product, serial } = strings;
    const descriptors = {
      device: deviceDescriptor({ bcdUsb: 0x0200, ...ids }),
      configuration: configurationDescriptor([own, dfu, functional], { strings: 0, attributes: 0x80, milliamps: 100 }),
      strings: { 1: manufacturer, 2: product, 3: serial, 4: 'DFU run-time' },
      functional,
    };
    this.#standard = new StandardRequests(descriptors, 1, DFU_INTERFACE);
  }

  get deviceDescriptor(): Uint8Array {
    return this.#standard.descriptors.device;
  }

  get configurationDescriptor(): Uint8Array {
    return this.#standard.descriptors.configuration;
  }

  /** DFU 1.1 §A.2.2: in appDETACH it leads to the bootloader, which has descriptors of its own. */
  reset(): void {
    this.#standard.reset();
    if (this.#world.board.now() < this.#waitsUntil) this.#restart(0);
  }

  control(setup: Setup, _data: Uint8Array): Reply {
    if (isStandard(setup)) return this.#standard.answer(setup);
    if (setup.request === DfuRequest.DETACH) return this.#detach(setup);
    if (setup.request === DfuRequest.GETSTATE) return answer(setup, Uint8Array.of(this.#state));
    if (setup.request === DfuRequest.GETSTATUS) return answer(setup, statusBytes(DfuStatus.OK, 0, this.#state));
    return STALL;
  }

  get #state(): number {
    return this.#world.board.now() < this.#waitsUntil ? DfuState.APP_DETACH : DfuState.APP_IDLE;
  }

  #detach({ value }: Setup): Reply {
    const { detaches } = this.#manners;
    if (detaches === 'never') return STALL;
    if (detaches === 'itself') this.#restart(LEAVES_AFTER_MS);
    else this.#waitsUntil = this.#world.board.now() + Math.min(value, DETACH_TIMEOUT_MS);
    return ACK;
  }

  #restart(afterMs: number): void {
    this.#waitsUntil = 0;
    this.#world.onDetach();
    this.#world.board.resetIn(afterMs);
  }
}
