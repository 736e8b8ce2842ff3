/** Ways from a `UsbPort` to a virtual device: virtual hosts, a socket, or a real kernel. */
import { type Clock, systemClock, type UsbFilter, type UsbPort } from '@sureflash/programmer';
import { DFU_FILTERS } from '@sureflash/programmer/dfu';
import { listWebUsb, openUsbIp, openWebUsb, recordTrace, type WebUsb } from '@sureflash/programmer/transports';
import { UsbIpClient, UsbIpServer } from '@sureflash/usbip';
import {
  type Board,
  BulkDevice,
  type DialectName,
  findScenario,
  RealClock,
  type UsbConnector,
  VirtualClock,
  VirtualWebUsb,
} from '@sureflash/virtual';

/** An open port, and what can be done to the device behind it. */
export interface Rung<D = Board> {
  readonly port: UsbPort;
  readonly clock: Clock;
  readonly device: D;
  readonly unplug: () => void | Promise<void>;
  readonly reopen: () => Promise<UsbPort>;
  close(): Promise<void>;
}

type OpenRung<D> = () => Promise<Rung<D>>;
type Rungs<D> = readonly (readonly [string, OpenRung<D>])[];

/** What is plugged in, and the interface of it that is wanted. */
interface Plugged<D extends UsbConnector> {
  readonly create: (clock: Clock) => D;
  readonly filters: readonly UsbFilter[];
}

const SCENARIO = 'stm32f407-rom';

/** Where the kernel testbed lets a test plug its board: `http://host:port`. Then the suite runs over that kernel only. */
const KERNEL_BENCH = process.env['SUREFLASH_KERNEL_BENCH'];

/** A virtual STM32F407 in its ROM bootloader. */
export function dfuRungs(): Rungs<Board | undefined> {
  if (KERNEL_BENCH !== undefined) return [['npm usb and the Linux kernel', overKernel(KERNEL_BENCH)]];
  return everyWay({ create: romBoard, filters: DFU_FILTERS });
}

/** First byte of a message to the device of `bulkRungs` that shall come back. */
export const ECHO = 0x01;

/** A device with two bulk endpoints that sends back what begins with `ECHO` and keeps quiet about everything else. */
export function bulkRungs(): Rungs<BulkDevice> {
  if (KERNEL_BENCH !== undefined) return [];
  const receive = (bytes: Uint8Array, device: BulkDevice): void => {
    if (bytes[0] === ECHO) device.send(bytes);
  };
  return everyWay({ create: () => new BulkDevice({ receive }), filters: [{ classCode: 0xff }] });
}

function everyWay<D extends UsbConnector & { unplug(): void }>(plugged: Plugged<D>): Rungs<D> {
  return [
    ['WebUSB as in browsers', webUsb('browser', plugged)],
    ['WebUSB as in npm usb 2.18', webUsb('usb-2.18', plugged)],
    ['WebUSB as in npm usb 3.1', webUsb('usb-3.1', plugged)],
    ['USB/IP over a socket', usbIp(plugged)],
    ['WebUSB with a trace of it', recorded(webUsb('browser', plugged))],
  ];
}

function romBoard(clock: Clock): Board {
  const scenario = findScenario(SCENARIO);
  if (!scenario) throw new Error('no scenario');
  return scenario.create(clock);
}

async function openFirst(usb: WebUsb, filters: readonly UsbFilter[], clock: Clock): Promise<UsbPort> {
  const [candidate] = await listWebUsb(usb, filters);
  if (!candidate) throw new Error('no candidate');
  return await openWebUsb(candidate.device, filters, { clock, usb });
}

function webUsb<D extends UsbConnector & { unplug(): void }>(
  dialect: DialectName,
  { create, filters }: Plugged<D>,
): OpenRung<D> {
  return async () => {
    const clock = new VirtualClock();
    const device = create(clock);
    const usb = new VirtualWebUsb({ connectors: { '1-3': device }, clock, dialect, deviceTimeout: 120_000 });
    const open = async (): Promise<UsbPort> => await openFirst(usb, filters, clock);
    const unplug = (): void => device.unplug();
    return { port: await open(), device, unplug, clock, reopen: open, close: async () => usb.dispose() };
  };
}

function usbIp<D extends UsbConnector & { unplug(): void }>({ create, filters }: Plugged<D>): OpenRung<D> {
  return async () => {
    const clock = new RealClock();
    const device = create(clock);
    const server = new UsbIpServer({ ports: new Map([['1-3', device]]), clock });
    const { host, port } = await server.listen({ port: 0 });
    const open = async (): Promise<UsbPort> =>
      await openUsbIp(await UsbIpClient.import({ host, port, busid: '1-3' }), filters, { path: 'here' });
    const unplug = (): void => device.unplug();
    return { port: await open(), device, unplug, clock, reopen: open, close: async () => await server.close() };
  };
}

/** The same ports, each transfer noted. */
function recorded<D>(open: OpenRung<D>): OpenRung<D> {
  return async () => {
    const rung = await open();
    const noted = (port: UsbPort): UsbPort => recordTrace(port, rung.clock, () => undefined);
    return { ...rung, port: noted(rung.port), reopen: async () => noted(await rung.reopen()) };
  };
}

/** The board is the testbed's, which plugs it into this machine's kernel and pulls it out when told to. */
function overKernel(bench: string): OpenRung<undefined> {
  const tell = async (what: string): Promise<void> => {
    const { ok, statusText } = await fetch(`${bench}/${what}`, { method: 'POST' });
    if (!ok) throw new Error(`the bench could not ${what}: ${statusText}`);
  };
  return async () => {
    const { WebUSB, usb: libusb } = await import('usb');
    await tell(`plug/${SCENARIO}`);
    const usb: WebUsb = new WebUSB({ allowAllDevices: true, deviceTimeout: 120_000 });
    const open = async (): Promise<UsbPort> => await openFirst(usb, DFU_FILTERS, systemClock);
    const port = await open();
    libusb.unrefHotplugEvents();
    const close = async (): Promise<void> => {
      await port[Symbol.asyncDispose]();
      await tell('remove');
    };
    return {
      port,
      device: undefined,
      clock: systemClock,
      unplug: async () => await tell('unplug'),
      reopen: open,
      close,
    };
  };
}
