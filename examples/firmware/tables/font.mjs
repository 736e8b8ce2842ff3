/** A font of sixteen segments, as old displays had it, drawn at any size. */

/** Ends of each segment in a box of 2 × 4: halves of the bars, sides, middle, diagonals and uprights. */
const SEGMENTS = {
  a: [0, 0, 1, 0],
  A: [1, 0, 2, 0],
  b: [2, 0, 2, 2],
  c: [2, 2, 2, 4],
  d: [0, 4, 1, 4],
  D: [1, 4, 2, 4],
  e: [0, 2, 0, 4],
  f: [0, 0, 0, 2],
  g: [0, 2, 1, 2],
  G: [1, 2, 2, 2],
  h: [0, 0, 1, 2],
  i: [1, 0, 1, 2],
  j: [2, 0, 1, 2],
  k: [1, 2, 2, 4],
  l: [1, 2, 1, 4],
  m: [1, 2, 0, 4],
  '.': [1, 4, 1, 4],
  ':': [1, 1, 1, 1],
};

/** What is lit for the characters 32 to 95. */
const CHARACTERS = [
  ...[
    '',
    'i.',
    'fi',
    'gGdDbcil',
    'aAfgGcdDil',
    'afgijGcDlm',
    'ahigdekj',
    'i',
    'jk',
    'hm',
    'ghijGklm',
    'gGil',
    'm',
    'gG',
    '.',
    'jm',
  ],
  ...['aAbcdDefjm', 'bcj', 'aAbgGedD', 'aAbGcdD', 'fgGbc', 'aAfgGcdD', 'aAfgGcdDe', 'aAbc', 'aAbcdDefgG', 'aAbcdDfgG'],
  ...['.:', ':m', 'jk', 'gGdD', 'hm', 'aAbGl'],
  ...['aAbcdDefGi', 'aAbcefgG', 'aAbcdDilG', 'aAdDef', 'aAbcdDil', 'aAdDefgG', 'aAefg', 'aAcdDefG', 'bcefgG', 'aAdDil'],
  ...['bcdDe', 'efgjk', 'dDef', 'bcefhj', 'bcefhk', 'aAbcdDef', 'aAbefgG', 'aAbcdDefk', 'aAbefgGk', 'aAfgGcdD', 'aAil'],
  ...['bcdDef', 'efjm', 'bcefkm', 'hjkm', 'hjl', 'aAdDjm'],
  ...['adef', 'hk', 'ADbc', 'mk', 'dD'],
];

/** Glyphs one after the other, each row padded to whole bytes, the most significant bit to the left. */
export function drawFont(width, height) {
  const rowBytes = Math.ceil(width / 8);
  const bytes = new Uint8Array(CHARACTERS.length * rowBytes * height);
  const thickness = Math.max(0.55, width / 14);
  const [left, top] = [width * 0.14, height * 0.1];
  const [unitX, unitY] = [(width * 0.62) / 2, (height * 0.78) / 4];
  CHARACTERS.forEach((lit, index) => {
    const strokes = [...lit].map((name) => {
      const [x1, y1, x2, y2] = SEGMENTS[name];
      return [left + x1 * unitX, top + y1 * unitY, left + x2 * unitX, top + y2 * unitY];
    });
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        if (!strokes.some((stroke) => distance(x + 0.5, y + 0.5, stroke) <= thickness)) continue;
        bytes[(index * height + y) * rowBytes + (x >> 3)] |= 0x80 >> (x & 7);
      }
    }
  });
  return bytes;
}

/** From a point to a line that ends. */
export function distance(x, y, [x1, y1, x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}
