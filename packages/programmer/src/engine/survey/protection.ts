/** Whether option bytes keep sectors from being changed, looked at before anything is. It changes nothing. */
import { type Chip, optionLayoutOf } from '@sureflash/chips';
import type { Observation } from '../../diagnosis/observation.ts';
import { diagnose } from '../../diagnosis/rank.ts';
import { FlashError } from '../../errors.ts';
import { observeKind } from '../../evidence/loader.ts';
import { type Forbidden, forbiddenSectors, observeProtection } from '../../evidence/protection.ts';
import { type About, chipOf } from '../../target/about.ts';
import type { Device } from '../../target/device.ts';
import type { Range, Sector } from '../../target/geometry.ts';
import { readMemoryBytes } from '../memory/read-memory.ts';

/**
 * A chip whose option bytes mean the same as those of every chip that this may be: then it need not be certain which it is.
 * Nothing is refused on the strength of a guess.
 */
function chipOfOptions(about: About): Chip | undefined {
  const [first] = about.chips;
  const layout = first && optionLayoutOf(first);
  const isShared = layout !== undefined && about.chips.every((chip) => optionLayoutOf(chip) === layout);
  return chipOf(about) ?? (isShared ? first : undefined);
}

/** As a ROM or a probe shows them. */
export async function lookAtProtection({ target, about }: Device): Promise<Observation[]> {
  const chip = chipOfOptions(about);
  const isShown = target.geometry.some(({ kind }) => kind === 'option-bytes');
  if (!chip || !isShown || (about.kind !== 'st-rom' && about.kind !== 'debug-port')) return [];
  const read = async (range: Range): Promise<Uint8Array> => await readMemoryBytes(target, range);
  const found = await observeProtection(read, { regions: target.geometry, chip }).catch(() => []);
  // Through a probe nothing is left open by reads, and what runs in the chip may go on.
  if (about.kind === 'st-rom') await target.settle();
  return found;
}

/** Without the kind of closing that fewer of these sectors have: of two reasons the larger one is told. */
function withoutLesser(told: readonly Observation[], forbidden: readonly Forbidden[]): readonly Observation[] {
  const byWrp = forbidden.filter(({ by }) => by === 'WRP').length;
  const lesser = byWrp * 2 < forbidden.length ? 'option-wrp' : 'option-closed';
  return told.filter(({ kind }) => kind !== lesser);
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
  const concerning = withoutLesser(told, forbidden);
  const diagnosis = diagnose([...before, ...concerning], chipOf(device.about));
  throw new FlashError('plan/protected', facts, undefined, { diagnosis });
}
