import { MemoryImage } from '@sureflash/image';
import { connect, erase, inspect, program, type UsbPort, verify } from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import { BulkDevice, VirtualClock, VirtualWebUsb } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { loadFirmware } from '../files/firmware-file.ts';
import { programDevice } from '../parts/program-job.ts';
import { Context } from '../render/context.ts';
import { fakeIo } from '../testing/harness.ts';
import { HEADER_BYTES, INTERFACE_CODES, MEMORY, OP, PLAIN_MEMORY } from '../testing/plain-memory.ts';
import { connectSource } from './open.ts';
import type { DeviceSource } from './source.ts';

const ACKNOWLEDGED = Uint8Array.of(0);
const IMAGE = new MemoryImage([
  { address: MEMORY.start + 100, bytes: Uint8Array.from({ length: 10_000 }, (_, i) => (i * 7) & 0xff) },
]);

/** A device that is nothing but its memory, on a bus of its own. */
async function plugIn(): Promise<{ memory: Uint8Array; clock: VirtualClock; port: UsbPort }> {
  const memory = new Uint8Array(MEMORY.sectors * MEMORY.sectorBytes).fill(0x5a);
  const device = new BulkDevice({
    interfaceCodes: INTERFACE_CODES,
    receive: (bytes, self) => self.send(answer(bytes)),
  });
  function answer(message: Uint8Array): Uint8Array {
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    const at = view.getUint32(1, true) - MEMORY.start;
    const end = at + view.getUint32(5, true);
    const op = view.getUint8(0);
    if (op === OP.READ) return memory.slice(at, end);
    if (op === OP.ERASE) memory.fill(0xff, at, end);
    // Flash: bits go from 1 to 0 only.
    if (op === OP.WRITE)
      for (let i = at; i < end; i++) memory[i] = (memory[i] ?? 0) & (message[HEADER_BYTES + i - at] ?? 0);
    return ACKNOWLEDGED;
  }
  const clock = new VirtualClock();
  const usb = new VirtualWebUsb({ connectors: [device], clock });
  const [candidate] = await listWebUsb(usb, PLAIN_MEMORY.filters);
  if (!candidate) throw new Error('it is not listed');
  return { memory, clock, port: await openWebUsb(candidate.device, PLAIN_MEMORY.filters, { clock, usb }) };
}

const heldBy = (memory: Uint8Array): MemoryImage => new MemoryImage([{ address: MEMORY.start, bytes: memory }]);
const isHeld = (memory: Uint8Array): boolean =>
  IMAGE.segments.every(({ address, bytes }) =>
    heldBy(memory)
      .read({ start: address, end: address + bytes.length })
      .every((byte, i) => byte === bytes[i]),
  );

describe('a protocol that is one row of the list of wires', () => {
  it('programs and proves, keeps the bytes beside the image, and has nothing to do the second time', async () => {
    const { memory, clock, port } = await plugIn();
    const device = await connect(port, { clock, wires: [PLAIN_MEMORY] });
    expect(device.about.title).toBe('plain memory');
    expect(await program(device, IMAGE)).toMatchObject({ outcome: 'programmed', sectorsErased: 3 });
    expect(isHeld(memory)).toBe(true);
    expect(memory[99]).toBe(0x5a);
    expect(await program(device, IMAGE)).toMatchObject({ outcome: 'unchanged' });
    await device.close();
  });

  it('erases a part of a sector, and its absence is then found by verify', async () => {
    const { memory, clock, port } = await plugIn();
    const device = await connect(port, { clock, wires: [PLAIN_MEMORY] });
    await program(device, IMAGE);
    await erase(device, { start: MEMORY.start + 200, end: MEMORY.start + 300 });
    expect([memory[199], memory[200], memory[299]]).toEqual([(99 * 7) & 0xff, 0xff, 0xff]);
    await expect(verify(device, IMAGE)).rejects.toMatchObject({
      code: 'verify/mismatch',
      facts: { address: MEMORY.start + 200 },
    });
  });

  it('is inspected without a complaint when it holds the image', async () => {
    const { clock, port } = await plugIn();
    const device = await connect(port, { clock, wires: [PLAIN_MEMORY] });
    await program(device, IMAGE);
    const { evidence, diagnosis } = await inspect(device, IMAGE);
    expect(evidence.map(({ kind }) => kind)).toContain('holds-file');
    expect(diagnosis).toBeUndefined();
  });

  it('is opened and programmed by the command line as any other', async () => {
    const { memory, clock, port } = await plugIn();
    const source: DeviceSource = {
      port,
      clock,
      where: 'a test',
      outlives: false,
      reopen: async () => await Promise.reject(new Error('it does not leave')),
      [Symbol.asyncDispose]: async () => await port[Symbol.asyncDispose](),
    };
    const io = fakeIo({ files: [['app.bin', IMAGE.segments[0]?.bytes ?? new Uint8Array(0)]] });
    const device = await connectSource(source, { wires: [PLAIN_MEMORY] });
    const firmware = await loadFirmware(io, 'app.bin', { at: MEMORY.start + 100 });
    await programDevice(new Context(io, {}), device, { firmware, options: {} });
    await device.close();
    expect(isHeld(memory)).toBe(true);
    expect(io.out.text).toMatch(/^Verified {5}3 sectors erased, .* read back and equal/);
  });

  it('is not tried for a device whose interface does not fit', async () => {
    const { clock, port } = await plugIn();
    await expect(connect(port, { clock })).rejects.toMatchObject({ code: 'device/not-programmable' });
  });
});
