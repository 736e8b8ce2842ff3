/** `doctor`: evidence from a device, or from the host where there is none, and what it amounts to. Reads only, unless told. */
import { type FlashError, hasCode, type Inspection, inspect, isFlashError } from '@sureflash/programmer';
import {
  bootloaderSteps,
  type Diagnosis,
  diagnose,
  isFatal,
  type Observation,
  seen,
  textOf,
} from '@sureflash/programmer/diagnosis';
import { CommandError } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { EXIT } from '../base/exit-codes.ts';
import { leftWhenStopped } from '../base/left-when-stopped.ts';
import { FILE_OPTIONS, FORMATS, REPORT_OPTIONS } from '../declare/options.ts';
import { anyNumber, type OptionsOf, parsed, verb } from '../declare/verb.ts';
import { chipNamed } from '../device/chip-named.ts';
import type { OpenDevice } from '../device/open.ts';
import { DEVICE_OPTIONS, type DeviceOptions } from '../device/options.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';
import { loadJob } from '../files/firmware-job.ts';
import { observeHost } from '../host/host.ts';
import { announceFiles } from '../parts/announce.ts';
import { tellRemarks } from '../parts/asked-waits.ts';
import { checkSuffixIds } from '../parts/suffix-ids.ts';
import { parseScratch, trialsFor } from '../parts/trials.ts';
import { withDevice } from '../parts/with-device.ts';
import type { Context } from '../render/context.ts';
import { progressView } from '../render/progress.ts';
import { count } from '../render/words.ts';
import { bullet } from '../render/wrap.ts';
import { type Reporting, withReport } from '../report/reporting.ts';

const DOCTOR_OPTIONS = {
  ...REPORT_OPTIONS,
  ...FILE_OPTIONS,
  scratch: parsed(
    '<range>',
    'sectors that may be erased and written to know more; an address stands for its sector',
    parseScratch,
  ),
  ...DEVICE_OPTIONS,
};

export const doctorVerb = verb({
  operands: { file: anyNumber(FORMATS) },
  options: DOCTOR_OPTIONS,
  examples: [
    ['sureflash doctor', 'the board plugged in, or why there is none'],
    ['sureflash doctor firmware.elf', 'with the file that it should take'],
    ['sureflash doctor --chip STM32F105', 'how to enter the bootloader of this chip'],
    ['sureflash doctor --scratch 0x0803F800', 'erases and writes this sector'],
  ],
  run: async (context, { file: words }, options) => {
    const { report } = options;
    await withReport(context, { inputs: words, ...defined({ report }) }, async (reporting) => {
      const job = words.length === 0 ? undefined : await loadJob(context.io, words, options);
      if (job) {
        announceFiles(context, job.files);
        reporting.files(job.files);
      }
      const firmware = job?.firmware;
      try {
        await withDevice(context, options, async (device) => {
          reporting.device(device);
          checkSuffixIds(context, device, { files: job?.files ?? [] });
          await inspectDevice(context, device, { firmware, options, reporting });
        });
      } catch (error) {
        if (isLocal(options) && isUnreachable(error)) throw await explainedByHost(error, options);
        throw error;
      }
    });
  },
});

interface GivenOptions {
  readonly firmware: LoadedFirmware | undefined;
  readonly options: OptionsOf<typeof DOCTOR_OPTIONS>;
  readonly reporting: Reporting;
}

async function inspectDevice(
  context: Context,
  device: OpenDevice,
  { firmware, options, reporting }: GivenOptions,
): Promise<void> {
  const { signal } = context.io;
  const { scratch } = options;
  const view = progressView(context, device.clock);
  const onProgress = reporting.recorder.watch(view.onProgress);
  const trials = scratch && trialsFor(context, device, { scratch, end: () => view.end() });
  const given = scratch && { scratch: scratch.start, trials: trials && { ...trials, scratch } };
  const examine = async (): Promise<Inspection> => await inspect(device, firmware, { signal, onProgress, ...given });
  // Without a scratch sector nothing is changed.
  const work = scratch === undefined ? leftWhenStopped(signal, examine) : examine();
  const found = await work.finally(() => view.end());
  reporting.observations = found.evidence;
  tellRemarks(context, device.target.remarks);
  reporting.outcome = 'Examined: no fault found in this device';
  concludeDoctor(context, found, { wasTried: scratch !== undefined });
}

/** Worth a remark; where it is meant so, nothing is wrong with it. */
const NO_FAULT = 'application-answers';

/** @throws CommandError where the evidence speaks against the device */
function concludeDoctor(
  context: Context,
  { evidence, diagnosis }: Inspection,
  { wasTried }: { readonly wasTried: boolean },
): void {
  const { style, io } = context;
  if (diagnosis && diagnosis.cause !== NO_FAULT) throw foundError(evidence, diagnosis);
  if (diagnosis) context.result(style.strong('Remark'), diagnosis.title);
  context.result(
    style.ok('Examined'),
    `no fault found in this device; ${count(evidence.length, 'observation')}${wasTried ? '' : ', nothing in it was changed'}`,
  );
  for (const each of evidence) context.print(bullet(textOf(each), io.out));
  context.emit({
    type: 'result',
    ok: true,
    observations: evidence.map((each) => ({ ...each, text: textOf(each) })),
  });
}

function foundError(evidence: readonly Observation[], diagnosis: Diagnosis): CommandError {
  return new CommandError({
    diagnosis,
    code: 'doctor/found',
    exitCode: EXIT.refused,
    title: evidence.some(isFatal)
      ? 'Programming through this device cannot succeed, or cannot be proven.'
      : 'The evidence speaks against this device, or against the job.',
  });
}

const isLocal = ({ virtual, usbip, replay }: DeviceOptions): boolean =>
  virtual === undefined && usbip === undefined && replay === undefined;

/** Of the command line itself. */
const UNREACHABLE: ReadonlySet<string> = new Set(['cli/no-device', 'usb/access', 'usb/hidden', 'usb/busy']);

function isUnreachable(error: unknown): error is CommandError | FlashError {
  if (error instanceof CommandError) return UNREACHABLE.has(error.code);
  return isFlashError(error) && ['usb/access', 'usb/busy'].includes(error.code);
}

/** What the host knows about a device that is not there, or not to be opened. */
async function explainedByHost(error: CommandError | FlashError, { chip }: DeviceOptions): Promise<unknown> {
  const evidence = await observeHost();
  const named = chip === undefined ? undefined : chipNamed(chip);
  const diagnosis = diagnose([...accessOf(error), ...evidence], named);
  if (!diagnosis) return error;
  // A user who names a chip wants to be shown the way into its bootloader, whatever else is wrong.
  const steps = named ? bootloaderSteps(named) : [];
  const told = new Set(diagnosis.remedies.map(({ text }) => text));
  const remedies = [...diagnosis.remedies, ...(steps[0] && told.has(steps[0].text) ? [] : steps)];
  return error.with({ diagnosis: { ...diagnosis, remedies } });
}

/** What opening the device itself told. */
function accessOf(error: unknown): Observation[] {
  if (hasCode(error, 'usb/busy')) return [seen('host-in-use', error.facts)];
  if (!hasCode(error, 'usb/access')) return [];
  return [seen('host-access', { detail: error.facts.detail, platform: process.platform })];
}
