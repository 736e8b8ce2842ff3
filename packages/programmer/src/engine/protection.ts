/** Whether option bytes keep sectors from being changed, looked at before anything is. It changes nothing. */
import type { Observation } from '../diagnosis/observation.ts';
import { diagnose } from '../diagnosis/rank.ts';
import { FlashError } from '../errors.ts';
import { observeKind } from '../evidence/loader.ts';
import { forbiddenSectors, observeProtection } from '../evidence/protection.ts';
import { chipOf } from '../target/about.ts';
import type { Device } from '../target/device.ts';
import type { Range, Sector } from '../target/geometry.ts';
import { readMemoryBytes } from './read-memory.ts';

/** Of a chip that is certain and whose option bytes a ROM or a probe shows; nothing is refused on the strength of a guess. */
export async function lookAtProtection({ target, about }: Device): Promise<Observation[]> {
  const chip = chipOf(about);
  const isShown = target.geometry.some(({ kind }) => kind === 'option-bytes');
  if (!chip || !isShown || (about.kind !== 'st-rom' && about.kind !== 'debug-port')) return [];
  const read = async (range: Range): Promise<Uint8Array> => await readMemoryBytes(target, range);
  const found = await observeProtection(read, { regions: target.geometry, chip }).catch(() => []);
  // Through a probe nothing is left open by reads, and what runs in the chip may go on.
  if (about.kind === 'st-rom') await target.settle();
  return found;
}

/**
 * @param evidence what was seen of the device before
 * @throws FlashError `plan/protected`, with a diagnosis, where option bytes close one of these sectors
 */
export async function assureUnprotected(
  device: Device,
  sectors: readonly Sector[],
  evidence: readonly Observation[] = [],
): Promise<void> {
  if (sectors.length === 0) return;
  const told = await lookAtProtection(device);
  const forbidden = forbiddenSectors(told, device.target.geometry, sectors);
  const [first] = forbidden;
  const last = forbidden.at(-1);
  if (!first || !last) return;
  const facts = { start: first.sector.start, end: last.sector.end, count: forbidden.length, by: first.by };
  const before = evidence.length > 0 ? evidence : [observeKind(device.about)];
  const diagnosis = diagnose([...before, ...told], chipOf(device.about));
  throw new FlashError('plan/protected', facts, undefined, { diagnosis });
}
