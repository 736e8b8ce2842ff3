/** Ways from a `UsbPort` to a virtual STM32F407 in its ROM bootloader: virtual hosts, a socket, or a real kernel. */
import { type Clock, systemClock, type UsbPort } from '@sureflash/programmer';
import { listWebUsb, openUsbIp, openWebUsb, type WebUsb } from '@sureflash/programmer/transports';
import { UsbIpClient, UsbIpServer } from '@sureflash/usbip';
import { type Board, type DialectName, findScenario, RealClock, VirtualClock, VirtualWebUsb } from '@sureflash/virtual';

/** An open port, and what can be done to the board behind it. */
export interface Rung {
  readonly port: UsbPort;
  readonly clock: Clock;
  readonly unplug: () => void | Promise<void>;
  readonly reopen: () => Promise<UsbPort>;
  close(): Promise<void>;
}

type OpenRung = () => Promise<Rung>;

const SCENARIO = 'stm32f407-rom';

/** Where the kernel testbed lets a test plug its board: `http://host:port`. Then the suite runs over that kernel only. */
const KERNEL_BENCH = process.env['SUREFLASH_KERNEL_BENCH'];

export function rungs(): readonly (readonly [string, OpenRung])[] {
  if (KERNEL_BENCH !== undefined) return [['npm usb and the Linux kernel', overKernel(KERNEL_BENCH)]];
  return [
    ['WebUSB as in browsers', webUsb('browser')],
    ['WebUSB as in npm usb 2.18', webUsb('usb-2.18')],
    ['WebUSB as in npm usb 3.1', webUsb('usb-3.1')],
    ['USB/IP over a socket', overUsbIp],
  ];
}

function boardOn(clock: Clock): Board {
  const scenario = findScenario(SCENARIO);
  if (!scenario) throw new Error('no scenario');
  return scenario.create(clock);
}

async function openFirst(usb: WebUsb, clock: Clock): Promise<UsbPort> {
  const [candidate] = await listWebUsb(usb);
  if (!candidate) throw new Error('no candidate');
  return await openWebUsb(candidate.device, { clock, usb });
}

function webUsb(dialect: DialectName): OpenRung {
  return async () => {
    const clock = new VirtualClock();
    const board = boardOn(clock);
    const usb = new VirtualWebUsb({ connectors: { '1-3': board }, clock, dialect, deviceTimeout: 120_000 });
    const open = async (): Promise<UsbPort> => await openFirst(usb, clock);
    const unplug = (): void => board.unplug();
    return { port: await open(), unplug, clock, reopen: open, close: async () => usb.dispose() };
  };
}

async function overUsbIp(): Promise<Rung> {
  const clock = new RealClock();
  const board = boardOn(clock);
  const server = new UsbIpServer({ ports: new Map([['1-3', board]]), clock });
  const { host, port } = await server.listen({ port: 0 });
  const open = async (): Promise<UsbPort> =>
    await openUsbIp(await UsbIpClient.import({ host, port, busid: '1-3' }), 'here');
  const unplug = (): void => board.unplug();
  return { port: await open(), unplug, clock, reopen: open, close: async () => await server.close() };
}

/** The board is the testbed's, which plugs it into this machine's kernel and pulls it out when told to. */
function overKernel(bench: string): OpenRung {
  const tell = async (what: string): Promise<void> => {
    const { ok, statusText } = await fetch(`${bench}/${what}`, { method: 'POST' });
    if (!ok) throw new Error(`the bench could not ${what}: ${statusText}`);
  };
  return async () => {
    const { WebUSB, usb: libusb } = await import('usb');
    await tell(`plug/${SCENARIO}`);
    const usb: WebUsb = new WebUSB({ allowAllDevices: true, deviceTimeout: 120_000 });
    const open = async (): Promise<UsbPort> => await openFirst(usb, systemClock);
    const port = await open();
    libusb.unrefHotplugEvents();
    const close = async (): Promise<void> => {
      await port[Symbol.asyncDispose]();
      await tell('remove');
    };
    return { port, clock: systemClock, unplug: async () => await tell('unplug'), reopen: open, close };
  };
}
