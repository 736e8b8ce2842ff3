/** What a trial on a device did and found, in words. */
import type { LoaderTrial } from '@sureflash/programmer/diagnosis';
import { rangeText } from './plan.ts';
import { count, size } from './words.ts';

const FOUND = {
  one: 'Every byte that was read there is as this loader gives it',
  several: 'More than one loader still gives every byte that was read',
  none: 'No loader with one or two mistakes gives what was read there',
  'broken-off': 'It broke off, and tells nothing',
} as const;

/** `11 sectors between 0x… and 0x… were erased, 12 KB …. Every byte … . Refuted: …` */
export function trialText(trial: LoaderTrial): string {
  const { outcome, sectors, place, notBlank, bytesWritten, bytesRead, refuted, because } = trial;
  const did =
    sectors === 0
      ? 'Nothing was erased.'
      : `${count(sectors, 'sector')} between ${rangeText(place)} erased, ${size(bytesWritten)} of made-up data written, ${size(bytesRead)} read.`;
  const found = `${FOUND[outcome]}${because === undefined ? '.' : `: ${because}`}`;
  const others = refuted.length > 0 ? ` Refuted: ${refuted.join('; ')}.` : '';
  return `${did} ${found}${others}${sectors === 0 ? '' : leftText(notBlank)}`;
}

/** How the sectors were left. */
function leftText(notBlank = 0): string {
  if (notBlank === 0) return ' Then the sectors were erased again, and read back blank; the next run programs them.';
  return ` Then the sectors were erased again, but ${count(notBlank, 'sector')} of them ${notBlank === 1 ? 'does' : 'do'} not read as blank; the next run programs them.`;
}
