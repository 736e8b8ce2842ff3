/** `chips`: the chip table, as a list or one chip in full. No device, no file. */

import {
  CHIPS,
  type Chip,
  chipName,
  type FlashVariant,
  findChipsByName,
  findOtherChipByName,
  type Range,
} from '@sureflash/chips/table';
import { hex } from '@sureflash/programmer/basics';
import { usage } from '../base/command-error.ts';
import { optional, verb } from '../declare/verb.ts';
import type { Context } from '../render/context.ts';
import { count, size } from '../render/words.ts';
import { hang } from '../render/wrap.ts';

const CHIP_LABEL_WIDTH = 15;

export const chipsVerb = verb({
  operands: { name: optional('part number or its beginning: STM32F105RB, F105, L4', { completes: 'chip' }) },
  examples: [
    ['sureflash chips', 'all of them'],
    ['sureflash chips STM32F105RB', 'one in full'],
  ],
  run: async (context, { name }) => {
    const chips = name === undefined ? CHIPS : chipsNamed(name);
    for (const chip of chips) context.emit({ type: 'chip', ...chip });
    if (chips.length === 1) for (const chip of chips) showChip(context, chip);
    else showList(context, chips);
    context.emit({ type: 'result', ok: true, chips: chips.length });
  },
});

function chipsNamed(name: string): readonly Chip[] {
  const found = findChipsByName(name);
  if (found.length > 0) return found;
  const other = findOtherChipByName(name);
  if (other) throw usage(`The ${name} cannot be programmed here: ${other.limitations.join('; ')}.`);
  const families = [...new Set(CHIPS.map(({ family }) => family))];
  throw usage(
    `The chip "${name}" is not in the table.`,
    `Write it as on the chip, or its beginning: STM32F105RB, F105, L4. Families: ${families.join(', ')}`,
  );
}

function showList(context: Context, chips: readonly Chip[]): void {
  const rows = chips.map((chip) => [
    chipName(chip),
    hex(chip.devId, 3),
    chip.usbDfu ? 'DFU' : '-',
    sizesText(chip.variants),
    chip.names
      .slice(1)
      .map((each) => each.replace('STM32', ''))
      .join(' '),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)) + 2);
  for (const [first = '', devId = '', dfu = '', flash = '', others = ''] of rows) {
    const [a = 0, b = 0, c = 0, d = 0] = widths;
    const start = first.padEnd(a) + devId.padEnd(b) + dfu.padEnd(c) + flash.padEnd(d);
    context.print(hang(start, others, context.io.out).trimEnd());
  }
  const dfu = chips.filter(({ usbDfu }) => usbDfu).length;
  context.remark(
    `${count(chips.length, 'kind')} of STM32, ${dfu} with USB DFU in their ROM. More: sureflash chips NAME`,
  );
}

function showChip(context: Context, chip: Chip): void {
  const doubtful = new Map(chip.doubts.map(({ field, why }) => [field, why]));
  const row = (label: string, value: string, ...fields: (keyof Chip)[]): void => {
    const mark = fields.some((field) => doubtful.has(field)) ? ' (?)' : '';
    context.print(hang(label.padEnd(CHIP_LABEL_WIDTH), value + mark, context.io.out));
  };
  row('Chip', chip.names.join(', '));
  row('Family', `STM32${chip.family}`);
  row('DEV_ID', hex(chip.devId, 3), 'devId');
  for (const { name, banks } of chip.variants) row('Flash', `${name}: ${banks.map(bankText).join('; ')}`, 'variants');
  if (chip.variants.length === 0) row('Flash', 'no source gives its sizes', 'variants');
  const once = chip.cells === 'ecc' ? ', each only once after an erase (ECC)' : '';
  row('Write', `${count(chip.writeSize, 'byte')} at once${once}`, 'writeSize', 'cells');
  row('Erased', hex(chip.erasedValue, 2), 'erasedValue');
  row('RAM', rangesText(chip.ram), 'ram');
  for (const { start, end, parts } of chip.eeprom ?? [])
    row('EEPROM', `${rangesText([{ start, end }])}: ${parts}`, 'eeprom');
  row('System memory', rangesText(chip.systemMemory), 'systemMemory');
  row('Jump to', `${hex(chip.bootloaderVectors)}: stack pointer there, entry 4 bytes on`, 'bootloaderVectors');
  row('Bootloader', versionsText(chip), 'bootloader');
  row('USB DFU', chip.usbDfu ? `ST's protocol V${chip.bootloader.dfuProtocol ?? '?'}` : 'no', 'usbDfu');
  row('Enter it', chip.boot.pattern, 'boot');
  if (chip.usbDfu) row('Clock', `for USB it needs ${chip.boot.clock}`, 'boot');
  if (chip.boot.note !== undefined) row('Note', chip.boot.note);
  if (chip.optionBytes.length > 0) row('Option bytes', chip.optionBytes.map((at) => hex(at)).join(', '), 'optionBytes');
  if (chip.flashSizeAddress !== undefined) row('Flash size at', hex(chip.flashSizeAddress), 'flashSizeAddress');
  if (chip.uidAddress !== undefined) row('Unique id at', hex(chip.uidAddress), 'uidAddress');
  for (const limitation of chip.limitations) row('Limitation', limitation);
  for (const [field, why] of doubtful) row('Not certain', `${field}: ${why}`);
  row('Sources', chip.sources.join(', '));
}

function sizesText(variants: readonly FlashVariant[]): string {
  const sizes = [...new Set(variants.map(({ bytes }) => bytes))].sort((a, b) => a - b);
  const [first] = sizes;
  const last = sizes.at(-1);
  if (first === undefined || last === undefined) return '?';
  return first === last ? size(first) : `${size(first)}..${size(last)}`;
}

function bankText({ start, runs }: FlashVariant['banks'][number]): string {
  return `${hex(start)} ${runs.map((run) => `${run.count} × ${size(run.size)}`).join(', ')}`;
}

function rangesText(ranges: readonly Range[]): string {
  return ranges.map(({ start, end }) => `${hex(start)}..${hex(end)} (${size(end - start)})`).join(', ') || 'not known';
}

function versionsText({ bootloader: { versions, idAddress } }: Chip): string {
  const list = versions.map(({ name, id }) => (id === undefined ? name : `${name} (id ${hex(id, 2)})`)).join(', ');
  return `${list || 'not known'}${idAddress === undefined ? '' : `; id at ${hex(idAddress)}`}`;
}
