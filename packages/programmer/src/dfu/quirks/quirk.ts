/** What a quirk row is made of: how a device is recognised, and what the client does otherwise because of it. */
import type { Alternate, UsbIdentity } from '../../ports/usb.ts';
import type { Identification } from '../identify.ts';
import type { QuirkFlags } from '../quirk-flags.ts';

/** All that a row can change. */
export interface QuirkEffects extends QuirkFlags {
  /** Under read protection erases and writes are acknowledged and do nothing: the RDP byte is read before the first. */
  readonly silentWhenProtected?: boolean;
  /** Bytes that one block may carry, where the functional descriptor says more. */
  readonly mostBlockBytes?: number;
  /** DFU 1.1 without ST's commands, although the functional descriptor announces them. */
  readonly speaksPlainDfu?: boolean;
  /** The one chip that describes itself in this way; `id` of the chip table. */
  readonly chipId?: string;
  /** The true text of a layout string. */
  readonly correctLayout?: (text: string, identity: UsbIdentity) => string;
}

export interface DeviceTraits {
  readonly identity: UsbIdentity;
  readonly alternates: readonly Alternate[];
  readonly identification: Identification;
}

export interface Quirk {
  /** Unique, kebab-case. */
  readonly id: string;
  readonly device: string;
  readonly matches: (device: DeviceTraits) => boolean;
  readonly deviation: string;
  readonly remedy: string;
  readonly effects: QuirkEffects;
  readonly source: string;
  /** The virtual board that cannot be worked with as it should be without this row. */
  readonly scenario: string;
}
