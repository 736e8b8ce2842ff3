/**
 * Writes the dashboard's tables as C: `node generate.mjs <folder>`. The same bytes on every machine: arithmetic is
 * JavaScript's, random numbers come from a generator with a fixed seed.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from './c-table.mjs';
import { fontsSource, graphics } from './graphics.mjs';
import { maps } from './maps.mjs';
import { counts, texts } from './text.mjs';

const HEADER = '#include "resources.h"\n\n';
const folder = process.argv[2];
if (folder === undefined) throw new Error('Say where to: node generate.mjs <folder>');

const write = (name, source) => writeFileSync(join(folder, name), HEADER + source);
const drive = maps.find(({ name }) => name === 'drive_cycle');
const lengths = { ...counts, drive_cycle_length: drive.bytes.length / 2 };

write('maps.c', maps.map(({ source }) => source).join('\n'));
write('graphics.c', [...graphics.map(({ source }) => source), fontsSource].join('\n'));
write('texts.c', texts.map(({ source }) => source).join('\n'));

const all = [...maps, ...graphics, ...texts];
const fonts = graphics.filter(({ name }) => name.startsWith('font_'));
const rows = all.map(
  ({ name, bytes }) => `  {"${name}", ${name}, ${bytes.length}, 0x${crc32(bytes).toString(16).padStart(8, '0')}u},\n`,
);
write(
  'directory.c',
  [
    ...fonts.map(({ name }) => `extern const uint8_t ${name}[];\n`),
    ...Object.entries(lengths).map(([name, value]) => `const uint32_t ${name} = ${value};\n`),
    `const struct resource resources[] = {\n${rows.join('')}};\n`,
    `const uint32_t resource_count = ${all.length};\n`,
  ].join(''),
);
