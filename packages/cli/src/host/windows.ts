/** Windows: the USB devices that are present, and the driver service that each is bound to. */
import { win32 } from 'node:path';
import { type Observation, seen } from '@sureflash/programmer/diagnosis';
import type { RunCommand } from './run.ts';

const QUERY =
  "Get-PnpDevice -PresentOnly | Where-Object InstanceId -like 'USB\\VID_*' | Select-Object InstanceId, FriendlyName, Service, Status | ConvertTo-Json -Compress";
/** By its whole path: Windows looks into the working folder first for a name alone. */
const POWERSHELL = win32.join(
  process.env['SystemRoot'] ?? 'C:\\Windows',
  'System32\\WindowsPowerShell\\v1.0\\powershell.exe',
);
const DFU_INSTANCE = /^USB\\VID_0483&PID_DF11/i;
const ST_INSTANCE = /^USB\\VID_0483&PID_([0-9A-F]{4})/i;
/** The driver that programs can use (libusb, WebUSB). */
const USABLE = /^winusb$/i;

interface PnpDevice {
  readonly InstanceId?: string;
  readonly FriendlyName?: string | null;
  readonly Service?: string | null;
}

export async function observeWindows(run: RunCommand): Promise<Observation[]> {
  const devices = devicesIn(await run(POWERSHELL, ['-NoProfile', '-NonInteractive', '-Command', QUERY]));
  if (!devices) return [];
  const dfu = devices.filter(({ InstanceId = '' }) => DFU_INSTANCE.test(InstanceId));
  const [unusable] = dfu.filter(({ Service }) => !USABLE.test(Service ?? ''));
  if (unusable) {
    const driver = unusable.Service ?? 'none';
    const detail = `"${unusable.FriendlyName ?? 'the device'}" has the driver ${driver}, not WinUSB`;
    return [seen('host-access', { detail, platform: 'win32' })];
  }
  if (dfu.length > 0) return [];
  const st = devices.filter(({ InstanceId = '' }) => ST_INSTANCE.test(InstanceId));
  return [
    seen('host-no-dfu', { devices: devices.length }),
    ...st.map(({ InstanceId = '', FriendlyName }) =>
      seen('host-st-device', {
        path: InstanceId,
        ids: `0483:${(ST_INSTANCE.exec(InstanceId)?.[1] ?? '').toLowerCase()}`,
        product: FriendlyName ?? 'unnamed',
      }),
    ),
  ];
}

/** One device alone is printed without a list around it. */
function devicesIn(text: string): readonly PnpDevice[] | undefined {
  try {
    // A parsed boundary: every field of it is optional.
    const parsed = JSON.parse(text) as PnpDevice | readonly PnpDevice[];
    return 'length' in parsed ? parsed : [parsed];
  } catch {
    return undefined;
  }
}
