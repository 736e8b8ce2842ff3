/** Draws an instruction from a pattern of bits. It knows no core. */
import type { Pattern } from './patterns.ts';

/** Instructions that may stand in an IT block: none that branches. */
export function mayBeConditional({ name }: Pattern): boolean {
  return !/^(B|BL|BX|CBZ|TBB|MOV high|STREX)\b/.test(name);
}

const REGISTER_FIELDS = 'dnmtah';

/** @param next random numbers from 0 to 1; @returns the instruction, or nothing when the draw is not allowed */
export function drawn(pattern: Pattern, next: () => number): { word: number; wide: boolean } | undefined {
  const fields: Record<string, number> = {};
  const widths: Record<string, number> = {};
  let word = 0;
  for (const letter of pattern.bits) {
    let bit: number;
    if (letter === '0' || letter === '1') bit = Number(letter);
    else if (letter === 'M') {
      const at = widths['M'] ?? 0;
      widths['M'] = at + 1;
      bit = ((fields['m'] ?? 0) >>> (3 - at)) & 1;
    } else {
      bit = next() < 0.5 ? 1 : 0;
      fields[letter] = ((fields[letter] ?? 0) << 1) | bit;
      widths[letter] = (widths[letter] ?? 0) + 1;
    }
    word = word * 2 + bit;
  }
  for (const letter of REGISTER_FIELDS) {
    const value = fields[letter] ?? 0;
    const free = pattern.anyRegister === letter;
    if (widths[letter] === 4 && !free && (value === 13 || value === 15)) return undefined;
  }
  if (pattern.allows && !pattern.allows(fields)) return undefined;
  return { word: word >>> 0, wide: pattern.bits.length === 32 };
}
