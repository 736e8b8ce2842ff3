import { connect, program, USB_FILTERS, type UsbFilter, type UsbPort } from '@sureflash/programmer';
import { mayBeSentToBootloader } from '@sureflash/programmer/basics';
import { DFU_RUNTIME_FILTERS, detach } from '@sureflash/programmer/dfu';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import { type Board, findScenario, VirtualClock, VirtualWebUsb } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { imageAt, noise } from './rig.ts';

const BEHIND_8K = 0x0800_2000;

class Bus {
  readonly clock = new VirtualClock();
  readonly board: Board;
  readonly #usb: VirtualWebUsb;

  constructor(name: string) {
    const scenario = findScenario(name);
    if (!scenario) throw new Error(`no scenario ${name}`);
    this.board = scenario.create(this.clock);
    this.#usb = new VirtualWebUsb({ connectors: [this.board], clock: this.clock, dialect: 'usb-2.18' });
  }

  async open(filters: readonly UsbFilter[]): Promise<UsbPort | undefined> {
    const [candidate] = await listWebUsb(this.#usb, filters);
    return candidate && (await openWebUsb(candidate.device, filters, { clock: this.clock, usb: this.#usb }));
  }

  async openRunning(): Promise<UsbPort> {
    const port = await this.open(DFU_RUNTIME_FILTERS);
    if (!port) throw new Error('no run-time interface');
    return port;
  }

  /** The bootloader takes some tenths of a second until it is on the bus. */
  async openLoader(): Promise<UsbPort> {
    for (let looks = 0; looks < 50; looks++) {
      const port = await this.open(USB_FILTERS);
      if (port) return port;
      await this.clock.sleep(20);
    }
    throw new Error('no bootloader came');
  }
}

describe('a running program', () => {
  it.each([
    ['runtime-detaches-itself', 'itself'],
    ['runtime-detaches-at-reset', 'bus-reset'],
  ] as const)('%s is sent to its bootloader and programmed there, under other ids', async (name, way) => {
    const bus = new Bus(name);
    expect(await bus.open(USB_FILTERS)).toBeUndefined();
    const running = await bus.openRunning();
    expect(await detach(running, bus)).toBe(way);
    const port = await bus.openLoader();
    expect(port.identity.productId).not.toBe(running.identity.productId);
    const device = await connect(port, bus);
    const image = imageAt(BEHIND_8K, noise(3_000, 1));
    expect((await program(device, image)).outcome).toBe('programmed');
    expect([...bus.board.flash.peek(BEHIND_8K, 3_000)]).toEqual([...noise(3_000, 1)]);
  });

  it('that refuses to be sent to a bootloader is told so, and goes on', async () => {
    const bus = new Bus('runtime-refuses');
    await expect(detach(await bus.openRunning(), bus)).rejects.toMatchObject({
      code: 'device/not-programmable',
      facts: { detail: expect.stringContaining('DFU_DETACH') as string },
    });
    expect(bus.board.program).toBe('bootloader');
    expect(await bus.open(USB_FILTERS)).toBeUndefined();
  });

  it('without a functional descriptor for its interface is sent no request', async () => {
    const bus = new Bus('runtime-detaches-itself');
    const port = await bus.openRunning();
    const bare = new Proxy(port, {
      get: (from, key) => {
        if (key === 'configurationDescriptor') return port.configurationDescriptor.slice(0, -9);
        if (key === 'controlOut') throw new Error('a request was sent');
        return Reflect.get(from, key, from) as unknown;
      },
    });
    await expect(detach(bare, bus)).rejects.toMatchObject({ code: 'device/not-programmable' });
  });
});

describe('a device with a run-time interface', () => {
  it.each([
    ['a serial port', [2, 10, 0xfe], true],
    ['an interface of its own', [0xff, 0xfe], true],
    ['a Bluetooth controller', [0xe0, 0xe0, 0xfe], false],
    ['a camera', [0x0e, 0x0e, 0xfe], false],
    ['audio and video', [0x10, 0xfe], false],
  ] as const)('beside %s is told by its other interfaces', (_, classes, may) => {
    expect(mayBeSentToBootloader(classes)).toBe(may);
  });
});
