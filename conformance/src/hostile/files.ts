/** Firmware files, and what takes their name, that are built to take time or memory. */
import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import type { HostileCase } from './hostile-case.ts';

const MB = 1 << 20;

/** @returns a record of Intel HEX with its checksum */
function hexRecord(address: number, type: number, data: readonly number[]): string {
  const bytes = [data.length, address >> 8, address & 0xff, type, ...data];
  const sum = -bytes.reduce((all, byte) => all + byte, 0) & 0xff;
  return `:${Buffer.from([...bytes, sum])
    .toString('hex')
    .toUpperCase()}\n`;
}

const base = (high: number): string => hexRecord(0, 4, [high >> 8, high & 0xff]);
const END = ':00000001FF\n';

/** Single bytes, far apart and downwards: each is a segment of its own. */
function scattered(count: number, step: number): string {
  let text = '';
  let high = -1;
  for (let i = count; i > 0; i--) {
    const address = 0x0800_0000 + i * step;
    if (address >>> 16 !== high) {
      high = address >>> 16;
      text += base(high);
    }
    text += hexRecord(address & 0xffff, 0, [i & 0xff]);
  }
  return text + END;
}

interface ElfShape {
  readonly segments: number;
  readonly sections: number;
  /** Of each segment, all from the same bytes of the file. */
  readonly segmentBytes: number;
  readonly memoryBytes?: number;
}

/** ELF32 for Arm (System V ABI, chapters 4 and 5). */
function elf({ segments, sections, segmentBytes, memoryBytes = segmentBytes }: ElfShape): Buffer {
  const [programs, contents] = [52, 52 + segments * 32];
  const table = contents + segmentBytes;
  const file = Buffer.alloc(table + sections * 40);
  file.write('\u007fELF\u0001\u0001\u0001', 0, 'latin1');
  const half = (at: number, value: number): number => file.writeUInt16LE(value, at);
  const long = (at: number, value: number): number => file.writeUInt32LE(value >>> 0, at);
  half(16, 2);
  half(18, 40);
  long(20, 1);
  long(24, 0x0800_0101);
  long(28, programs);
  long(32, sections > 0 ? table : 0);
  half(40, 52);
  half(42, 32);
  half(44, segments);
  half(46, 40);
  half(48, sections);
  for (let i = 0; i < segments; i++) {
    const at = programs + i * 32;
    const address = 0x0800_0000 + i * Math.max(memoryBytes, 4);
    for (const [n, value] of [1, contents, address, address, segmentBytes, memoryBytes, 5, 4].entries())
      long(at + 4 * n, value);
  }
  for (let i = 0; i < sections; i++) {
    // A symbol table over all of the file, whose texts are the file as well.
    for (const [n, value] of [1, 2, 0, 0, 0, file.length, i, 0, 1, 16].entries()) long(table + i * 40 + 4 * n, value);
  }
  return file;
}

/** DfuSe (UM0391 §2): prefix, targets, elements; what the counts say need not be there. */
function dfuse(targets: number, elements: number): Buffer {
  const prefix = Buffer.alloc(11);
  prefix.write('DfuSe', 0, 'latin1');
  prefix[5] = 1;
  prefix.writeUInt32LE(0xffff_fff0, 6);
  prefix[10] = targets;
  const target = Buffer.alloc(274);
  target.write('Target', 0, 'latin1');
  target.writeUInt32LE(0xffff_fff0, 266);
  target.writeUInt32LE(elements >>> 0, 270);
  const element = Buffer.alloc(8);
  return Buffer.concat([prefix, ...Array.from({ length: targets }, () => Buffer.concat([target, element]))]);
}

/** Elements without content, 8 bytes each, with a suffix that is right (DFU 1.1 appendix B). */
function emptyElements(count: number): Buffer {
  const head = dfuse(1, count).subarray(0, 285);
  head.writeUInt32LE(head.length + 8 * count, 6);
  head.writeUInt32LE(8 * count, 11 + 266);
  const suffix = Buffer.from([0xff, 0xff, 0x11, 0xdf, 0x83, 0x04, 0x1a, 0x01, 0x55, 0x46, 0x44, 16]);
  const content = Buffer.concat([head, Buffer.alloc(8 * count), suffix]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(~crc32(content) >>> 0);
  return Buffer.concat([content, crc]);
}

/** ITU-T V.42, reflected. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc;
}

/** The UF2 specification: blocks of 512 bytes, each of which says how many there are. */
function uf2(blocks: number, step: number): Buffer {
  const file = Buffer.alloc(blocks * 512);
  for (let i = 0; i < blocks; i++) {
    const words = [0x0a32_4655, 0x9e5d_5157, 0, 0x0800_0000 + i * step, 256, i, 0xffff_ffff];
    for (const [n, value] of words.entries()) file.writeUInt32LE(value >>> 0, i * 512 + 4 * n);
    file.writeUInt32LE(0x0ab1_6f30, i * 512 + 508);
  }
  return file;
}

/** A ZIP file with one member that unpacks to 1 GB (APPNOTE 4.3). */
function zipBomb(): Buffer {
  const packed = deflateRawSync(Buffer.alloc(256 * MB));
  const head = Buffer.alloc(31);
  head.writeUInt32LE(0x0403_4b50, 0);
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(packed.length, 18);
  head.writeUInt32LE(0xffff_ffff, 22);
  head.writeUInt16LE(1, 26);
  head.write('a', 30);
  return Buffer.concat([head, packed]);
}

const s3 = (address: number, data: readonly number[]): string => {
  const bytes = [
    data.length + 5,
    address >>> 24,
    (address >> 16) & 0xff,
    (address >> 8) & 0xff,
    address & 0xff,
    ...data,
  ];
  const sum = ~bytes.reduce((all, byte) => all + byte, 0) & 0xff;
  return `S3${Buffer.from([...bytes, sum])
    .toString('hex')
    .toUpperCase()}\n`;
};

const FILES: Readonly<Record<string, () => string | Uint8Array>> = {
  'both-ends.hex': () => base(0) + hexRecord(0, 0, [1]) + base(0xffff) + hexRecord(0xffff, 0, [1]) + END,
  'both-ends.s37': () => s3(0, [1]) + s3(0xffff_ffff, [1]),
  'downwards.hex': () => scattered(390_000, 1),
  'scattered.hex': () => scattered(196_000, 2),
  'one-line.hex': () => ':'.repeat(30 * MB),
  'one-line.s19': () => `S1${'F'.repeat(30 * MB)}`,
  'comments.hex': () => '\n'.repeat(30 * MB),
  'many-segments.elf': () => elf({ segments: 65_000, sections: 0, segmentBytes: 4 }),
  'shared-segments.elf': () => elf({ segments: 4_000, sections: 0, segmentBytes: MB }),
  'empty-memory.elf': () => elf({ segments: 200, sections: 0, segmentBytes: 4, memoryBytes: 0x0100_0000 }),
  'many-sections.elf': () => elf({ segments: 1, sections: 65_000, segmentBytes: 4 }),
  'large-symbols.elf': () => elf({ segments: 1, sections: 2_000, segmentBytes: 30 * MB }),
  'same-address.hex': () => base(0x800) + hexRecord(0, 0, [1]).repeat(2_000_000) + END,
  'only-bases.hex': () => base(0x800).repeat(1_700_000) + END,
  'only-headers.s19': () => 'S0030000FC\n'.repeat(2_500_000),
  'size-of-nothing.s19': () => 'S100FF\n'.repeat(1_000_000),
  'empty-elements.dfu': () => emptyElements(3_000_000),
  'counts.dfu': () => dfuse(255, 0xffff_ffff),
  'no-count.dfu': () => dfuse(0, 0),
  'scattered.uf2': () => uf2(60_000, 512),
  'same-place.uf2': () => uf2(60_000, 0),
  'bomb.zip': zipBomb,
  'bomb.hex': zipBomb,
  'bomb.gz': () => gzipSync(Buffer.alloc(256 * MB)),
  'deep.json': () => '{"a":'.repeat(4_000_000),
  'deep.xml': () => '<a>'.repeat(8_000_000),
  'blanks.bin': () => ' '.repeat(60 * MB),
};
const BY_FORMAT: Readonly<Record<string, string>> = { 'blanks.bin': ' --format binary --at 0x08000000' };

const fileCases = Object.entries(FILES).map(([file, content]) => ({
  name: `the file ${file}`,
  verbs: [
    `check ${file}${BY_FORMAT[file] ?? ''}`,
    `program ${file}${BY_FORMAT[file] ?? ''} --virtual stm32f105-rom --instant`,
  ],
  make: (folder: string) => writeFileSync(join(folder, file), content()),
}));

/** A file of that length that takes no room on the disk. */
const sparse =
  (file: string, bytes: number) =>
  (folder: string): void => {
    writeFileSync(join(folder, file), '');
    truncateSync(join(folder, file), bytes);
  };

const LARGE_FILES: readonly HostileCase[] = ['bin', 'hex', 'elf', 'dfu', 'uf2', 's19'].map((ending) => ({
  name: `a file of 3 GB named .${ending}`,
  verbs: [`check large.${ending}`],
  make: sparse(`large.${ending}`, 3_000 * MB),
}));

const PROJECTS: Readonly<Record<string, () => string>> = {
  'brackets, 200,000 deep': () => '['.repeat(200_000),
  'a path of 50 MB': () => JSON.stringify({ file: 'x'.repeat(50 * MB) }),
  'a million keys': () => `{${Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":1`).join(',')}}`,
};

const projects: readonly HostileCase[] = [
  ...Object.entries(PROJECTS).map(([name, text]) => ({
    name: `a project file with ${name}`,
    verbs: ['check'],
    make: (folder: string) => writeFileSync(join(folder, 'sureflash.json'), text()),
  })),
  { name: 'a project file of 3 GB', verbs: ['check a.bin'], make: sparse('sureflash.json', 3_000 * MB) },
];

const fifo =
  (path: string) =>
  (folder: string): void =>
    void execFileSync('mkfifo', [join(folder, path)]);

/** Pipes that nobody writes to or reads from: whoever reads one waits until Ctrl-C. */
const pipes: readonly HostileCase[] = [
  { name: 'a firmware file that is a pipe', verbs: ['check pipe.hex'], make: fifo('pipe.hex'), isEndless: true },
  { name: 'a project file that is a pipe', verbs: ['check'], make: fifo('sureflash.json'), isEndless: true },
  {
    name: 'a trace that is a pipe',
    verbs: ['info --replay pipe'],
    make: fifo('pipe'),
    isEndless: true,
  },
  // Whoever writes to one that nobody reads is told so at once.
  {
    name: 'a record that is a pipe',
    verbs: ['info --virtual stm32f105-rom --instant --trace pipe'],
    make: fifo('pipe'),
  },
  {
    name: 'a report that is a pipe',
    verbs: ['program a.bin --at 0x08000000 --force --virtual stm32f105-rom --instant --report pipe'],
    make: fifo('pipe'),
  },
];

export const HOSTILE_FILES: readonly HostileCase[] = [...fileCases, ...LARGE_FILES, ...projects, ...pipes];
