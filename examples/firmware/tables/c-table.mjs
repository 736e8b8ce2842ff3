/** Tables as C source, together with the bytes that they will be on the chip. */

const TYPES = {
  uint8_t: { size: 1, set: (view, at, value) => view.setUint8(at, value) },
  int16_t: { size: 2, set: (view, at, value) => view.setInt16(at, value, true) },
  uint16_t: { size: 2, set: (view, at, value) => view.setUint16(at, value, true) },
  uint32_t: { size: 4, set: (view, at, value) => view.setUint32(at, value, true) },
};

/** A constant array; `dimensions` is what stands between the brackets in C. Values are rounded. */
export function table(type, name, values, dimensions = `${values.length}`) {
  const { size, set } = TYPES[type];
  const rounded = Array.from(values, (value) => Math.round(value));
  const bytes = new Uint8Array(rounded.length * size);
  const view = new DataView(bytes.buffer);
  rounded.forEach((value, index) => {
    set(view, index * size, value);
  });
  const brackets = dimensions
    .split(' x ')
    .map((dimension) => `[${dimension}]`)
    .join('');
  const rows = dimensions.includes(' x ') ? nest(rounded, Number(dimensions.split(' x ')[1])) : lines(rounded);
  return { name, bytes, source: `const ${type} ${name}${brackets} = {\n${rows}};\n` };
}

/** CRC-32 of ISO-HDLC, the one of zip and Ethernet. */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff];
  return ~crc >>> 0;
}

export const crcTable = Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc >>> 0;
});

/** Lines of at most 16 values. */
export function lines(values) {
  let text = '';
  for (let at = 0; at < values.length; at += 16) text += `  ${values.slice(at, at + 16).join(', ')},\n`;
  return text;
}

function nest(values, inner) {
  let text = '';
  for (let at = 0; at < values.length; at += inner) text += `  {\n${lines(values.slice(at, at + inner))}  },\n`;
  return text;
}
