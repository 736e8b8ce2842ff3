/** `verify`: a device held against a file, byte by byte, in every memory that `program` writes. Reads only. */
import { verify } from '@sureflash/programmer/engine';
import type { Context } from '../context.ts';
import { type Device, withDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import { type LoadedFirmware, type LoadOptions, loadFirmware } from '../firmware-file.ts';
import { explained } from '../render/problem.ts';
import { duration, size } from '../render/words.ts';
import { type Reporting, type ReportOptions, withReport } from '../report/reporting.ts';
import { memoriesOf, namesOf } from './other-memory.ts';

export interface VerifyOptions extends DeviceOptions, LoadOptions, ReportOptions {}

export async function verifyCommand(context: Context, path: string, options: VerifyOptions): Promise<void> {
  const { report } = options;
  await withReport(
    context,
    { command: `verify ${path}`, ...(report !== undefined && { report }) },
    async (reporting) => {
      const firmware = await loadFirmware(context.io, path, options);
      reporting.file(path, firmware);
      await withDevice(context, options, async (device) => {
        reporting.device(device);
        await verifyDevice(context, device, { firmware, reporting });
      });
    },
  );
}

async function verifyDevice(
  context: Context,
  device: Device,
  { firmware, reporting }: { readonly firmware: LoadedFirmware; readonly reporting: Reporting },
): Promise<void> {
  const { target, clock } = device;
  const { image } = firmware;
  const sectors = target.geometry.flatMap((region) => region.sectors);
  const view = context.progress(
    clock,
    sectors.filter((sector) => image.within(sector).length > 0),
  );
  const started = clock.now();
  const subject = device.subject(image);
  const job = { signal: context.io.signal, onProgress: reporting.recorder.watch(view.onProgress) };
  const compared = await verify(subject, job)
    .catch((error: unknown) => {
      throw explained(subject, error, []);
    })
    .finally(() => view.end());
  const memories = memoriesOf(target.geometry, image);
  const places = memories.every(({ kind }) => kind === 'flash') ? '' : ` in ${namesOf(memories)}`;
  const outcome = `${size(compared)} read back and equal${places} (${duration(clock.now() - started)})`;
  context.result(context.style.ok('Verified'), outcome);
  reporting.outcome = `Verified: ${outcome}`;
  context.emit({ type: 'result', ok: true, memories: namesOf(memories), verifiedBytes: compared });
}
