/** What every verb with a device does around its work: open it, tell of it, close it whatever happens. */
import { leftWhenStopped } from '../base/left-when-stopped.ts';
import { type OpenDevice, openDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import type { Context } from '../render/context.ts';
import { announceDevice } from './announce.ts';

/** Opens what the options name and announces it before the work begins. */
export async function withDevice<T>(
  context: Context,
  options: DeviceOptions,
  work: (device: OpenDevice) => Promise<T>,
): Promise<T> {
  return await withUnannounced(context, options, async (device) => {
    announceDevice(context, device);
    return await work(device);
  });
}

/** The same for a verb whose result begins with the device itself. */
export async function withUnannounced<T>(
  context: Context,
  options: DeviceOptions,
  work: (device: OpenDevice) => Promise<T>,
): Promise<T> {
  const onWaiting = (): void => context.note(context.style.strong('Waiting'), 'for a device; Ctrl-C ends it');
  // To open a device writes nothing, but it may take as long as it likes to answer. A probe halts its chip: it is let go when it comes.
  const device = await leftWhenStopped(
    context.io.signal,
    async () => await openDevice(context.io, options, onWaiting),
    async (late) => await late.close(),
  );
  try {
    return await work(device);
  } finally {
    await device.close();
    tellTrouble(context, device, options);
  }
}

/** A record that broke off changes nothing of the job, but nobody should take it for whole. */
function tellTrouble(context: Context, { record }: OpenDevice, { trace = '' }: DeviceOptions): void {
  const trouble = record?.trouble();
  record?.close();
  if (trouble === undefined) return;
  context.warn(`the trace breaks off: ${trouble}`);
  context.emit({ type: 'unwritten', path: trace, reason: trouble });
}
