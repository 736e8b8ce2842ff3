/** A protocol that nobody needs: plain memory behind bulk transfers. It shows what a new protocol has to bring along. */
import {
  type Chunk,
  type Range,
  type Region,
  type Sector,
  type Target,
  type UsbPort,
  usbWire,
} from '@sureflash/programmer';

/** The first byte of a command; address and length follow, both as 32 bits little-endian, then the bytes of a write. */
export const OP = { READ: 1, WRITE: 2, ERASE: 3 } as const;
export const HEADER_BYTES = 9;
export const MEMORY = { start: 0x0800_0000, sectors: 16, sectorBytes: 4096 } as const;
/** Interface class, subclass and protocol: vendor-specific. */
export const INTERFACE_CODES = [0xff, 0x50, 0x4d] as const;

const [classCode, subclassCode, protocolCode] = INTERFACE_CODES;
const ENDPOINT = { IN: 0x81, OUT: 0x01 } as const;
const LIMIT = { timeoutMs: 1000 };
const BLOCK_BYTES = 1024;

function flash(): Region {
  const { start, sectors: count, sectorBytes } = MEMORY;
  const open = { readable: true, erasable: true, writable: true };
  const sectors = Array.from({ length: count }, (_, index): Sector => {
    const from = start + index * sectorBytes;
    return { index, start: from, end: from + sectorBytes, ...open };
  });
  const end = start + count * sectorBytes;
  return { name: 'Flash', kind: 'flash', start, end, sectors, writeSize: 4, erasedValue: 0xff, cells: 'plain' };
}

/** The whole row: `connect(port, { wires: [PLAIN_MEMORY] })`. */
export const PLAIN_MEMORY = usbWire({
  name: 'plain memory',
  filters: [{ classCode, subclassCode, protocolCode }],
  connect: async (port) => targetAt(port),
});

type Ask = (op: number, range: Range, data?: Uint8Array) => Promise<Uint8Array>;

/** One message out, one back. */
const asking =
  (port: UsbPort): Ask =>
  async (op: number, { start, end }, data = new Uint8Array(0)) => {
    const message = new Uint8Array(HEADER_BYTES + data.length);
    const view = new DataView(message.buffer);
    view.setUint8(0, op);
    view.setUint32(1, start, true);
    view.setUint32(5, end - start, true);
    message.set(data, HEADER_BYTES);
    await port.bulkOut(ENDPOINT.OUT, message, LIMIT);
    return await port.bulkIn(ENDPOINT.IN, op === OP.READ ? end - start : 1, LIMIT);
  };

const ABOUT: Target['about'] = {
  kind: 'custom',
  title: 'plain memory',
  because: 'its interface is that of a test',
  chips: [],
  certain: false,
  differences: [],
};

function targetAt(port: UsbPort): Target {
  const ask = asking(port);
  const geometry = [flash()];
  const erase: Target['erase'] = async (sectors, { signal, onErased } = {}) => {
    for (const sector of sectors) {
      signal?.throwIfAborted();
      await ask(OP.ERASE, sector);
      onErased?.(sector);
    }
  };
  return {
    about: ABOUT,
    geometry,
    erase,
    write: async (address, bytes, { signal, onBytes } = {}) => {
      for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
        signal?.throwIfAborted();
        const block = bytes.subarray(at, at + BLOCK_BYTES);
        await ask(OP.WRITE, { start: address + at, end: address + at + block.length }, block);
        onBytes?.(at + block.length);
      }
    },
    read: async function* ({ start, end }, { signal } = {}): AsyncGenerator<Chunk> {
      for (let address = start; address < end; address += BLOCK_BYTES) {
        signal?.throwIfAborted();
        yield { address, bytes: await ask(OP.READ, { start: address, end: Math.min(address + BLOCK_BYTES, end) }) };
      }
    },
    eraseAll: async (options) =>
      await erase(
        geometry.flatMap(({ sectors }) => sectors),
        options,
      ),
    unprotect: async () => undefined,
    leave: async () => undefined,
    settle: async () => undefined,
    [Symbol.asyncDispose]: async () => await port[Symbol.asyncDispose](),
  };
}
