/** The door: from an open port to a device that is understood. */
import { explained, explainedProbe } from './engine/why/explained.ts';
import { FlashError, isFlashError } from './errors.ts';
import type { Clock } from './ports/clock.ts';
import type { ProbeGreeting } from './probe/debug-probe.ts';
import { systemClock } from './system-clock.ts';
import { type Device, deviceOf } from './target/device.ts';
import { type Port, WIRES, type Wire, type WireOptions } from './wires.ts';

export interface ConnectOptions extends Partial<Omit<WireOptions, 'clock'>> {
  /** The platform's own time by default. */
  readonly clock?: Clock | undefined;
  /** The protocols that are tried, in this order; all that are known by default. */
  readonly wires?: readonly Wire[] | undefined;
}

/**
 * Finds the protocol that the device speaks, and reads once everything that there is to know: loader, chip, memories. The
 * port belongs to the device then, which closes it; it is closed here when connecting fails.
 * @throws FlashError `device/not-programmable`, `device/other-chip`, `dfu/*`, `usb/*`, with a diagnosis and with the `about` as
 * far as it is known, where the evidence allows that
 */
export async function connect(
  port: Port,
  { clock = systemClock, wires = WIRES, chip, polite, probe }: ConnectOptions = {},
): Promise<Device> {
  try {
    const wire = wires.find((each) => each.accepts(port));
    if (!wire) {
      const names = wires.map(({ name }) => name).join(', ');
      throw new FlashError('device/not-programmable', {
        detail: `it speaks none of the protocols known here: ${names}`,
      });
    }
    return deviceOf(await wire.connect(port, { clock, chip, polite, probe }), clock);
  } catch (error) {
    await port[Symbol.asyncDispose]();
    throw isFlashError(error) && error.about ? explained(error.about, error) : explainedProbe(error);
  }
}

/**
 * Asks a debug probe who it is, and which supply it measures at its chip, which is not touched. The port is closed in any case.
 * @returns `undefined` where no debug probe is at this port
 * @throws FlashError `probe/*`, `usb/*`
 */
export async function greetProbe(
  port: Port,
  { clock = systemClock, wires = WIRES }: Pick<ConnectOptions, 'clock' | 'wires'> = {},
): Promise<ProbeGreeting | undefined> {
  try {
    return await wires.find((each) => each.accepts(port))?.greet?.(port, clock);
  } finally {
    await port[Symbol.asyncDispose]();
  }
}
