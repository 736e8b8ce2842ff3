/** A change of option bytes as data: what it is, what it means, what will be written. Pure. */
import { decodeOptionBytes, encodeOptionBytes, namedValue, nameOfValue, type OptionField } from '@sureflash/chips';
import type { Segment } from '@sureflash/image';
import { FlashError } from '../errors.ts';
import type { OptionState } from './state.ts';
import { allowedValues, parseOptionValue } from './values.ts';

/** What somebody wants: `BOR_LEV`, `2.1 V`. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
}

export interface OptionChange {
  readonly field: OptionField;
  readonly from: number;
  readonly to: number;
  /** What becomes of the chip with it, where that is not easily undone. */
  readonly caution?: string;
}

export interface OptionPlan {
  /** Without those that the chip has already. */
  readonly changes: readonly OptionChange[];
  /** Whole blocks, each at its start address (AN3156 §5.1); the one that may close the chip comes last. */
  readonly writes: readonly Segment[];
  /** What the chip shall have in the end: the changes, and everything else as it was. */
  readonly expected: ReadonlyMap<string, number>;
  /** Read protection begins: what was written can no longer be read. */
  readonly closes: boolean;
  /** It begins for ever: the bootloader never comes back (RDP level 2). */
  readonly locks: boolean;
}

/**
 * @param forEver allows values that nothing takes back (RDP level 2)
 * @throws FlashError `option-bytes/field`, `option-bytes/value`, `option-bytes/fixed`, `option-bytes/for-ever`,
 * `option-bytes/read-only`; `device/read-protected`
 * for a chip that is not open
 */
export function planOptionBytes(
  state: OptionState,
  assignments: readonly Assignment[],
  { forEver = false }: { forEver?: boolean } = {},
): OptionPlan {
  const { layout, blocks, fields, readOnly = false } = state;
  const wanted = new Map(assignments.map((each) => assigned(state, each)));
  const protection = fields.find(({ field }) => field.name === layout.readProtection.field);
  if (protection && protection.value !== layout.readProtection.open) {
    throw new FlashError('device/read-protected', { operation: 'write option bytes' });
  }
  const changes = fields.flatMap((found) => {
    const to = wanted.get(found.field.name);
    if (to === undefined || (to === found.value && found.state === 'ok')) return [];
    return [changeOf(found.field, found.value, to)];
  });
  if (readOnly && changes.length > 0) throw new FlashError('option-bytes/read-only', {});
  const last = changes.find(({ field, to }) => namedValue(field, to)?.forEver);
  if (last && !forEver) {
    throw new FlashError('option-bytes/for-ever', {
      name: last.field.name,
      value: nameOfValue(last.field, last.to) ?? String(last.to),
      caution: last.caution ?? '',
    });
  }
  const next = encodeOptionBytes(layout, blocks, wanted);
  const touched = new Set(changes.map(({ field }) => field.block));
  const order = [...touched].sort(
    (a, b) => Number(a === protection?.field.block) - Number(b === protection?.field.block),
  );
  return {
    changes,
    writes: order.flatMap((block) => {
      const [address, bytes] = [layout.blocks[block], next[block]];
      return address === undefined || !bytes ? [] : [{ address, bytes }];
    }),
    expected: new Map(
      decodeOptionBytes(layout, next)
        .filter((each) => each.state === 'ok')
        .map(({ field, value }) => [field.name, value]),
    ),
    locks: last !== undefined && last.field === protection?.field,
    closes: changes.some(({ field }) => field === protection?.field),
  };
}

function assigned({ fields }: OptionState, { name, value }: Assignment): [string, number] {
  const field = fields.find((each) => each.field.name.toLowerCase() === name.trim().toLowerCase())?.field;
  if (!field) throw new FlashError('option-bytes/field', { name, known: fields.map((each) => each.field.name) });
  if (field.readOnly) throw new FlashError('option-bytes/fixed', { name: field.name });
  const number = parseOptionValue(field, value);
  if (number === undefined) {
    throw new FlashError('option-bytes/value', { name: field.name, value, allowed: allowedValues(field) });
  }
  return [field.name, number];
}

function changeOf(field: OptionField, from: number, to: number): OptionChange {
  const caution = namedValue(field, to)?.caution;
  return { field, from, to, ...(caution !== undefined && { caution }) };
}
