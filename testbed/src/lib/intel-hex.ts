/** Bytes as an Intel HEX file, written apart from the program under test (Intel, Hexadecimal Object File Format, 1988). Pure. */

const ROW_BYTES = 16;
const TYPE = { DATA: 0, END: 1, UPPER_ADDRESS: 4 } as const;

/** @param address of the first byte; it and the last one have the same upper 16 bits */
export function intelHexOf(address: number, bytes: Uint8Array): Uint8Array {
  const lines = [row(0, TYPE.UPPER_ADDRESS, [address >>> 24, (address >>> 16) & 0xff])];
  for (let at = 0; at < bytes.length; at += ROW_BYTES) {
    lines.push(row((address + at) & 0xffff, TYPE.DATA, [...bytes.subarray(at, at + ROW_BYTES)]));
  }
  lines.push(row(0, TYPE.END, []));
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

function row(offset: number, type: number, data: readonly number[]): string {
  const all = [data.length, offset >>> 8, offset & 0xff, type, ...data];
  const sum = -all.reduce((total, each) => total + each, 0) & 0xff;
  return `:${[...all, sum].map((each) => each.toString(16).padStart(2, '0').toUpperCase()).join('')}`;
}
