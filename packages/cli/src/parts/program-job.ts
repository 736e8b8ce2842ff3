/** The job of `program`, on a device that is open: from a file to a device that is proven to hold it. */
import {
  type About,
  type ByteMemoryReport,
  carryOut,
  type JobOptions,
  type Plan,
  type Preparation,
  prepare,
  type Range,
  type Report,
  refusal,
} from '@sureflash/programmer';
import { hex } from '@sureflash/programmer/basics';
import { isDoubt, isFatal, textOf } from '@sureflash/programmer/diagnosis';
import type { JobSteps } from '@sureflash/programmer/fix';
import { EXIT } from '../base/exit-codes.ts';
import type { JOB_OPTIONS } from '../declare/options.ts';
import type { OptionsOf } from '../declare/verb.ts';
import type { OpenDevice } from '../device/open.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';
import type { Context } from '../render/context.ts';
import { changedText, outcomeText, planJson, planLines, planText } from '../render/plan.ts';
import { type ProgressView, progressView } from '../render/progress.ts';
import { concernJson } from '../render/remedy.ts';
import { startedText } from '../render/started.ts';
import { BY_CRC, count, duration, size } from '../render/words.ts';
import { bullet, labelled } from '../render/wrap.ts';
import { Reporting } from '../report/reporting.ts';
import { tellAskedWaits, tellRemarks } from './asked-waits.ts';
import { byteMemoryOutcomeText, byteMemoryPlanText, memoriesOf, regionNamesOf } from './byte-memory.ts';
import { Kept } from './kept.ts';
import { leavingAndChecking } from './leaving.ts';
import { announceSupply, type SupplyOption, watchedSupply } from './supply.ts';
import { trialsFor } from './trials.ts';

/** How the job is done; what is absent is as on the command line. */
export type ProgramChoices = Partial<Omit<OptionsOf<typeof JOB_OPTIONS>, 'at' | 'format' | 'only'>> &
  SupplyOption & {
    /** Start the program afterwards. */
    readonly leave?: boolean;
    /** Start it, wait until the board is back in its bootloader, and read again; a number says how many seconds. */
    readonly leaveAndCheck?: number | true;
    /** Where trials may tell apart what would explain a failure; `true`: in the sectors of the job. */
    readonly scratch?: Range | true;
    /** OTP may be written, which nothing undoes. */
    readonly oneTime?: boolean;
  };

export interface ProgramJob {
  readonly firmware: LoadedFirmware;
  readonly options: ProgramChoices;
  readonly reporting?: Reporting;
  /** Those of a sealed image; absent, those of any image. */
  readonly steps?: JobSteps;
}

/** The job itself, on a device that is open. Nothing is written before everything that can refuse has had its say. */
export async function programDevice(
  context: Context,
  device: OpenDevice,
  { firmware, options, reporting = new Reporting(), steps = { prepare, carryOut } }: ProgramJob,
): Promise<Report> {
  reporting.device(device);
  const { recorder } = reporting;
  const started = device.clock.now();
  const view = jobView(context, device, firmware);
  const kept = new Kept(context, device);
  const note = (label: string, text: string): void =>
    view.note(labelled(context.style.strong(label), text, context.io.err));
  const job = {
    ...jobOptions(context, options),
    onProgress: recorder.watch(watchedSupply(context, view)),
    keptBytes: kept,
    trials: trialsFor(context, device, { scratch: options.scratch, end: () => view.end() }),
    ...leavingAndChecking(device, { seconds: options.leaveAndCheck, signal: context.io.signal, note }),
  };
  let report: Report;
  let preparation: Preparation;
  try {
    preparation = await steps.prepare(device, firmware, job);
    reporting.observations = preparation.evidence;
    judge(context, preparation, { view, options });
    const supply = announceSupply(context, preparation.supply, options.supply);
    if (supply) note('Supply', supply);
    const texts = planTexts(preparation);
    reporting.facts.push(...texts.map((text) => ['Plan', text] as const));
    context.emit(planJson(preparation.plan));
    for (const text of texts) note('Plan', text);
    await kept.tellEarlier(preparation.earlier, (line) => view.note(line));
    for (const line of context.verbose ? planLines(preparation.plan) : []) view.note(context.style.dim(line));
    report = await steps.carryOut(device, preparation, job);
  } catch (error) {
    view.end();
    tellAskedWaits(context, device.target.waits);
    tellRemarks(context, device.target.remarks);
    kept.tellHeld();
    throw error;
  }
  view.end();
  tellAskedWaits(context, device.target.waits);
  tellRemarks(context, device.target.remarks);
  recorder.leastMs = report.leastMs;
  const ms = device.clock.now() - started;
  const memories = regionNamesOf(memoriesOf(device.target.geometry, firmware.image));
  reporting.outcome = tellReport(context, report, { about: device.about, preparation, memories, ms });
  return report;
}

/** One for the flash, one where it is written slowly, and one for each part in another memory, in the order in which they are carried out. */
export function planTexts({ plan, byteMemory }: Preparation): string[] {
  const { slowBecause: why } = plan;
  const slowly = why === undefined ? [] : [`slowly, by the registers of the flash, because ${why}`];
  return [...(plan.sectors.length === 0 ? [] : [planText(plan), ...slowly]), ...byteMemory.map(byteMemoryPlanText)];
}

export function jobView(context: Context, { target, clock }: OpenDevice, { image }: LoadedFirmware): ProgressView {
  const sectors = target.geometry.flatMap((region) => region.sectors);
  return progressView(
    context,
    clock,
    sectors.filter((sector) => image.within(sector).length > 0),
  );
}

export function jobOptions(
  { io }: Context,
  { force, quickProof, unproven, erase = 'auto', keep = 'rest', oneTime, leave, supply }: ProgramChoices,
): JobOptions {
  const replaceAll = erase === 'always';
  const shared = { force, quickProof, unproven, oneTime, leave, supply, signal: io.signal };
  return { keepBeside: keep === 'rest', replaceAll, ...shared };
}

/** Tells of everything that speaks against the job. @throws FlashError the refusal, unless it is forced */
export function judge(
  context: Context,
  preparation: Preparation,
  { view, options }: { view: ProgressView; options: ProgramChoices },
): void {
  const { concerns, evidence } = preparation;
  const { io, style } = context;
  context.emit({ type: 'check', concerns: concerns.map(concernJson) });
  const told = concerns.filter(({ severity }) => severity === 'warning' || options.force);
  for (const { seen } of told) view.note(labelled(style.warn('Warning'), `${seen}.`, io.err));
  const refused = refusal(preparation);
  const isForced = options.force && preparation.plan.sectors.length > 0;
  if (refused && !isForced) throw refused;
  context.emit({ type: 'evidence', observations: evidence.map((each) => ({ ...each, text: textOf(each) })) });
  for (const each of context.verbose ? evidence : []) view.note(bullet(style.dim(textOf(each)), io.err));
  if (!evidence.some(isFatal)) return;
  if (preparation.unproven) {
    const lost = 'nothing will be proven, and what stands beside the file in its sectors is lost: --unproven';
    view.note(labelled(style.warn('Warning'), `${lost}.`, io.err));
    return;
  }
  view.note(labelled(style.warn('Warning'), 'going on because of --force, although reads show a problem:', io.err));
  for (const doubt of evidence.filter(isDoubt)) view.note(bullet(textOf(doubt), io.err));
}

interface Done {
  readonly about: About;
  readonly preparation: Preparation;
  /** Names of those that hold a part of the file. */
  readonly memories: string;
  readonly ms: number;
}

/** @returns what was said, as one line */
function tellReport(context: Context, report: Report, { about, preparation, memories, ms }: Done): string {
  const { plan, byteMemory } = preparation;
  const { byteMemory: others, leastMs: _, startedAt, ...flash } = report;
  const texts = [
    ...(plan.sectors.length === 0 ? [] : [tellFlash(context, report, { plan, ms })]),
    ...(others ? [tellOthers(context, regionNamesOf(byteMemory.map(({ region }) => region)), others)] : []),
  ];
  const { checkedAgainBytes } = report;
  if (checkedAgainBytes !== undefined) {
    const text = `${size(checkedAgainBytes)} read once more after the device had left its bootloader and come back`;
    texts.push(`Held: ${text}`);
    context.result(context.style.ok('Held'), text);
  }
  if (startedAt !== undefined) tellStart(context, about, startedAt);
  const bytesWritten = flash.bytesWritten + (others?.bytesWritten ?? 0);
  const verifiedBytes = flash.verifiedBytes + (others?.verifiedBytes ?? 0);
  const { savedMs } = plan;
  const isProven = flash.outcome !== 'unproven';
  if (!isProven) context.exitCode = EXIT.unproven;
  context.emit({
    type: 'result',
    ok: isProven,
    ...flash,
    bytesWritten,
    verifiedBytes,
    memories,
    tookMs: ms,
    savedMs,
    left: startedAt !== undefined,
  });
  return texts.join('; ');
}

/** A loader that is no ROM may start what it likes. */
function tellStart(context: Context, about: About, startedAt: number): void {
  const isObeyed = about.kind === 'st-rom' || about.kind === 'debug-port';
  if (isObeyed) context.result(context.style.ok('Started'), `the program at ${hex(startedAt)}`);
  else context.result(context.style.ok('Left'), startedText(about, startedAt));
}

function tellFlash(context: Context, report: Report, { plan, ms }: { plan: Plan; ms: number }): string {
  const { style } = context;
  const { verifiedBytes, sectorsErased, bytesWritten } = report;
  const { savedMs } = plan;
  if (report.outcome === 'unproven') {
    const text = `${count(sectorsErased, 'sector')} erased, ${size(bytesWritten)} written; the device gives nothing back, so nobody has seen that it holds them (${duration(ms)})`;
    context.result(style.warn('Unproven'), text);
    return `Unproven: ${text}`;
  }
  const unchanged = plan.sectors.every(({ action }) => action === 'keep');
  const what = unchanged
    ? `${size(verifiedBytes)} ${report.provenByCrc ? BY_CRC : 'read back'}: the flash already holds the image${report.provenByCrc ? '' : ', byte for byte'}`
    : changedText(report);
  const saved = savedMs >= 1000 ? `, about ${duration(savedMs)} saved` : '';
  context.note(style.strong('Sectors'), outcomeText(plan));
  const text = `${what} (${duration(ms)}${saved})`;
  context.result(style.ok(unchanged ? 'Unchanged' : 'Verified'), text);
  return `${unchanged ? 'Unchanged' : 'Verified'}: ${text}`;
}

function tellOthers(context: Context, memories: string, report: ByteMemoryReport): string {
  const text = byteMemoryOutcomeText(memories, report);
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
