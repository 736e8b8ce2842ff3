/** Finds the interface that a protocol can use. The protocol says which by filters; none is known here. */
import { FlashError } from '../errors.ts';
import type { Alternate, UsbFilter, UsbIdentity } from '../ports/usb.ts';

type Ids = Pick<UsbIdentity, 'vendorId' | 'productId'>;
type Codes = Pick<Alternate, 'interfaceClass' | 'interfaceSubclass' | 'interfaceProtocol'>;

/** One alternate setting with the number of its interface. */
export type InterfaceSetting = Codes & { readonly interfaceNumber: number };

export interface FoundInterface {
  readonly interfaceNumber: number;
  /** The filter that it fits. */
  readonly filter: UsbFilter;
}

/** @returns the first interface that fits the first of the filters that any fits; `undefined` if none does */
export function findInterface(
  ids: Ids,
  settings: readonly InterfaceSetting[],
  filters: readonly UsbFilter[],
): FoundInterface | undefined {
  for (const filter of filters) {
    const found = settings.find((setting) => passes(filter, ids, setting));
    if (found) return { interfaceNumber: found.interfaceNumber, filter };
  }
  return undefined;
}

/** @throws FlashError `device/not-programmable` if no interface fits */
export function requireInterface(
  ids: Ids,
  settings: readonly InterfaceSetting[],
  filters: readonly UsbFilter[],
): number {
  const found = findInterface(ids, settings, filters);
  if (found) return found.interfaceNumber;
  throw new FlashError('device/not-programmable', { detail: 'none of its interfaces is one to program it through' });
}

function passes(filter: UsbFilter, { vendorId, productId }: Ids, codes: Codes): boolean {
  return (
    (filter.vendorId ?? vendorId) === vendorId &&
    (filter.productId ?? productId) === productId &&
    (filter.classCode ?? codes.interfaceClass) === codes.interfaceClass &&
    (filter.subclassCode ?? codes.interfaceSubclass) === codes.interfaceSubclass &&
    (filter.protocolCode ?? codes.interfaceProtocol) === codes.interfaceProtocol
  );
}
