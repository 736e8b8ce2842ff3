/** `program` and `plan`: from a file to a proven flash, or to what that would take. */
import type { Firmware } from '@sureflash/image';
import {
  carryOut,
  type JobOptions,
  type Preparation,
  prepare,
  type Report,
  refusal,
} from '@sureflash/programmer/engine';
import type { Context } from '../context.ts';
import { type Device, openDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import { type LoadOptions, loadFirmware } from '../firmware-file.ts';
import { imageText, planJson, planLines, planText } from '../render/plan.ts';
import { diagnosisLines, Refused } from '../render/problem.ts';
import { count, duration, size } from '../render/words.ts';

export interface ProgramOptions extends DeviceOptions, LoadOptions {
  /** Start the program afterwards. */
  readonly leave?: boolean;
  readonly force?: boolean;
  /** What a partly covered sector holds beside the image is kept. */
  readonly keep?: 'rest' | 'none';
}

export async function programCommand(context: Context, path: string, options: ProgramOptions): Promise<void> {
  const firmware = await loadFirmware(context.io, path, options);
  announceFile(context, path, firmware);
  await using device = await openDevice(context, options);
  await programDevice(context, device, firmware, options);
}

/** The job itself, on a device that is open. */
export async function programDevice(
  context: Context,
  device: Device,
  firmware: Firmware,
  { leave = false, force = false, keep = 'rest' }: ProgramOptions,
): Promise<Report> {
  const started = device.clock.now();
  const subject = device.subject(firmware.image);
  const view = context.progress(
    device.clock.now,
    subject.target.geometry.flatMap((region) => region.sectors).filter((s) => touches(s, firmware)),
  );
  const job: JobOptions = { keepRest: keep === 'rest', force, signal: context.io.signal, onProgress: view.onProgress };
  let report: Report;
  try {
    const preparation = await prepare(subject, job);
    judge(context, preparation, force);
    context.emit(planJson(preparation.plan));
    if (!context.io.err.isTty) context.remark(`${context.style.strong('Plan')}    ${planText(preparation.plan)}`);
    report = await carryOut(subject, preparation, job);
  } finally {
    view.end();
  }
  if (leave) await device.target.leave(firmware.image.range?.start ?? 0);
  tell(context, report, { ms: device.clock.now() - started, left: leave });
  return report;
}

/** @throws Refused unless forced, or when there is nothing to doubt */
function judge(context: Context, preparation: Preparation, force: boolean): void {
  const { diagnosis } = preparation;
  const refused = refusal(preparation);
  if (refused && !force) throw new Refused(refused, diagnosis);
  if (refused && diagnosis) {
    context.remark(`${context.style.warn('Warning')}  Going on because of --force, against what reads show:`);
    context.remark(diagnosis.evidence.map((line) => `  - ${line}`).join('\n'));
  }
  context.emit({ type: 'doubts', doubts: preparation.doubts });
}

function tell(context: Context, report: Report, { ms, left }: { ms: number; left: boolean }): void {
  const { style } = context;
  const { outcome, verifiedBytes, sectorsErased, bytesWritten, eraseMs, writeMs, verifyMs } = report;
  const what =
    outcome === 'unchanged'
      ? `${size(verifiedBytes)} read back: the flash already holds the image, byte for byte`
      : `${count(sectorsErased, 'sector')} erased, ${size(bytesWritten)} written, ${size(verifiedBytes)} read back and equal`;
  context.print(`${style.ok(outcome === 'unchanged' ? 'Unchanged' : 'Verified')}  ${what} (${duration(ms)})`);
  if (left) context.print(`${style.ok('Started')}  the program runs`);
  context.emit({
    type: 'result',
    ok: true,
    outcome,
    verifiedBytes,
    sectorsErased,
    bytesWritten,
    eraseMs,
    writeMs,
    verifyMs,
    tookMs: ms,
    left,
  });
}

function announceFile(context: Context, path: string, { format, image }: Firmware): void {
  const { range } = image;
  context.emit({ type: 'file', path, format, bytes: image.byteLength, start: range?.start, end: range?.end });
  context.remark(`${context.style.strong('File')}    ${path}: ${format}, ${imageText(image)}`);
}

function touches(sector: { readonly start: number; readonly end: number }, { image }: Firmware): boolean {
  return image.within(sector).length > 0;
}

/** What `program` would do. Reads only. */
export async function planCommand(context: Context, path: string, options: ProgramOptions): Promise<void> {
  const firmware = await loadFirmware(context.io, path, options);
  announceFile(context, path, firmware);
  await using device = await openDevice(context, options);
  const subject = device.subject(firmware.image);
  const view = context.progress(device.clock.now);
  const { force = false, keep = 'rest' } = options;
  const job: JobOptions = { keepRest: keep === 'rest', force, signal: context.io.signal, onProgress: view.onProgress };
  const preparation = await prepare(subject, job).finally(() => view.end());
  judge(context, preparation, force);
  const { plan, diagnosis } = preparation;
  context.emit(planJson(plan));
  for (const line of planLines(plan)) context.print(line);
  context.print(`${context.style.strong('Plan')}  ${planText(plan)}`);
  if (diagnosis) for (const line of diagnosisLines(context, diagnosis)) context.print(line);
  context.emit({ type: 'result', ok: true });
}
