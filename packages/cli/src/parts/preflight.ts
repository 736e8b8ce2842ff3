/** The look at a file that every job begins with, before anything of the device is changed. */
import { diagnose, type Observation, seen } from '@sureflash/programmer/diagnosis';
import { divideImage } from '@sureflash/programmer/engine';
import { type Concern, checkFirmware } from '@sureflash/programmer/preflight';
import type { Device } from '../device/open.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';
import type { Context } from '../render/context.ts';
import { Explained } from '../render/problem.ts';
import { labelled } from '../render/wrap.ts';
import { dangerous } from './dangers.ts';

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
  if (dangers.length > 0 && !force)
    throw new Explained(dangerous(dangers, { canForce: true }), diagnose(evidence, device.chip));
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
