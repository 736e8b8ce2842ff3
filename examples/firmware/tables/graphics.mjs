/** Fonts, warning lamps and the face of the speedometer, drawn from lines and circles. */
import { table } from './c-table.mjs';
import { distance, drawFont } from './font.mjs';

const ICON_SIDE = 64;
const DIAL_SIDE = 240;

const circle = (cx, cy, radius, thickness) => (x, y) => Math.abs(Math.hypot(x - cx, y - cy) - radius) <= thickness;
const disc = (cx, cy, radius) => (x, y) => Math.hypot(x - cx, y - cy) <= radius;
const box = (x1, y1, x2, y2) => (x, y) => x >= x1 && x <= x2 && y >= y1 && y <= y2;
const path =
  (thickness, ...points) =>
  (x, y) =>
    points.slice(1).some(([px, py], at) => distance(x, y, [...points[at], px, py]) <= thickness);
const spokes = (cx, cy, from, to, count, thickness) => {
  const lines = Array.from({ length: count }, (_, at) => {
    const [dx, dy] = [Math.cos((at * 2 * Math.PI) / count), Math.sin((at * 2 * Math.PI) / count)];
    return [cx + from * dx, cy + from * dy, cx + to * dx, cy + to * dy];
  });
  return (x, y) => lines.some((line) => distance(x, y, line) <= thickness);
};

/** In the order of the enumeration in resources.h. */
const ICONS = {
  stop: [circle(32, 32, 27, 3), box(29, 14, 35, 38), disc(32, 47, 4)],
  warning: [path(3, [32, 6], [59, 56], [5, 56], [32, 6]), box(30, 22, 34, 42), disc(32, 49, 3)],
  temperature: [
    circle(26, 47, 8, 2),
    path(2, [20, 42], [20, 10], [32, 10], [32, 42]),
    box(24, 22, 28, 47),
    path(1.5, [38, 16], [48, 16]),
    path(1.5, [38, 26], [48, 26]),
  ],
  battery: [
    path(2.5, [6, 18], [58, 18], [58, 50], [6, 50], [6, 18]),
    box(12, 10, 22, 18),
    box(42, 10, 52, 18),
    path(2, [13, 32], [23, 32]),
    path(2, [41, 32], [51, 32]),
    path(2, [46, 27], [46, 37]),
  ],
  snow: [spokes(32, 32, 0, 28, 6, 1.5), spokes(32, 32, 14, 20, 6, 3), circle(32, 32, 9, 1)],
  lamp: [
    path(2.5, [34, 10], [16, 16], [12, 32], [16, 48], [34, 54], [34, 10]),
    ...[14, 26, 38, 50].map((y) => path(2, [40, y], [58, y + 2])),
  ],
  plug: [
    box(18, 24, 46, 38),
    box(23, 10, 27, 24),
    box(37, 10, 41, 24),
    path(2.5, [22, 38], [32, 48], [42, 38]),
    path(2.5, [32, 48], [32, 60]),
  ],
  wrench: [path(4, [20, 44], [44, 20]), circle(48, 16, 8, 3), circle(16, 48, 8, 3)],
};

function drawIcon(shapes) {
  const bytes = new Uint8Array((ICON_SIDE * ICON_SIDE) / 8);
  for (let y = 0; y < ICON_SIDE; y += 1) {
    for (let x = 0; x < ICON_SIDE; x += 1) {
      if (shapes.some((inside) => inside(x + 0.5, y + 0.5))) bytes[(y * ICON_SIDE + x) >> 3] |= 0x80 >> (x & 7);
    }
  }
  return bytes;
}

/** 16 greys, two points a byte: a rim, 121 marks over 270 degrees, a hub, and a shade towards the edge. */
function drawDial() {
  const middle = DIAL_SIDE / 2;
  const marks = Array.from({ length: 121 }, (_, at) => {
    const angle = ((135 + at * 2.25) * Math.PI) / 180;
    const inner = at % 10 === 0 ? 86 : at % 5 === 0 ? 94 : 100;
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    return {
      line: [middle + inner * dx, middle + inner * dy, middle + 108 * dx, middle + 108 * dy],
      thick: at % 10 === 0 ? 1.8 : 0.9,
    };
  });
  const grey = (x, y) => {
    const radius = Math.hypot(x - middle, y - middle);
    if (radius > 119) return 0;
    let light = 2 + 3 * (radius / 119) ** 2 + 1.5 * Math.max(0, (middle - y) / middle) ** 2;
    light = Math.max(light, 15 * soft(Math.abs(radius - 115) - 3), 9 * soft(radius - 12));
    if (radius > 80 && radius < 112)
      for (const { line, thick } of marks) light = Math.max(light, 14 * soft(distance(x, y, line) - thick));
    return Math.min(15, Math.round(light));
  };
  const bytes = new Uint8Array((DIAL_SIDE * DIAL_SIDE) / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    const [x, y] = [(at * 2) % DIAL_SIDE, Math.floor((at * 2) / DIAL_SIDE)];
    bytes[at] = (grey(x + 0.5, y + 0.5) << 4) | grey(x + 1.5, y + 0.5);
  }
  return bytes;
}

/** 1 inside, 0 outside, a ramp of one point between. */
function soft(outside) {
  return Math.min(1, Math.max(0, 0.5 - outside));
}

const SIZES = [
  { name: 'font_small', width: 8, height: 12 },
  { name: 'font_medium', width: 16, height: 24 },
  { name: 'font_large', width: 32, height: 48 },
];

export const graphics = [
  ...SIZES.map(({ name, width, height }) => table('uint8_t', name, drawFont(width, height))),
  table(
    'uint8_t',
    'icons',
    Object.values(ICONS).flatMap((shapes) => [...drawIcon(shapes)]),
    `ICONS x ${(ICON_SIDE * ICON_SIDE) / 8}`,
  ),
  table('uint8_t', 'dial_face', drawDial()),
];

/** The table of fonts in C. */
export const fontsSource = `const struct font fonts[${SIZES.length}] = {\n${SIZES.map(
  ({ name, width, height }) => `  {${width}, ${height}, ${Math.ceil(width / 8)}, ${name}},\n`,
).join('')}};\n`;
