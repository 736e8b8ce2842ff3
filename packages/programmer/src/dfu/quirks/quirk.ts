/** The parts of a quirk row: how to recognise the device, and how to treat it differently. */
import type { Range } from '@sureflash/chips';
import type { Alternate, UsbIdentity } from '../../ports/usb.ts';
import type { Identification } from '../identify/identify.ts';
import type { QuirkFlags } from '../protocol/handling.ts';

/** Everything that a row can change. */
export interface QuirkEffects extends QuirkFlags {
  /** Under read protection erases and writes are acknowledged and do nothing: the RDP byte is read before the first. */
  readonly silentWhenProtected?: boolean;
  /** Most bytes of one block, where the functional descriptor says more. */
  readonly mostBlockBytes?: number;
  /** Option bytes that no alternate setting names and that are read at their addresses, in pieces that real hosts read. */
  readonly hiddenOptions?: readonly Range[];
  /** DFU 1.1 without ST's commands, although the functional descriptor announces them. */
  readonly speaksPlainDfu?: boolean;
  /** `id`, in the chip table, of the only chip that describes itself in this way. */
  readonly chipId?: string;
  /** @returns the true text of a layout string */
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
