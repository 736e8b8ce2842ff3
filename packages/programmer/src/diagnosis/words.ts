/** Words for people, one row for each kind of observation: what it is in general, and what was seen. */
import { hex, WORLD_TEXT } from '../target/geometry.ts';
import { type FactsByObservation, isImpossiblyQuick, type Observation, type ObservationKind } from './observation.ts';

interface Words<K extends ObservationKind> {
  /** Without figures, for a list of signs. */
  readonly name: string;
  /** One clause with the figures, without a full stop. */
  readonly text: (facts: FactsByObservation[K]) => string;
}

const kb = (bytes: number): string => `${Number((bytes / 1024).toFixed(1))} KB`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
/** `a DFU device`, `an STM32F105`. */
const article = (name: string): string => (/^([aeiou]|STM32)/i.test(name) ? 'an' : 'a');
const placeText = (address: number | undefined): string => (address === undefined ? '' : ` at ${hex(address)}`);
const addresses = (all: readonly number[]): string => all.map((address) => hex(address)).join(', ');
const plural = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

/** Exhaustive by type. */
export const WORDS: { readonly [K in ObservationKind]: Words<K> } = {
  loader: { name: 'the kind of loader', text: ({ title }) => `the device is ${article(title)} ${title}` },
  'commands-missing': {
    name: 'a command of the ROM bootloader is missing',
    text: ({ missing }) => `it does not offer ${missing.join(', ')}; ST's ROM bootloaders with this protocol do`,
  },

  'no-wait-asked': {
    name: 'the device asks for no time to erase or write',
    text: ({ erases, writes }) =>
      `for ${[erases > 0 ? plural(erases, 'erase') : '', writes > 0 ? plural(writes, 'write') : ''].filter(Boolean).join(' and ')} it asked the host to wait 0 ms, as if there were nothing to do`,
  },

  'map-foreign': {
    name: "the announced sectors are not this chip's",
    text: ({ chip, announced, own }) =>
      `its map announces sectors of ${byteCounts(announced)}; the flash of an ${chip} has ${byteCounts(own)} pages`,
  },
  'map-default': {
    name: 'the map is the one that STM32CubeMX writes into every project',
    text: () => 'its map is the one that STM32CubeMX puts into every project, a 2 MB STM32F42x, left unchanged',
  },
  'map-read-only-start': {
    name: 'the map marks the start of flash as read-only',
    text: ({ bytes }) => `its map marks the first ${kb(bytes)} as read-only`,
  },

  'no-map': { name: 'no map', text: () => 'its interface has no string that describes its memory' },
  'reads-refused': {
    name: 'reads are refused',
    text: ({ address, answer, words }) =>
      `it refuses to read its flash (${answer}${placeText(address)}${words === undefined ? '' : `, "${words}"`}): nothing written there can be proven`,
  },
  'refused-beyond': {
    name: 'reads are refused above an address',
    text: ({ address, readable, answer }) =>
      `it reads ${hex(readable)} and refuses ${hex(address)} (${answer}): its flash ends between them`,
  },
  'refused-below': {
    name: 'reads are refused below an address',
    text: ({ address, readable, answer }) =>
      `it refuses ${hex(address)} (${answer}) and reads ${hex(readable)}: the loader protects its own sectors`,
  },
  'no-upload': {
    name: 'the loader says that it cannot be read',
    text: () => 'its descriptor says that it accepts downloads and allows no uploads (bitCanUpload = 0)',
  },
  'reads-same': {
    name: 'different addresses read the same',
    text: ({ addresses: all, bytes, vectors }) =>
      `reading ${addresses(all)} returns the same ${bytes} bytes each time${vectors ? ', a vector table' : ''}: the device ignores the address`,
  },
  'reads-distinct': {
    name: 'different addresses read differently',
    text: ({ addresses: all }) => `reading ${addresses(all)} returns different bytes: the device uses the address`,
  },
  'reads-blank': {
    name: 'every sample is one fill value',
    text: ({ addresses: all, value }) => `reading ${addresses(all)} returns nothing but ${hex(value, 2)}`,
  },
  'reads-unstable': {
    name: 'two reads of one place differ',
    text: ({ address, first, second, again }) =>
      `${hex(address)} read as ${hex(first, 2)} and a moment later as ${hex(second, 2)}, with nothing written between${again ? ', and it went on changing' : ''}`,
  },
  'reads-depend-on-block': {
    name: 'the bytes that are read depend on the block number',
    text: ({ address, blockSize }) =>
      `${hex(address)} returns other bytes when it is read as a later block of ${blockSize} bytes than when its own address is set`,
  },
  'reads-wrap': {
    name: 'memory repeats',
    text: ({ address, period }) =>
      `the content at ${hex(address)} repeats every ${kb(period)}: the addresses wrap around`,
  },

  mismatch: {
    name: 'bytes differ',
    text: ({ address, expected, found, differing, compared }) =>
      `mismatch at ${hex(address)}: ${hex(found, 2)} instead of ${hex(expected, 2)}; ${differing} of ${compared} bytes differ`,
  },
  'sectors-differ': {
    name: 'the sectors that differ',
    text: ({ count, touched, first, last, start, end }) =>
      `all differences lie in ${count === 1 ? `sector ${first}` : `${count} sectors between ${first} and ${last}`}, ${hex(start)} to ${hex(end - 1)}${count < touched ? `; ${touched - count} of ${touched} sectors are right` : ''}`,
  },
  changed: {
    name: 'flash did change',
    text: ({ samples, changed }) =>
      `at ${changed} of ${plural(samples, 'place')} flash reads otherwise than before: something was erased or written`,
  },
  unchanged: {
    name: 'flash did not change',
    text: ({ blank }) =>
      `the bytes that differ ${blank ? 'were blank before and still are' : 'are the same after erasing and writing as before'}: the flash did not change`,
  },
  'blank-sectors-hold': {
    name: 'blank sectors took the image, others did not change',
    text: ({ held, failed }) =>
      `${plural(held, 'sector')} that ${held === 1 ? 'was' : 'were'} blank took the image, ${failed} that had to be erased kept their old content`,
  },
  'bits-only-cleared': {
    name: 'old content with bits cleared',
    text: () =>
      'the bytes that differ are the old content with further bits cleared: they were written without an erase',
  },
  'left-erased': {
    name: 'the bytes that differ are erased',
    text: ({ bytes, all }) =>
      all
        ? `nothing was written: all ${bytes} bytes of the image that were read again are erased`
        : `${bytes} bytes that should have been written are erased`,
  },
  'part-of-blocks': {
    name: 'the same part of every block is missing',
    text: ({ blockSize, from, to }) =>
      `of every block of ${blockSize} bytes, bytes ${from} to ${to - 1} are missing and the others are right`,
  },
  'first-block-only': {
    name: 'only the first block arrived',
    text: ({ address, blockSize }) =>
      `only the first ${blockSize} bytes at ${hex(address)} were written; everything after them is erased`,
  },
  'content-moved': {
    name: 'the image stands at another place',
    text: ({ address, offset }) =>
      `${hex(address)} holds the bytes that belong to ${hex(address + offset)}: moved by ${hex(Math.abs(offset), 1)} bytes ${offset < 0 ? 'up' : 'down'}`,
  },
  'content-wraps': {
    name: 'a later part of the image took the place of an earlier one',
    text: ({ address, period }) =>
      `${hex(address)} holds the bytes that were written to ${hex(address + period)}, ${kb(period)} further on, which holds them too`,
  },
  'bytes-swapped': {
    name: 'bytes are in the wrong order',
    text: ({ width, address }) => `from ${hex(address)} on the bytes of every ${width * 8} bits are in reverse order`,
  },
  'neighbours-lost': {
    name: 'a sector beside an erased one is blank',
    text: ({ sectors }) =>
      `${sectorList(sectors)} held the image already and ${sectors.length === 1 ? 'is' : 'are'} blank since the sector beside was erased`,
  },
  'one-operation': {
    name: 'all that differs may be due to one operation',
    text: ({ start, end, sectors, right }) =>
      `all that differs lies in one ${sectors === 1 ? 'sector' : 'block'}, ${hex(start)} to ${hex(end - 1)}; ${right} other sectors that were written are right`,
  },
  'not-erased': {
    name: 'a sector is not erased',
    text: ({ address, found }) => `after an erase that it acknowledged, ${hex(address)} holds ${hex(found, 2)}`,
  },
  'partly-erased': {
    name: 'only the beginning of a sector was erased',
    text: ({ start, end, erasedEnd }) =>
      `asked to erase ${hex(start)} to ${hex(end - 1)}, it erased up to ${hex(erasedEnd - 1)}: its sectors are smaller than announced`,
  },
  'erased-beyond': {
    name: 'more than a sector was erased',
    text: ({ start, end, erasedStart, erasedEnd }) =>
      `asked to erase ${hex(start)} to ${hex(end - 1)}, it erased ${hex(erasedStart)} to ${hex(erasedEnd - 1)}: its sectors are larger than announced`,
  },
  'erased-instead': {
    name: 'another sector was erased',
    text: ({ start, end, erasedStart, erasedEnd }) =>
      `asked to erase ${hex(start)} to ${hex(end - 1)}, it left that as it was and erased ${hex(erasedStart)} to ${hex(erasedEnd - 1)}`,
  },
  'lost-elsewhere': {
    name: 'flash outside the job is blank now',
    text: ({ address, bytes }) =>
      `at ${hex(address)}, outside the sectors of this job, ${plural(bytes, 'byte')} of those looked at ${bytes === 1 ? 'was' : 'were'} something before it and ${bytes === 1 ? 'is' : 'are'} blank now`,
  },
  'written-elsewhere': {
    name: 'flash outside the job holds something else now',
    text: ({ address, bytes, source }) =>
      `at ${hex(address)}, outside the sectors of this job, ${plural(bytes, 'byte')} of those looked at ${bytes === 1 ? 'has' : 'have'} changed${source === undefined ? '' : `: they are the bytes that were written to ${hex(source)}`}`,
  },
  'changed-after-leave': {
    name: 'bytes that were right are wrong after the device has left its bootloader',
    text: ({ address, expected, found, differing, compared }) =>
      `after the device had left its bootloader and come back, ${differing} of ${compared} bytes that were right are wrong, the first at ${hex(address)}: ${hex(found, 2)} instead of ${hex(expected, 2)}`,
  },
  'bits-stuck': {
    name: 'a few bits are wrong, all in the same way',
    text: ({ value, bytes, address }) =>
      `${plural(bytes, 'byte')} ${bytes === 1 ? 'has' : 'have'} bits that stay ${value}, the first at ${hex(address)}; everything around them is right`,
  },
  'reads-last-block': {
    name: 'every read returns the last block that was sent',
    text: ({ blockSize }) => `every read returns the last ${blockSize} bytes that were sent, whatever the address`,
  },

  'too-quick': {
    name: 'faster than flash can be',
    text: ({ sectorsErased, bytesWritten, tookMs, leastMs, chip = 'STM32' }) =>
      `${plural(sectorsErased, 'sector')} erased and ${kb(bytesWritten)} written in ${seconds(tookMs)}: ${article(chip)} ${chip} needs at least ${seconds(leastMs)}, so ${isImpossiblyQuick({ tookMs, leastMs }) ? 'nothing was programmed' : 'not all of it was done'}`,
  },
  'time-plausible': {
    name: 'it took the time that flash needs',
    text: ({ tookMs, leastMs }) =>
      `erasing and writing took ${seconds(tookMs)}, as flash does (at least ${seconds(leastMs)})`,
  },
  'holds-file': {
    name: 'the device holds the file',
    text: ({ bytes }) => `the device holds all ${bytes} bytes of the file`,
  },
  'loader-simulated': {
    name: 'a simulated loader gives every byte that was read',
    text: ({ sentence, bytes, isCertain }) =>
      `a loader whose ${sentence} gives every byte as it was read (a correct loader gives ${bytes} of them differently)${isCertain ? '; no other loader as simple does' : '; others do so too'}`,
  },
  'scratch-holds': {
    name: 'a test pattern was written and read back',
    text: ({ start, end, tookMs }) =>
      `a test pattern was written to ${hex(start)} to ${hex(end - 1)} and read back correctly, in ${seconds(tookMs)}`,
  },

  'read-protected': {
    name: 'reads, writes and erases are refused because of read protection',
    text: ({ operation, debugger: byProbe }) =>
      byProbe
        ? `a debugger may not ${operation} its flash: the bus of the chip answers with an error, as at RDP level 1`
        : `the bootloader answers errVENDOR when asked to ${operation}: read protection is on`,
  },
  'option-rdp': {
    name: 'the read-protection byte',
    text: ({ byte, level }) => `the read-protection byte is ${hex(byte, 2)}: RDP level ${level}`,
  },
  'option-wrp': {
    name: 'write-protection bits',
    text: ({ sectors }) => `the option bytes write-protect ${sectorList(sectors)}`,
  },
  'option-closed': {
    name: 'sectors that belong to protected code or another core',
    text: ({ sectors, by }) => `the option bytes close ${sectorList(sectors)} (${by})`,
  },
  'option-wrp-none': {
    name: 'no write protection in the option bytes',
    text: () => 'the option bytes write-protect none of these sectors',
  },
  'marked-read-only': {
    name: 'the map marks the target as read-only',
    text: ({ start, end }) => `its map marks ${hex(start)} to ${hex(end - 1)} as read-only`,
  },

  'probe-no-power': {
    name: 'the debug probe measures no supply of the chip',
    text: ({ volts }) => `the debug probe measures ${volts.toFixed(2)} V at the chip, which needs 1.6 V at least`,
  },
  'probe-no-chip': {
    name: 'no chip answers behind the debug probe',
    text: ({ status, volts, resetUntried }) => {
      const measured = volts === undefined ? '' : `, which measures ${volts.toFixed(2)} V there`;
      return `no chip answers behind the debug probe (${status})${measured}${resetUntried ? '; it was not asked under reset' : ''}`;
    },
  },
  'probe-debug-closed': {
    name: 'the debug unit of the chip answers, and nothing else does',
    text: ({ chips }) =>
      `the debug unit says that it is an ${chips.join(' or ')}, and nothing else of the chip answers`,
  },
  'probe-bad-line': {
    name: 'a parity error at the lowest speed',
    text: ({ operation, status }) => `the probe could not ${operation}, not even at its lowest speed: ${status}`,
  },
  'probe-taken': {
    name: 'the debug probe is at work for somebody else',
    text: ({ status }) => `the debug probe opens no session: ${status}`,
  },
  'chip-reset': {
    name: 'the chip was reset',
    text: ({ operation, byWatchdog }) =>
      byWatchdog
        ? `the watchdog of the chip reset it during ${operation}: its reset flags say so`
        : `the chip was reset from outside during ${operation}`,
  },
  'ram-changed': {
    name: 'the code that was put into RAM has changed',
    text: ({ operation, address }) =>
      `during ${operation} the code that was put into RAM has changed at ${hex(address)}, and nobody here wrote there`,
  },
  'probe-bus-waits': {
    name: 'the bus of the chip does not end an access',
    text: ({ operation, status }) =>
      `the debug port answers, and the bus behind it does not end an access (${operation}; ${status})`,
  },
  'flash-unreadable': {
    name: 'the bus refuses to read a place in flash',
    text: ({ address, status }) => `the bus of the chip refuses to read ${hex(address)} (${status})`,
  },
  'core-silent': {
    name: 'the core does not obey',
    text: ({ operation, state }) => `the core did not ${operation}: it is ${state}`,
  },

  'left-bus': {
    name: 'the device left the bus',
    text: ({ operation }) => `the device left the bus during ${operation}`,
  },
  'stuck-busy': {
    name: 'the device stays busy',
    text: ({ operation, afterMs, address }) =>
      `it was still busy with ${operation}${placeText(address)} after ${seconds(afterMs)}`,
  },
  'no-answer': {
    name: 'a request is never answered',
    text: ({ operation, afterMs }) => `it did not answer ${operation} within ${seconds(afterMs)}`,
  },
  'transfer-failed': { name: 'USB transfers fail', text: ({ detail }) => `a USB transfer failed: ${detail}` },
  refused: {
    name: 'the device reports an error',
    text: ({ operation, status, address, words }) =>
      `it ${status === 'OK' ? 'failed without a reason' : `answered ${status}`} when asked to ${operation}${placeText(address)}${words === undefined ? '' : `: "${words}"`}`,
  },
  'request-refused': {
    name: 'a request is stalled',
    text: ({ operation }) => `it refused ${operation} without giving a reason`,
  },
  'wrong-answer': {
    name: 'an answer that the protocol does not know',
    text: ({ operation, expected, found }) => `it answered ${operation} with ${found} instead of ${expected}`,
  },
  'short-read': {
    name: 'a read is short',
    text: ({ address, expected, found }) => `it sent ${found} of ${expected} bytes at ${hex(address)}`,
  },

  'file-concern': { name: 'a doubt about the file itself', text: concernText },
  'file-outside': {
    name: 'the job has addresses where the device has no flash',
    text: ({ start, end, available }) =>
      `the job is about ${hex(start)} to ${hex(end - 1)}; the device has ${available.join('; ') || 'no memory'}`,
  },

  'file-other-world': {
    name: 'the job has flash of the other world of TrustZone',
    text: ({ start, end, world }) => `the job is about ${hex(start)} to ${hex(end - 1)}, where ${WORLD_TEXT[world]}`,
  },

  'host-denied': {
    name: 'the device node may not be opened',
    text: ({ path, node, mode, owner }) =>
      `${path} is there, but ${node} (${mode}, ${owner}) may not be opened by this user`,
  },
  'host-node': {
    name: 'the device has no node that works',
    text: ({ path, node, state }) =>
      `${path} is there, but ${
        state === 'absent'
          ? `its node ${node} is not`
          : state === 'other'
            ? `${node} has the numbers of another device`
            : `the kernel refuses ${node}, whose rights allow it`
      }`,
  },
  'host-surrounding': {
    name: 'a container, or the Linux of Windows',
    text: ({ surrounding }) =>
      surrounding === 'container'
        ? 'this is a container'
        : 'this is the Linux of Windows (WSL), and Windows has the USB devices',
  },
  'host-access': {
    name: 'the operating system does not let us open the device',
    text: ({ detail }) => `the operating system does not let us open it: ${detail}`,
  },
  'host-no-udev-rule': {
    name: 'no udev rule',
    text: ({ folders }) => `no udev rule for 0483:df11 in ${folders.join(', ')}`,
  },
  'host-in-use': { name: 'another program holds the device', text: ({ detail }) => `it is held: ${detail}` },
  'host-other-driver': {
    name: 'a kernel driver holds the interface',
    text: ({ path, driver }) => `the kernel driver "${driver}" holds ${path}`,
  },
  'host-no-usb': { name: 'the host has no USB', text: ({ detail }) => `this host shows no USB at all (${detail})` },
  'host-no-dfu': {
    name: 'no DFU device on the bus',
    text: ({ devices }) => `${plural(devices, 'USB device')} on the bus, none of them in DFU mode`,
  },
  'host-st-device': {
    name: "another device of ST's",
    text: ({ path, ids, product }) => `${path} (${ids}) is "${product}", not a bootloader`,
  },
  'host-runtime-only': {
    name: 'DFU run-time interfaces only',
    text: ({ devices }) =>
      `${plural(devices, 'device')} with a DFU run-time interface: a running program that can be sent to its bootloader`,
  },
  'host-enumeration-failed': {
    name: 'the host could not give a device an address',
    text: ({ lines }) => `the kernel says: ${lines.at(-1) ?? ''}`,
  },
};

const MOST_CHIPS_NAMED = 6;

/** `sector 4`, `sectors 4 to 7`, `sectors 1, 3, 5`. */
function sectorList(sectors: readonly number[]): string {
  const [first = 0] = sectors;
  if (sectors.length === 1) return `sector ${first}`;
  const isRun = sectors.every((sector, i) => sector === first + i);
  if (isRun) return `sectors ${first} to ${sectors.at(-1) ?? first}`;
  return `sectors ${sectors.slice(0, MOST_CHIPS_NAMED).join(', ')}${sectors.length > MOST_CHIPS_NAMED ? ', …' : ''}`;
}

function concernText({ concern, text }: FactsByObservation['file-concern']): string {
  return concern === 'dfu-stub' ? 'the firmware in the file has a DFU class whose flash functions do nothing' : text;
}

function byteCounts(bytes: readonly number[]): string {
  return `${bytes.map((each) => each / 1024).join(', ')} KB`;
}

/** What was seen, as one clause. */
export function textOf<K extends ObservationKind>({ kind, facts }: Observation<K>): string {
  const words: Words<K> = WORDS[kind];
  return words.text(facts);
}

/** What a sign is in general, without figures, for a list of signs. */
export function nameOfSign(kind: ObservationKind): string {
  return WORDS[kind].name;
}
