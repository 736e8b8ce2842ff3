/** `check`, and the look at a file that every job begins with: what the firmware itself tells before a device is touched. */
import { diagnose, type Observation, seen } from '@sureflash/programmer/diagnosis';
import { divideImage } from '@sureflash/programmer/engine';
import { type Concern, checkFirmware } from '@sureflash/programmer/preflight';
import { CommandError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { chipNamed, type Device } from '../device/open.ts';
import { EXIT } from '../exit-codes.ts';
import { type LoadedFirmware, type LoadOptions, loadFirmware } from '../firmware-file.ts';
import { Explained } from '../render/problem.ts';
import { bullet, labelled } from '../render/wrap.ts';
import { announceFile } from './announce.ts';

export interface CheckOptions extends LoadOptions {
  readonly chip?: string;
}

export async function checkCommand(context: Context, path: string, options: CheckOptions): Promise<void> {
  const chip = options.chip === undefined ? undefined : chipNamed(options.chip);
  const firmware = await loadFirmware(context.io, path, options);
  announceFile(context, path, firmware);
  const concerns = checkFirmware(firmware, firmware.file, chip ? { chip } : {});
  const { style } = context;
  for (const { severity, seen, remedy } of concerns) {
    const label = severity === 'danger' ? style.bad('Danger') : style.warn('Warning');
    context.result(label, `${seen}.`);
    context.print(bullet(remedy, context.io.out));
  }
  const dangers = concerns.filter(({ severity }) => severity === 'danger');
  if (dangers.length > 0) throw dangerous(dangers);
  const without = chip ? '' : '; with --chip more can be said';
  if (concerns.length === 0) context.result(style.ok('Checked'), `nothing speaks against this file${without}`);
  context.emit({ type: 'result', ok: true, concerns });
}

/**
 * Tells of warnings, and stops a job at dangers unless it is forced.
 * @returns what was found, as evidence
 * @throws Explained with `preflight/danger`
 */
export function preflight(
  context: Context,
  firmware: LoadedFirmware,
  device: Device,
  { force = false }: { readonly force?: boolean },
): Observation[] {
  const concerns = concernsOn(device, firmware);
  context.emit({ type: 'check', concerns });
  const dangers = concerns.filter(({ severity }) => severity === 'danger');
  const evidence = concerns.map(evidenceOf);
  if (dangers.length > 0 && !force) throw new Explained(dangerous(dangers), diagnose(evidence, device.chip));
  for (const { seen } of concerns) context.remark(labelled(context.style.warn('Warning'), `${seen}.`, context.io.err));
  return evidence;
}

/** What speaks against a file on this device, whose own map knows better than the table where its memories are. */
export function concernsOn({ chip, target }: Device, firmware: LoadedFirmware): Concern[] {
  const { flash } = divideImage(firmware.image, target.geometry);
  const concerns = checkFirmware({ ...firmware, image: flash }, firmware.file, chip ? { chip } : {});
  return concerns.filter(({ kind }) => kind !== 'outside-flash');
}

/** What the file tells, as evidence for a diagnosis. */
export function evidenceOf({ kind, seen: text }: Concern): Observation {
  return seen('file-concern', { concern: kind, text });
}

function dangerous(dangers: readonly Concern[]): CommandError {
  const [first] = dangers;
  return new CommandError({
    code: 'preflight/danger',
    exitCode: EXIT.file,
    title: `This file does not fit: ${dangers.map(({ seen }) => seen).join('; ')}.`,
    remedy: [...(first ? [first.remedy] : []), 'If you are sure, use --force.'],
    facts: { concerns: dangers },
  });
}
