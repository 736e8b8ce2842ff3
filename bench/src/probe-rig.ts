/** A virtual ST-LINK with a chip behind it, and what its figures allow: docs/virtual-stlink.md. It knows no job. */
import { connect, type Device, USB_FILTERS } from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  bulkTransferMs,
  createVirtualStLink,
  type StLinkName,
  VirtualClock,
  type VirtualStLink,
  VirtualWebUsb,
} from '@sureflash/virtual';
import { FLASH_START } from './figures.ts';

const WORD_BYTES = 4;
/** Clocks of one word on SWD with its turnarounds and idle bits (ADIv5.2, B4.3). */
const WORD_CLOCKS = 46;
const WIRE_BLOCK_BYTES = 4096;

/** A bulk transfer at high speed (USB 2.0 §5.8.4, Table 5-10: 55 bytes around each packet, 60 bytes a microsecond). */
const highSpeedMs = (bytes: number): number => (Math.max(1, Math.ceil(bytes / 512)) * 55 + bytes) / 60_000;

/** `gapMs` is what the probe takes between two words. */
export const PROBES = {
  'v2-1': { firmware: 'V2J46M31', khz: 4000, gapMs: 0.011, bulkMs: bulkTransferMs },
  v3e: { firmware: 'V3J7M2', khz: 24_000, gapMs: 0.001, bulkMs: highSpeedMs },
} as const satisfies Partial<Record<StLinkName, object>>;

export type BenchProbe = keyof typeof PROBES;

export interface ProbeDesk {
  readonly clock: VirtualClock;
  readonly desk: VirtualStLink;
}

export function probeDesk(probe: BenchProbe, chip: string, before: Uint8Array | undefined): ProbeDesk {
  const clock = new VirtualClock();
  const flash = before && new Map([[FLASH_START, before]]);
  const { firmware } = PROBES[probe];
  return { clock, desk: createVirtualStLink({ probe, chip, firmware, clock, ...(flash && { flash }) }) };
}

/** The door, as everybody opens it. */
export async function connected({ desk, clock }: ProbeDesk): Promise<Device> {
  const usb = new VirtualWebUsb({ connectors: [desk.connector], clock, dialect: 'usb-2.18', deviceTimeout: 10_000 });
  const [found] = await listWebUsb(usb, USB_FILTERS);
  if (!found) throw new Error('there is no probe');
  return await connect(await openWebUsb(found.device, USB_FILTERS, { clock, usb }), { clock });
}

/** The least ms in which these bytes are through bus and SWD: a probe does one after the other. */
export function wireMsOf(probe: BenchProbe, bytes: number): number {
  const { khz, gapMs, bulkMs } = PROBES[probe];
  return (bytes / WORD_BYTES) * (WORD_CLOCKS / khz + gapMs) + (bytes / WIRE_BLOCK_BYTES) * bulkMs(WIRE_BLOCK_BYTES);
}

/** @throws Error where flash does not hold the image */
export function checkFlash({ desk }: ProbeDesk, job: string, image: Uint8Array): void {
  const found = desk.microcontroller.flash.peek(FLASH_START, image.length);
  if (!found.every((byte, at) => byte === image[at])) throw new Error(`${job}: the flash is not the image`);
}
