/** The DFU functional descriptor (DFU 1.1 §4.1.3), found in the configuration descriptor. */

export interface FunctionalDescriptor {
  readonly canDownload: boolean;
  readonly canUpload: boolean;
  readonly manifestationTolerant: boolean;
  readonly willDetach: boolean;
  readonly detachTimeoutMs: number;
  /** The most bytes that one DNLOAD or UPLOAD may carry; absent where it states 0, which makes no sense. */
  readonly transferSize?: number;
  /** Binary-coded decimal; 0x011A announces DfuSe (UM0391). */
  readonly version: number;
}

const INTERFACE = 0x04;
/** HID and CCID use the same number for descriptors of their own (HID 1.11 §7.1, CCID 1.1 §5.1). */
const DFU_FUNCTIONAL = 0x21;
const LENGTH_WITH_VERSION = 9;
const LENGTH_OF_DFU_1_0 = 7;

/**
 * The functional descriptor of an interface: it stands behind one of the interface's settings.
 * @returns `undefined` if the interface has none
 */
export function findFunctionalDescriptor(
  configuration: Uint8Array,
  interfaceNumber: number,
): FunctionalDescriptor | undefined {
  // One that stands before all interfaces is nobody else's.
  let isOurs = true;
  for (let at = 0; at + 2 <= configuration.length; ) {
    const length = configuration[at] ?? 0;
    if (length < 2) return undefined;
    const type = configuration[at + 1];
    if (type === INTERFACE) isOurs = configuration[at + 2] === interfaceNumber;
    else if (type === DFU_FUNCTIONAL && isOurs) return parseFunctional(configuration.subarray(at, at + length));
    at += length;
  }
  return undefined;
}

function parseFunctional(bytes: Uint8Array): FunctionalDescriptor | undefined {
  if (bytes.length < LENGTH_OF_DFU_1_0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes = view.getUint8(2);
  const transferSize = view.getUint16(5, true);
  return {
    canDownload: (attributes & 1) !== 0,
    canUpload: (attributes & 2) !== 0,
    manifestationTolerant: (attributes & 4) !== 0,
    willDetach: (attributes & 8) !== 0,
    detachTimeoutMs: view.getUint16(3, true),
    ...(transferSize > 0 && { transferSize }),
    version: bytes.length >= LENGTH_WITH_VERSION ? view.getUint16(7, true) : 0x0100,
  };
}
