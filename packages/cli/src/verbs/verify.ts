/** `verify`: a device held against a file, byte by byte, in every memory that `program` writes. Reads only. */
import { type Device, verify } from '@sureflash/programmer';
import { defined } from '../base/defined.ts';
import { FIRMWARE, FIRMWARE_OPTIONS, REPORT_OPTIONS } from '../declare/options.ts';
import { verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';
import { loadJob } from '../files/firmware-job.ts';
import { memoriesOf, regionNamesOf } from '../parts/byte-memory.ts';
import { withDevice } from '../parts/with-device.ts';
import type { Context } from '../render/context.ts';
import { progressView } from '../render/progress.ts';
import { duration, size } from '../render/words.ts';
import { type Reporting, withReport } from '../report/reporting.ts';

export const verifyVerb = verb({
  operands: { file: FIRMWARE },
  options: { ...FIRMWARE_OPTIONS, ...REPORT_OPTIONS, ...DEVICE_OPTIONS },
  examples: [['sureflash verify firmware.elf', 'exit code 0: the flash holds it, 7: it does not']],
  run: async (context, { file: words }, options) => {
    const { report } = options;
    await withReport(context, { inputs: words, ...defined({ report }) }, async (reporting) => {
      const { files, firmware } = await loadJob(context.io, words, options);
      reporting.files(files);
      await withDevice(context, options, async (device) => {
        reporting.device(device);
        await verifyDevice(context, device, { firmware, reporting });
      });
    });
  },
});

async function verifyDevice(
  context: Context,
  device: Device,
  { firmware, reporting }: { readonly firmware: LoadedFirmware; readonly reporting: Reporting },
): Promise<void> {
  const { target, clock } = device;
  const { image } = firmware;
  const sectors = target.geometry.flatMap((region) => region.sectors);
  const view = progressView(
    context,
    clock,
    sectors.filter((sector) => image.within(sector).length > 0),
  );
  const started = clock.now();
  const options = { signal: context.io.signal, onProgress: reporting.recorder.watch(view.onProgress) };
  const compared = await verify(device, firmware, options).finally(() => view.end());
  const memories = memoriesOf(target.geometry, image);
  const places = memories.every(({ kind }) => kind === 'flash') ? '' : ` in ${regionNamesOf(memories)}`;
  const outcome = `${size(compared)} read back and equal${places} (${duration(clock.now() - started)})`;
  context.result(context.style.ok('Verified'), outcome);
  reporting.outcome = `Verified: ${outcome}`;
  context.emit({ type: 'result', ok: true, memories: regionNamesOf(memories), verifiedBytes: compared });
}
