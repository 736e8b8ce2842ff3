/** Devices that are built to take time or memory: by their descriptors, their strings, their waits, their answers. */
import { configurationOf, contentAt, type DfuDevice, dfuDevice, stringDescriptor } from './dfu-device.ts';
import type { HostileCase } from './hostile-case.ts';
import { type RawAnswer, type Setup, serveDevice } from './raw-server.ts';

const INFO_OF_DEVICE = 'info --usbip 127.0.0.1:{port}/1-1';
const PROGRAM = 'program a.bin --at 0x08000000 --force --usbip 127.0.0.1:{port}/1-1';
const DOCTOR = 'doctor --usbip 127.0.0.1:{port}/1-1';
const READ = 'read out.bin --overwrite --usbip 127.0.0.1:{port}/1-1';

const ERASE_ALL = 'erase --all --usbip 127.0.0.1:{port}/1-1';

const hex = (address: number): string => `0x${address.toString(16).padStart(8, '0')}`;
const many = (count: number, name: (i: number) => string): string[] => Array.from({ length: count }, (_, i) => name(i));
const RUNS = '9999*1 g,9999*1 g,9999*1 g';
/** Two ranges of some thirty thousand sectors of a byte, which meet those of the next setting. */
const overlapping = (i: number): string =>
  `@F/${hex(0x0804_0000 + 16 * i)}/${RUNS}/${hex(0xe004_0000 + 16 * i)}/${RUNS}`;
/** As many as a string has room for, in ranges that lie apart. */
const apart = (i: number): string =>
  `@F/${hex(0x0800_0000 + i * 0x4_0000)}/${Array.from({ length: 12 }, () => '9999*1 g').join(',')}`;

function bytesOf(...parts: readonly (readonly number[])[]): Uint8Array {
  const flat = parts.flat();
  flat[2] = flat.length & 0xff;
  flat[3] = flat.length >> 8;
  return Uint8Array.from(flat);
}

const HEAD = [9, 2, 0, 0, 1, 1, 0, 0xc0, 0x32];
const INTERFACE = [9, 4, 0, 0, 0, 0xfe, 1, 2, 4];
const repeated = (part: readonly number[], count: number): number[] => Array.from({ length: count }, () => part).flat();

/** 65,535 bytes, the most that wTotalLength can state. */
const CONFIGURATIONS: Readonly<Record<string, Uint8Array>> = {
  'descriptors of length 0': bytesOf(HEAD, INTERFACE, repeated([0, 0x21], 30_000)),
  'descriptors of length 1': bytesOf(HEAD, repeated([1], 60_000)),
  '30,000 functional descriptors': bytesOf(HEAD, INTERFACE, repeated([2, 0x21], 30_000)),
  '7,200 interfaces': bytesOf(HEAD, ...many(7_200, String).map((i) => [9, 4, Number(i) & 0xff, 0, 0, 0xfe, 1, 2, 4])),
  '7,200 interfaces of others': bytesOf(
    HEAD,
    ...many(7_200, String).map((i) => [9, 4, Number(i) & 0xff, 0, 0, 3, 0, 0, 4]),
  ),
  'a descriptor that is longer than all': bytesOf(HEAD, INTERFACE, [255, 0x21, 1]),
  'a functional descriptor that is cut off': bytesOf(HEAD, INTERFACE, [9, 0x21, 0x0b]),
};

const longString =
  (length: number): Instead =>
  (setup) => {
    const isString = setup.request === 6 && setup.value >> 8 === 3 && (setup.value & 0xff) > 0;
    return isString ? Uint8Array.of(...stringDescriptor('A'.repeat(126)), ...new Uint8Array(length)) : undefined;
  };

type Instead = (setup: Setup) => RawAnswer | undefined;

interface Hostile {
  readonly name: string;
  readonly device: Partial<DfuDevice>;
  readonly verbs: readonly string[];
  readonly isEndless?: true;
}

/** In place of every descriptor of this type (USB 2.0 table 9-5), but for the list of languages. */
const described =
  (type: number, bytes: Uint8Array): Instead =>
  ({ request, value }) =>
    request === 6 && value >> 8 === type && value !== 0x0300 ? bytes : undefined;
/** bLength of a string, and so many bytes behind it. */
const stringOf = (length: number, bytes: number): Uint8Array =>
  Uint8Array.of(length, 3, ...new Uint8Array(bytes).fill(0x41));
const STATUS_REQUEST = 3;

const endlessly =
  (answer: RawAnswer): Instead =>
  (setup) =>
    setup.requestType & 0x60 ? answer : undefined;
let looks = 0;

const HOSTILE: readonly Hostile[] = [
  ...[2, 30, 250].map((count) => ({
    name: `${count} settings whose sectors overlap`,
    device: { alternates: many(count, overlapping) },
    verbs: [INFO_OF_DEVICE, PROGRAM],
  })),
  ...[1, 2, 100, 250].map((count) => ({
    name: `${count} settings of 120,000 sectors`,
    device: { alternates: many(count, apart) },
    verbs: [INFO_OF_DEVICE],
  })),
  {
    name: '7,000 settings',
    device: { alternates: [apart(0)], configuration: configurationOf(7_000, 1024) },
    verbs: [INFO_OF_DEVICE, DOCTOR],
  },
  ...Object.entries(CONFIGURATIONS).map(([name, configuration]) => ({
    name,
    device: { configuration },
    verbs: [INFO_OF_DEVICE],
  })),
  {
    name: 'a flash of 4 GB in four sectors',
    device: { alternates: ['@Flash/0x00000000/4*999Mg'], read: (_: number, length: number) => new Uint8Array(length) },
    verbs: [INFO_OF_DEVICE, PROGRAM, DOCTOR],
  },
  {
    name: 'a flash of 4 GB that is read',
    device: { alternates: ['@Flash/0x00000000/4*999Mg'], transferSize: 65_535 },
    verbs: [READ, `checksum --usbip 127.0.0.1:{port}/1-1`],
  },
  {
    name: 'a sector that ends behind the last address',
    device: { alternates: ['@Flash/0xFFFFF000/9999*999Mg'] },
    verbs: [INFO_OF_DEVICE],
  },
  {
    name: 'a map that is another one at each look',
    device: {
      instead: (setup) =>
        setup.request === 6 && setup.value === 0x0304 ? stringDescriptor(`@F/0x08000000/${++looks}*001Kg`) : undefined,
    },
    verbs: [INFO_OF_DEVICE, PROGRAM],
  },
  ...[0, 1, 65_535].map((transferSize) => ({
    name: `wTransferSize ${transferSize}`,
    device: { transferSize },
    verbs: [INFO_OF_DEVICE, `${PROGRAM.replace('a.bin', 'small.bin')}`],
  })),
  {
    name: 'a flash of 256 MB',
    device: { alternates: ['@QSPI Flash/0x90000000/64*004Mg'], transferSize: 4096 },
    verbs: [READ, 'checksum --range 0x90000000..0xA0000000 --usbip 127.0.0.1:{port}/1-1', ERASE_ALL],
  },
  {
    name: 'a flash of sectors of 4 MB',
    device: { alternates: ['@QSPI Flash/0x90000000/64*004Mg'], transferSize: 4096 },
    verbs: [PROGRAM.replace('0x08000000', '0x90001000'), 'blank-check --usbip 127.0.0.1:{port}/1-1'],
    isEndless: true,
  },
  {
    name: 'option bytes in 8,192 sectors',
    device: {
      alternates: ['@Internal Flash  /0x08000000/128*002Kg', `@Option Bytes  /0x1FFFF800/8191*1 e`],
    },
    verbs: [INFO_OF_DEVICE, PROGRAM, `option-bytes show --usbip 127.0.0.1:{port}/1-1`],
  },
  {
    name: '250 maps that are broken',
    device: { alternates: many(250, (i) => `@Flash ${i}/0x0800000G/${'9999*1 g,'.repeat(12)}`) },
    verbs: [INFO_OF_DEVICE, `${PROGRAM} --chip STM32F103RC`],
  },
  ...[0, 1, 2, 9, 17].map((length) => ({
    name: `a device descriptor of ${length} bytes`,
    device: { instead: described(1, new Uint8Array(length).fill(1)) },
    verbs: [INFO_OF_DEVICE],
  })),
  ...[0, 1, 8, 9].map((length) => ({
    name: `a configuration descriptor of ${length} bytes`,
    device: { instead: described(2, Uint8Array.of(9, 2, length, 0, 1, 1, 0, 0xc0, 0x32).subarray(0, length)) },
    verbs: [INFO_OF_DEVICE],
  })),
  ...(
    [
      [0, 0],
      [0, 60],
      [1, 60],
      [3, 60],
      [255, 0],
      [255, 252],
    ] as const
  ).map(([length, bytes]) => ({
    name: `strings that state ${length} bytes and have ${bytes + 2}`,
    device: { instead: described(3, stringOf(length, bytes)) },
    verbs: [INFO_OF_DEVICE, PROGRAM],
  })),
  {
    name: 'an own word for each status, of control characters',
    device: {
      instead: ({ requestType, request }: Setup) =>
        (requestType & 0x60) !== 0 && request === STATUS_REQUEST ? Uint8Array.of(10, 0, 0, 0, 10, 2) : undefined,
      product: '\u001b]0;owned\u0007'.repeat(8),
    },
    verbs: [INFO_OF_DEVICE, PROGRAM],
  },
  {
    name: 'a content that is another one at each read',
    device: { read: (_: number, length: number) => contentAt(++looks * 7919, length) },
    verbs: [PROGRAM, READ, DOCTOR],
  },
  { name: 'strings with more behind them', device: { instead: longString(60_000) }, verbs: [INFO_OF_DEVICE] },
  {
    name: 'strings of control characters',
    device: {
      product: '\u001b]0;owned\u0007\r\nVerified     all',
      serial: '\u009b2J\u202e',
      manufacturer: '\u0000'.repeat(126),
    },
    verbs: [INFO_OF_DEVICE, PROGRAM],
  },
  { name: 'busy for ever', device: { isBusyForEver: true }, verbs: [PROGRAM, DOCTOR] },
  {
    name: 'busy for ever, each time for 4.6 hours',
    device: { isBusyForEver: true, pollMs: 0xff_ffff },
    verbs: [PROGRAM, DOCTOR],
  },
  { name: 'stalls every DFU request', device: { instead: endlessly('stall') }, verbs: [INFO_OF_DEVICE, PROGRAM] },
  { name: 'answers no DFU request', device: { instead: endlessly('never') }, verbs: [INFO_OF_DEVICE] },
  {
    name: 'answers every DFU request with nothing',
    device: { instead: endlessly(new Uint8Array(0)) },
    verbs: [INFO_OF_DEVICE, PROGRAM],
  },
  {
    name: 'answers every DFU request with 64 KB',
    device: { instead: endlessly(new Uint8Array(65_535).fill(2)) },
    verbs: [INFO_OF_DEVICE, PROGRAM, DOCTOR],
  },
  {
    name: 'gives one byte of each block',
    device: { read: (address: number) => contentAt(address, 1) },
    verbs: [PROGRAM, READ],
  },
  {
    name: 'takes 4.6 hours for each operation, it says',
    device: { pollMs: 0xff_ffff },
    verbs: [PROGRAM.replace('a.bin', 'small.bin')],
  },
  {
    name: 'needs a second for each reply',
    device: { delayMs: 1_000 },
    verbs: [PROGRAM, READ, DOCTOR],
    isEndless: true,
  },
];

export const HOSTILE_DEVICES: readonly HostileCase[] = HOSTILE.map(({ device, ...told }) => ({
  ...told,
  // A device of its own for each connection: a run finds nothing that another one has left.
  serve: (socket) => serveDevice(dfuDevice(device))(socket),
}));
