/** The job of `program`, on a device that is open: from a file to a device that is proven to hold it. */

import { isDoubt, type Observation, textOf } from '@sureflash/programmer/diagnosis';
import {
  carryOut,
  divideImage,
  type JobOptions,
  leastMs,
  likelyChip,
  type Plan,
  type Preparation,
  prepare,
  type Report,
  refusal,
  type Subject,
  type UnerasedReport,
} from '@sureflash/programmer/engine';
import type { JOB_OPTIONS } from '../declare/options.ts';
import type { OptionsOf } from '../declare/verb.ts';
import type { Device } from '../device/open.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';
import type { Context } from '../render/context.ts';
import { outcomeText, planJson, planText } from '../render/plan.ts';
import { Explained, explained } from '../render/problem.ts';
import { type ProgressView, progressView } from '../render/progress.ts';
import { count, duration, size } from '../render/words.ts';
import { bullet, labelled } from '../render/wrap.ts';
import { Reporting } from '../report/reporting.ts';
import { Kept } from './kept.ts';
import { memoriesOf, namesOf, otherOutcomeText, otherPlanText } from './other-memory.ts';
import { preflight } from './preflight.ts';
import { startOf } from './start.ts';

/** How the job is done; what is absent is as on the command line. */
export type ProgramChoices = Partial<Omit<OptionsOf<typeof JOB_OPTIONS>, 'at' | 'format' | 'only'>> & {
  /** Start the program afterwards. */
  readonly leave?: boolean;
  /** OTP may be written, which nothing undoes. */
  readonly oneTime?: boolean;
};

export interface ProgramJob {
  readonly firmware: LoadedFirmware;
  readonly options: ProgramChoices;
  readonly reporting?: Reporting;
}

/** The job itself, on a device that is open. Nothing is written before everything that can refuse has had its say. */
export async function programDevice(
  context: Context,
  device: Device,
  { firmware, options, reporting = new Reporting() }: ProgramJob,
): Promise<Report> {
  reporting.device(device);
  const { recorder } = reporting;
  const known = preflight(context, firmware, device, options);
  const started = device.clock.now();
  const subject = { ...device.subject(firmware.image), known };
  const view = jobView(context, device, firmware);
  const kept = new Kept();
  const shared = { onProgress: recorder.watch(view.onProgress), onUnproven: kept.add };
  const job = { ...jobOptions(context, view, options), ...shared };
  let report: Report;
  let preparation: Preparation;
  let start: number | undefined;
  let evidence: readonly Observation[] = [];
  try {
    preparation = await prepare(subject, job);
    evidence = preparation.evidence;
    reporting.observations = evidence;
    judge(context, preparation, { view, options });
    if (options.leave) start = await startAfter(device, firmware);
    const texts = planTexts(preparation);
    reporting.facts.push(...texts.map((text) => ['Plan', text] as const));
    context.emit(planJson(preparation.plan));
    for (const text of texts) view.note(labelled(context.style.strong('Plan'), text, context.io.err));
    report = await carryOut(subject, preparation, job);
  } catch (error) {
    view.end();
    await kept.save(context);
    throw explained(subject, error, evidence);
  }
  view.end();
  recorder.leastMs = leastTime(subject, preparation.plan, report);
  if (start !== undefined) await device.target.leave(start);
  const ms = device.clock.now() - started;
  const memories = namesOf(memoriesOf(device.target.geometry, firmware.image));
  reporting.outcome = tell(context, report, { preparation, memories, ms, left: start !== undefined });
  return report;
}

/** What is started when the job is done: what it has programmed, else the program that is in the flash already. */
async function startAfter(device: Device, { image }: LoadedFirmware): Promise<number> {
  const { flash } = divideImage(image, device.target.geometry);
  return flash.range?.start ?? (await startOf(device, { remedy: 'Program one with this file, or leave out --leave.' }));
}

/** One for the flash, and one for each part in another memory, in the order in which they are carried out. */
export function planTexts({ plan, unerased }: Preparation): string[] {
  return [...(plan.sectors.length === 0 ? [] : [planText(plan)]), ...unerased.map(otherPlanText)];
}

/** What the flash needs for the work at least; `undefined` where its chip is not known. */
function leastTime(subject: Subject, { sectors }: Plan, { bytesWritten }: Report): number | undefined {
  const chip = likelyChip(subject);
  const erase = sectors.filter(({ action }) => action === 'replace').map(({ sector }) => sector);
  return chip?.timing ? leastMs({ erase, writeBytes: bytesWritten }, chip) : undefined;
}

export function jobView(context: Context, { target, clock }: Device, { image }: LoadedFirmware): ProgressView {
  const sectors = target.geometry.flatMap((region) => region.sectors);
  return progressView(
    context,
    clock,
    sectors.filter((sector) => image.within(sector).length > 0),
  );
}

export function jobOptions(
  { io }: Context,
  { onProgress }: ProgressView,
  { force = false, erase = 'auto', keep = 'rest', oneTime = false }: ProgramChoices,
): JobOptions {
  return { keepRest: keep === 'rest', replaceAll: erase === 'always', force, oneTime, signal: io.signal, onProgress };
}

/** @throws Explained unless forced, or when there is nothing to doubt */
export function judge(
  context: Context,
  preparation: Preparation,
  { view, options }: { view: ProgressView; options: ProgramChoices },
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

interface Done {
  readonly preparation: Preparation;
  /** Names of those that hold a part of the file. */
  readonly memories: string;
  readonly ms: number;
  readonly left: boolean;
}

/** @returns what was said, as one line */
function tell(context: Context, report: Report, { preparation, memories, ms, left }: Done): string {
  const { style } = context;
  const { plan, unerased } = preparation;
  const { unerased: others, ...flash } = report;
  const texts = [
    ...(plan.sectors.length === 0 ? [] : [tellFlash(context, report, { plan, ms })]),
    ...(others ? [tellOthers(context, namesOf(unerased.map(({ region }) => region)), others)] : []),
  ];
  if (left) context.result(style.ok('Started'), 'the bootloader has handed over to the program');
  const bytesWritten = flash.bytesWritten + (others?.bytesWritten ?? 0);
  const verifiedBytes = flash.verifiedBytes + (others?.verifiedBytes ?? 0);
  const { savedMs } = plan;
  context.emit({
    type: 'result',
    ok: true,
    ...flash,
    bytesWritten,
    verifiedBytes,
    memories,
    tookMs: ms,
    savedMs,
    left,
  });
  return texts.join('; ');
}

function tellFlash(context: Context, report: Report, { plan, ms }: { plan: Plan; ms: number }): string {
  const { style } = context;
  const { verifiedBytes, sectorsErased, bytesWritten } = report;
  const { savedMs } = plan;
  const unchanged = plan.sectors.every(({ action }) => action === 'keep');
  const what = unchanged
    ? `${size(verifiedBytes)} read back: the flash already holds the image, byte for byte`
    : `${count(sectorsErased, 'sector')} erased, ${size(bytesWritten)} written, ${size(verifiedBytes)} read back and equal`;
  const saved = savedMs >= 1000 ? `, about ${duration(savedMs)} saved` : '';
  context.note(style.strong('Sectors'), outcomeText(plan));
  const text = `${what} (${duration(ms)}${saved})`;
  context.result(style.ok(unchanged ? 'Unchanged' : 'Verified'), text);
  return `${unchanged ? 'Unchanged' : 'Verified'}: ${text}`;
}

function tellOthers(context: Context, memories: string, report: UnerasedReport): string {
  const text = otherOutcomeText(memories, report);
  const { bytesWritten } = report;
  context.result(context.style.ok('Verified'), text);
  context.emit({
    type: 'memory',
    ok: true,
    outcome: bytesWritten === 0 ? 'unchanged' : 'programmed',
    memories,
    ...report,
  });
  return `Verified: ${text}`;
}
