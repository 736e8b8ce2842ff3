/** Flash that TrustZone divides: why a place is not there for a job. Who only names places does not load the chips for it. */
import { plainFlashAddress } from '@sureflash/chips';
import {
  describeRegions,
  type OtherWorld,
  type OutsideFacts,
  type Range,
  type Region,
  regionHolding,
} from './geometry.ts';

/** The facts of `plan/outside`. */
export function outsideFacts({ start, end }: Range, regions: readonly Region[]): OutsideFacts {
  const world = otherWorld({ start, end }, regions);
  return { start, end, available: describeRegions(regions), ...(world && { world }) };
}

/** @returns `undefined` where TrustZone does not divide the flash, or nothing of it is there */
function otherWorld({ start, end }: Range, regions: readonly Region[]): OtherWorld | undefined {
  const parts = regions.filter(({ partOf }) => partOf !== undefined);
  const whole = parts[0]?.partOf?.sectors ?? [];
  const isHeld = (at: number): boolean => regionHolding(parts, { start: at, end: at + 1 }) !== undefined;
  const stray = plainFlashAddress(isHeld(start) ? end - 1 : start);
  if (!whole.some((sector) => sector.start <= stray && stray < sector.end)) return undefined;
  const part = parts.find(({ sectors }) =>
    sectors.some((each) => plainFlashAddress(each.start) <= stray && stray < plainFlashAddress(each.end - 1) + 1),
  );
  if (!part) return 'closed';
  return plainFlashAddress(part.start) === part.start ? 'non-secure' : 'secure';
}
