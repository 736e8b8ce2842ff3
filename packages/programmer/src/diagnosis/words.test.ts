import { describe, expect, it } from 'vitest';
import { CAUSES } from './causes/index.ts';
import { type FactsByObservation, type Observation, type ObservationKind, seen } from './observation.ts';
import { diagnose } from './rank.ts';
import { textOf, WORDS } from './words.ts';

const FACTS: { readonly [K in ObservationKind]: FactsByObservation[K] } = {
  loader: { loader: 'custom', title: 'DFU device "x"' },
  'commands-missing': { offered: ['ERASE'], missing: ['read unprotect'] },
  'map-foreign': { chip: 'STM32F105', announced: [16_384, 65_536], own: [2048] },
  'no-wait-asked': { erases: 5, writes: 118 },
  'map-default': {},
  'map-read-only-start': { bytes: 49_152 },
  'reads-refused': { address: 0x0800_0000, answer: 'stall' },
  'refused-beyond': { address: 0x0810_0000, readable: 0x0806_0000, answer: 'stall' },
  'refused-below': { address: 0x0800_0000, readable: 0x0800_2000, answer: 'errTARGET', isWanted: true },
  'no-upload': {},
  'no-map': {},
  'reads-same': { addresses: [0x0800_0000, 0x0800_4000], bytes: 256, vectors: true },
  'reads-distinct': { addresses: [0x0800_0000, 0x0800_4000] },
  'reads-blank': { addresses: [0x0800_0000, 0x0800_4000], value: 0xff },
  'reads-unstable': { address: 0x0800_0007, first: 1, second: 2, again: true },
  'reads-depend-on-block': { address: 0x0800_0200, blockSize: 512 },
  'reads-wrap': { address: 0x0800_0000, period: 65_536 },
  mismatch: { address: 0x0800_01e4, expected: 0, found: 0xff, differing: 10, compared: 1000 },
  'sectors-differ': { count: 4, touched: 59, first: 4, last: 7, start: 0x0800_2000, end: 0x0800_4000 },
  changed: { samples: 4, changed: 3 },
  unchanged: { samples: 4, blank: false },
  'blank-sectors-hold': { held: 1, failed: 3 },
  'bits-only-cleared': { samples: 2 },
  'left-erased': { bytes: 4000, all: true },
  'part-of-blocks': { blockSize: 1024, from: 512, to: 1024 },
  'first-block-only': { address: 0x0800_0000, blockSize: 1024 },
  'content-moved': { address: 0x0800_1000, offset: -4096 },
  'content-wraps': { address: 0x0800_0000, period: 65_536 },
  'bytes-swapped': { width: 2, address: 0x0800_0000 },
  'neighbours-lost': { sectors: [1, 3, 5, 7, 9, 11, 13] },
  'one-operation': { start: 0x0800_0000, end: 0x0800_0800, sectors: 1, right: 7 },
  'not-erased': { address: 0x0800_4000, found: 0x12 },
  'partly-erased': { start: 0x0800_c000, end: 0x0801_0000, erasedEnd: 0x0800_c800 },
  'erased-instead': { start: 0x0800_0000, end: 0x0800_0800, erasedStart: 0x0800_0800, erasedEnd: 0x0800_1000 },
  'erased-beyond': { start: 0x0800_5000, end: 0x0800_5400, erasedStart: 0x0800_5000, erasedEnd: 0x0800_5800 },
  'lost-elsewhere': { address: 0x0803_ffc0, bytes: 64, isBeside: false },
  'written-elsewhere': { address: 0x0802_0000, bytes: 64, source: 0x0800_0000 },
  'changed-after-leave': {
    address: 0x0800_4000,
    expected: 0x12,
    found: 0xff,
    differing: 256,
    compared: 24_576,
    extent: 'blocks',
  },
  'bits-stuck': { value: 0, bytes: 1, address: 0x0800_0001 },
  'reads-last-block': { address: 0x0800_0400, blockSize: 1024 },
  'too-quick': { sectorsErased: 1, bytesWritten: 1024, tookMs: 10, leastMs: 1000 },
  'time-plausible': { tookMs: 4000, leastMs: 3000 },
  'holds-file': { bytes: 119_912 },
  'scratch-holds': { start: 0x0803_f800, end: 0x0804_0000, tookMs: 80 },
  'loader-simulated': { sentence: 'writes do nothing', bytes: 700, isCertain: true },
  'read-protected': { operation: 'read' },
  'option-rdp': { byte: 0, level: 1 },
  'option-closed': { sectors: [206, 207], by: 'SFSA' },
  'option-wrp-none': {},
  'option-wrp': { sectors: [4, 5, 6, 7] },
  'marked-read-only': { start: 0x0800_0000, end: 0x0800_5000 },
  'probe-no-power': { volts: 0 },
  'probe-no-chip': { status: 'the chip gives no ID code', volts: 3.3 },
  'probe-bad-line': { operation: 'read memory', status: 'access port: parity error' },
  'probe-debug-closed': { chips: ['STM32H563'] },
  'probe-taken': { status: 'already open in another mode' },
  'chip-reset': { operation: 'program', byWatchdog: true },
  'ram-changed': { operation: 'program', address: 0x2000_0020 },
  'probe-bus-waits': { operation: 'read memory', status: 'access port: WAIT' },
  'flash-unreadable': { address: 0x0800_0000, status: 'access port: FAULT' },
  'core-silent': { operation: 'halt', state: 'locked up' },
  'left-bus': { operation: 'the run' },
  'stuck-busy': { operation: 'erase', afterMs: 10_000, address: 0x0800_6000 },
  'no-answer': { operation: 'a request', afterMs: 5000 },
  'transfer-failed': { detail: 'LIBUSB_TRANSFER_ERROR' },
  refused: { operation: 'write', status: 'errTARGET', address: 0x0900_0000 },
  'request-refused': { operation: 'a request' },
  'wrong-answer': { operation: 'erase', expected: 'dfuDNLOAD-IDLE', found: 'dfuIDLE' },
  'short-read': { address: 0x0800_0000, expected: 1024, found: 3 },
  'file-concern': { concern: 'other-family', text: 'the vector table is that of an STM32F4' },
  'file-other-world': { start: 0x0800_0000, end: 0x0800_0400, world: 'secure' },
  'file-outside': { start: 0x2000_0000, end: 0x2000_0400, available: [] },
  'host-node': { path: '1-2', node: '/dev/bus/usb/001/004', state: 'absent' },
  'host-surrounding': { surrounding: 'wsl', host: '172.28.240.1' },
  'host-denied': { path: '1-2', node: '/dev/bus/usb/001/004', mode: '664', owner: 'user 0, group 0' },
  'host-access': { detail: 'Access denied', platform: 'linux' },
  'host-no-udev-rule': { folders: ['/etc/udev/rules.d'] },
  'host-in-use': { detail: 'another program has claimed 1-2:1.0' },
  'host-other-driver': { path: '1-2:1.0', driver: 'mystery' },
  'host-no-usb': { detail: 'there is no /sys/bus/usb/devices' },
  'host-no-dfu': { devices: 3 },
  'host-st-device': { path: '1-1', ids: '0483:374b', product: 'STM32 STLink' },
  'host-runtime-only': { devices: 1 },
  'host-enumeration-failed': { lines: ['usb 1-4: device descriptor read/64, error -71'] },
};

/** Where a sign is narrowed to what the table above does not have. */
const OTHERS: readonly Observation[] = [
  seen('chip-reset', { operation: 'program' }),
  seen('probe-no-chip', { status: 'the chip gives no ID code', probe: 'ST-LINK V2J37S7' }),
  seen('probe-no-chip', { status: 'the chip gives no ID code', resetUntried: true }),
  seen('core-silent', { operation: 'halt after a reset', state: 'held in reset' }),
  seen('file-other-world', { start: 0x0c00_0000, end: 0x0c00_0400, world: 'closed' }),
  seen('loader', { loader: 'st-rom', title: 'STM32 in its ROM bootloader' }),
  seen('loader', { loader: 'cubemx-application', title: 'application' }),
  seen('refused', { operation: 'read', status: 'errVENDOR' }),
  seen('changed-after-leave', {
    address: 0x0800_4000,
    expected: 0x12,
    found: 0x13,
    differing: 2,
    compared: 24_576,
    extent: 'cells',
  }),
  seen('changed-after-leave', {
    address: 0x0800_4000,
    expected: 0x12,
    found: 0,
    differing: 4,
    compared: 24_576,
    extent: 'bytes',
  }),
  seen('reads-unstable', { address: 0x0800_0007, first: 1, second: 2, again: false }),
  seen('host-access', { detail: 'the driver is STTub30', platform: 'win32' }),
  seen('file-concern', { concern: 'reset-outside-image', text: 'the reset vector points elsewhere' }),
];

const kinds = Object.keys(WORDS).filter((kind): kind is ObservationKind => kind in FACTS);
const observationOf = <K extends ObservationKind>(kind: K): Observation<K> => seen(kind, FACTS[kind]);
const ALL: readonly Observation[] = [...kinds.map((kind): Observation => observationOf(kind)), ...OTHERS];

describe('every observation', () => {
  it.each(ALL)('has a name and a clause: $kind', (observation) => {
    const text = textOf(observation);
    expect(WORDS[observation.kind].name).toMatch(/^\S.*[^.]$/);
    expect(text).toMatch(/^\S.*[^.]$/);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });
});

describe('every cause', () => {
  it.each(CAUSES)('is named when all that speaks for it is seen, and nothing else: $id', (cause) => {
    const speaking = cause.for.flatMap(({ find }) => find(ALL) ?? []);
    const found = diagnose([...new Set(speaking)]);
    expect([found?.cause, ...(found?.rivals.map((rival) => rival.cause) ?? [])]).toContain(cause.id);
  });
});
