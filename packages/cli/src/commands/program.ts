/** `program` and `plan`: from a file to a proven flash, or to what that would take. */

import { isFlashError } from '@sureflash/programmer';
import { isDoubt, type Observation, textOf } from '@sureflash/programmer/diagnosis';
import {
  carryOut,
  explainError,
  type JobOptions,
  leastMs,
  likelyChip,
  type Plan,
  type Preparation,
  prepare,
  type Report,
  refusal,
  type Subject,
} from '@sureflash/programmer/engine';
import type { Context } from '../context.ts';
import { type Device, withDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import { type LoadedFirmware, type LoadOptions, loadFirmware } from '../firmware-file.ts';
import { diagnosisLines } from '../render/diagnosis.ts';
import { outcomeText, planJson, planLines, planText } from '../render/plan.ts';
import { Explained } from '../render/problem.ts';
import type { ProgressView } from '../render/progress.ts';
import { count, duration, size } from '../render/words.ts';
import { bullet, labelled } from '../render/wrap.ts';
import { Reporting, type ReportOptions, withReport } from '../report/reporting.ts';
import { announceFile } from './announce.ts';
import { preflight } from './check.ts';
import { type OtherMemoryOptions, planOtherMemory, programOtherMemory } from './other-memory.ts';
import { applySupply, type SupplyOption } from './supply.ts';

export interface ProgramOptions extends DeviceOptions, LoadOptions, ReportOptions, SupplyOption, OtherMemoryOptions {
  /** Start the program afterwards. */
  readonly leave?: boolean;
  readonly force?: boolean;
  /** Which sectors are erased: those that must be, or all of the image. */
  readonly erase?: 'auto' | 'always';
  /** What a partly covered sector holds beside the image is kept. */
  readonly keep?: 'rest' | 'none';
}

export async function programCommand(context: Context, path: string, options: ProgramOptions): Promise<void> {
  const { report } = options;
  await withReport(
    context,
    { command: `program ${path}`, ...(report !== undefined && { report }) },
    async (reporting) => {
      const firmware = await loadFirmware(context.io, path, options);
      announceFile(context, path, firmware);
      reporting.file(path, firmware);
      await withDevice(context, options, async (device) => {
        await applySupply(context, device, options);
        const rest = await programOtherMemory(context, device, firmware, options);
        if (rest) await programDevice(context, device, { firmware: rest, options, reporting });
      });
    },
  );
}

export interface ProgramJob {
  readonly firmware: LoadedFirmware;
  readonly options: ProgramOptions;
  readonly reporting?: Reporting;
}

/** The job itself, on a device that is open. */
export async function programDevice(
  context: Context,
  device: Device,
  { firmware, options, reporting = new Reporting() }: ProgramJob,
): Promise<Report> {
  const { leave = false, force } = options;
  reporting.device(device);
  const { recorder } = reporting;
  const known = preflight(context, firmware, { chip: device.chip, force });
  const started = device.clock.now();
  const subject = { ...device.subject(firmware.image), known };
  const view = jobView(context, device, firmware);
  const job = { ...jobOptions(context, view, options), onProgress: recorder.watch(view.onProgress) };
  let report: Report;
  let plan: Plan;
  let evidence: readonly Observation[] = [];
  try {
    const preparation = await prepare(subject, job);
    evidence = preparation.evidence;
    reporting.observations = evidence;
    judge(context, preparation, { view, options });
    plan = preparation.plan;
    reporting.facts.push(['Plan', planText(plan)]);
    context.emit(planJson(plan));
    view.note(labelled(context.style.strong('Plan'), planText(plan), context.io.err));
    report = await carryOut(subject, preparation, job);
  } catch (error) {
    throw explained(subject, error, evidence);
  } finally {
    view.end();
  }
  recorder.leastMs = leastTime(subject, plan, report);
  if (leave) await device.target.leave(firmware.image.range?.start ?? 0);
  reporting.outcome = tell(context, report, { plan, ms: device.clock.now() - started, left: leave });
  return report;
}

/** What the flash needs for the work at least; `undefined` where its chip is not known. */
function leastTime(subject: Subject, { sectors }: Plan, { bytesWritten }: Report): number | undefined {
  const chip = likelyChip(subject);
  const erase = sectors.filter(({ action }) => action === 'replace').map(({ sector }) => sector);
  return chip?.timing ? leastMs({ erase, writeBytes: bytesWritten }, chip) : undefined;
}

/** The error with what the evidence makes of it, where that says more than the error itself. */
export function explained(subject: Subject, error: unknown, evidence: readonly Observation[]): unknown {
  const diagnosis = explainError(subject, error, evidence);
  return diagnosis && isFlashError(error) ? new Explained(error, diagnosis) : error;
}

/** What `program` would do. Reads only. */
export async function planCommand(context: Context, path: string, options: ProgramOptions): Promise<void> {
  const loaded = await loadFirmware(context.io, path, options);
  announceFile(context, path, loaded);
  await withDevice(context, options, async (device) => {
    const { rest: firmware } = await planOtherMemory(context, device, loaded, { oneTime: true });
    if (!firmware) {
      context.emit({ type: 'result', ok: true });
      return;
    }
    const known = preflight(context, firmware, { chip: device.chip, force: options.force });
    const view = jobView(context, device, firmware);
    const job = jobOptions(context, view, options);
    const subject = { ...device.subject(firmware.image), known };
    const preparation = await prepare(subject, job).finally(() => view.end());
    judge(context, preparation, { view, options });
    const { plan, diagnosis } = preparation;
    context.emit(planJson(plan));
    for (const line of planLines(plan)) context.print(line);
    context.result(context.style.strong('Plan'), planText(plan));
    if (diagnosis) for (const line of diagnosisLines(diagnosis, context.style, context.io.out)) context.print(line);
    context.emit({ type: 'result', ok: true });
  });
}

function jobView(context: Context, { target, clock }: Device, { image }: LoadedFirmware): ProgressView {
  const sectors = target.geometry.flatMap((region) => region.sectors);
  return context.progress(
    clock,
    sectors.filter((sector) => image.within(sector).length > 0),
  );
}

function jobOptions(
  { io }: Context,
  { onProgress }: ProgressView,
  { force = false, erase = 'auto', keep = 'rest' }: ProgramOptions,
): JobOptions {
  return { keepRest: keep === 'rest', replaceAll: erase === 'always', force, signal: io.signal, onProgress };
}

/** @throws Explained unless forced, or when there is nothing to doubt */
function judge(
  context: Context,
  preparation: Preparation,
  { view, options }: { view: ProgressView; options: ProgramOptions },
): void {
  const { diagnosis, evidence } = preparation;
  const refused = refusal(preparation);
  if (refused && !options.force) throw new Explained(refused, diagnosis);
  context.emit({ type: 'evidence', observations: evidence.map((each) => ({ ...each, text: textOf(each) })) });
  if (!refused) return;
  const { io, style } = context;
  view.note(labelled(style.warn('Warning'), 'going on because of --force, against what reads show:', io.err));
  for (const doubt of evidence.filter(isDoubt)) view.note(bullet(textOf(doubt), io.err));
}

function tell(context: Context, report: Report, { plan, ms, left }: { plan: Plan; ms: number; left: boolean }): string {
  const { style } = context;
  const { outcome, verifiedBytes, sectorsErased, bytesWritten } = report;
  const { savedMs } = plan;
  const unchanged = outcome === 'unchanged';
  const what = unchanged
    ? `${size(verifiedBytes)} read back: the flash already holds the image, byte for byte`
    : `${count(sectorsErased, 'sector')} erased, ${size(bytesWritten)} written, ${size(verifiedBytes)} read back and equal`;
  const saved = savedMs >= 1000 ? `, about ${duration(savedMs)} saved` : '';
  context.note(style.strong('Sectors'), outcomeText(plan));
  const text = `${what} (${duration(ms)}${saved})`;
  context.result(style.ok(unchanged ? 'Unchanged' : 'Verified'), text);
  if (left) context.result(style.ok('Started'), 'the bootloader has handed over to the program');
  context.emit({ type: 'result', ok: true, ...report, tookMs: ms, savedMs, left });
  return `${unchanged ? 'Unchanged' : 'Verified'}: ${text}`;
}
