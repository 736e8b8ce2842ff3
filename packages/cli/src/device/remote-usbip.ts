/** Devices that a USB/IP server exports. */
import { connect, systemClock, USB_FILTERS, type UsbFilter } from '@sureflash/programmer';
import { visible } from '@sureflash/programmer/basics';
import { openUsbIp } from '@sureflash/programmer/transports';
import { type ListedDevice, listDevices, USBIP_PORT, UsbIpClient, UsbIpError } from '@sureflash/usbip';
import { CommandError, usage } from '../base/command-error.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import type { DeviceSource } from './source.ts';

export interface Remote {
  readonly host: string;
  readonly port: number;
  readonly busid?: string;
}

/** `host`, `host:port`, `host/busid`, `host:port/busid`, `[::1]:3240/1-1`. @throws CommandError `usage` */
export function parseRemote(text: string): Remote {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:/[\]]+)(?::(\d{1,5}))?(?:\/([^/]+))?$/.exec(text.trim());
  const port = Number(match?.[2] ?? USBIP_PORT);
  if (!match?.[1] || port < 1 || port > 65_535) {
    throw usage(
      `"${text}" is not a USB/IP address.`,
      'Write it as host/busid or host:port/busid, such as 127.0.0.1/1-1.',
    );
  }
  const host = match[1].replace(/^\[|\]$/g, '');
  return { host, port, ...(match[3] !== undefined && { busid: match[3] }) };
}

export async function openRemote(text: string, filters: readonly UsbFilter[] = USB_FILTERS): Promise<DeviceSource> {
  const { host, port: tcpPort, busid } = parseRemote(text);
  const where = `${host}:${tcpPort}`;
  try {
    const chosen = busid ?? (await onlyBusid(host, tcpPort));
    const client = await UsbIpClient.import({ host, port: tcpPort, busid: chosen });
    const port = await openUsbIp(client, filters, { path: `${where}/${chosen}` });
    return {
      port,
      clock: systemClock,
      where: `USB/IP ${where}/${chosen}`,
      outlives: true,
      reopen: async () => await openRemote(`${text.replace(/\/.*$/, '')}/${chosen}`),
      [Symbol.asyncDispose]: async () => await port[Symbol.asyncDispose](),
    };
  } catch (error) {
    throw error instanceof UsbIpError ? asCommandError(error, where) : error;
  }
}

/** What a server has to give. @throws CommandError `usbip/*` */
export async function exportedBy({ host, port }: Remote): Promise<ListedDevice[]> {
  try {
    return await listDevices({ host, port });
  } catch (error) {
    throw error instanceof UsbIpError ? asCommandError(error, `${host}:${port}`) : error;
  }
}

/** Opens the device to see what it is, and closes it again. @returns its chip and serial number, or why it was not looked at */
export async function remoteTitle({ host, port: tcpPort }: Remote, busid: string): Promise<string> {
  try {
    const client = await UsbIpClient.import({ host, port: tcpPort, busid });
    const port = await openUsbIp(client, USB_FILTERS, { path: `${host}:${tcpPort}/${busid}` });
    const { serial } = port.identity;
    const { LOOKING, supplyText } = await import('./by-uid.ts');
    const device = await connect(port, { probe: LOOKING });
    await device.close();
    const { title, probe } = device.about;
    const known = [title, ...(probe ? [supplyText(probe)] : []), ...(serial === undefined ? [] : [`serial ${serial}`])];
    return visible(known.join(', '));
  } catch (error) {
    if (error instanceof UsbIpError) return error.code === 'busy' ? 'in use' : `not looked at (${error.code})`;
    const { notReadText, toldByFailure } = await import('./by-uid.ts');
    const told = toldByFailure(error);
    return visible([notReadText('not looked at', told), ...(told.probe ? [told.probe.title] : [])].join('  '));
  }
}

async function onlyBusid(host: string, port: number): Promise<string> {
  const devices = await exportedBy({ host, port });
  const [first, second] = devices;
  if (first && !second) return first.busid;
  const titles: string[] = [];
  for (const { busid } of devices) titles.push(await remoteTitle({ host, port }, busid));
  throw new CommandError({
    code: first ? 'cli/several-devices' : 'cli/no-device',
    exitCode: EXIT.device,
    title: first ? `${host} exports ${devices.length} devices; none was changed.` : `${host} exports no device.`,
    remedy: first
      ? titles.map((title, i) => `--usbip ${host}:${port}/${devices[i]?.busid}  ${title}`)
      : ['Start one there: sureflash virtual stm32f105-rom'],
  });
}

const EXIT_OF: Readonly<Record<string, ExitCode>> = {
  refused: EXIT.device,
  unreachable: EXIT.device,
  'no-such-device': EXIT.device,
  busy: EXIT.access,
};

const REMEDY: Readonly<Record<string, readonly string[]>> = {
  refused: [
    'Start a board to try: sureflash virtual stm32f105-rom',
    'Or start usbipd on the machine that has the board.',
  ],
  busy: ['End the other program, or detach the device there: usbip detach'],
};

function asCommandError(error: UsbIpError, where: string): CommandError {
  return new CommandError({
    code: `usbip/${error.code}`,
    exitCode: EXIT_OF[error.code] ?? EXIT.refused,
    title: error.message,
    remedy: REMEDY[error.code] ?? [`See what is exported there: sureflash list --usbip ${where}`],
    facts: { address: where },
    cause: error,
  });
}
