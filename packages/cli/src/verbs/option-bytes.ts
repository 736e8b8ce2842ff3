/** `option-bytes show` and `option-bytes set`: what the chip is set to, by name, and how to change it. */
import { optionWriteResets } from '@sureflash/chips';
import { type Device, hex, type Sector } from '@sureflash/programmer';
import {
  type Assignment,
  type OptionPlan,
  type OptionReport,
  type OptionState,
  optionValueText,
  planOptionBytes,
  readOptionBytes,
  sectorProtection,
  writeOptionBytes,
} from '@sureflash/programmer/option-bytes';
import { usage } from '../base/command-error.ts';
import { YES_OPTIONS } from '../declare/options.ts';
import { anyNumber, flag, type OptionsOf, verb } from '../declare/verb.ts';
import type { OpenDevice } from '../device/open.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { confirm } from '../parts/confirm.ts';
import { withDevice } from '../parts/with-device.ts';
import type { Context } from '../render/context.ts';
import { changeJson, changeText, fieldJson, fieldLines } from '../render/option-bytes.ts';
import { rangeText } from '../render/plan.ts';
import { count } from '../render/words.ts';
import { bullet } from '../render/wrap.ts';

const OPTIONS = {
  ...YES_OPTIONS,
  forEver: flag('allow values that nothing can undo, such as RDP level 2'),
  ...DEVICE_OPTIONS,
};

export const optionBytesVerb = verb({
  operands: {
    what: anyNumber('show, the default; or set, then NAME=VALUE by name (RDP=level-1) or number', {
      completes: ['show', 'set'],
    }),
  },
  options: OPTIONS,
  examples: [
    ['sureflash option-bytes show', 'all of them by name'],
    ['sureflash option-bytes set BOR_LEV=0 nBOOT0=1', 'shows the plan, asks, reads back'],
    ['sureflash option-bytes set RDP=level-1 --yes', 'closes the chip; without a question'],
  ],
  run: async (context, { what: [action = 'show', ...words] }, options) => {
    if (action !== 'show' && action !== 'set') {
      throw usage(`"${action}" is neither show nor set.`, 'Write: sureflash option-bytes show, or set NAME=VALUE');
    }
    const assignments = action === 'set' ? words.map(parseAssignment) : [];
    if (action === 'set' && assignments.length === 0) {
      throw usage(
        'This does not say what to set.',
        'Name an option and its value, such as: sureflash option-bytes set BOR_LEV=0',
      );
    }
    if (action === 'show' && words.length > 0) {
      throw usage(
        '"show" takes no names: it shows all options.',
        'To change one: sureflash option-bytes set NAME=VALUE',
      );
    }
    await withDevice(context, options, async (device) => {
      const state = await readOptionBytes(device);
      if (action === 'set') await setOptions(context, device, { state, assignments, options });
      else showOptions(context, device, state);
    });
  },
});

/** `NAME=VALUE`. @throws CommandError `usage` */
function parseAssignment(text: string): Assignment {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return { name: text.slice(0, at), value: text.slice(at + 1) };
  throw usage(`"${text}" is not NAME=VALUE.`, 'Write a name and its value: nBOOT0=1, or RDP=level-1.');
}

function showOptions(context: Context, { target, about }: Device, state: OptionState): void {
  const { layout, fields, blocks } = state;
  const { chips, certain } = about;
  for (const line of fieldLines(fields, context.style, context.io.out)) context.print(line);
  const flash = target.geometry.find(({ kind }) => kind === 'flash');
  const { protected: sectors, untold } = flash ? sectorProtection(state, flash, chips) : { protected: [], untold: [] };
  if (layout.writeProtection) {
    context.result(context.style.strong('Protected'), protectedText(sectors, untold));
  }
  if (!certain) {
    context.note(
      context.style.warn('Note'),
      'the chip is not known for certain; these fields are the same in every chip that it may be.',
    );
  }
  context.emit({
    type: 'result',
    ok: true,
    layout: layout.id,
    source: layout.source,
    certain,
    fields: fields.map(fieldJson),
    ...(layout.writeProtection && { writeProtected: indicesOf(sectors), notTold: indicesOf(untold) }),
    blocks: layout.blocks.flatMap((address, i) => {
      const bytes = blocks[i];
      return bytes ? [{ address, bytes: [...bytes] }] : [];
    }),
  });
}

const indicesOf = (sectors: readonly Sector[]): number[] => sectors.map(({ index }) => index);

function protectedText(sectors: readonly Sector[], untold: readonly Sector[]): string {
  if (sectors.length === 0 && untold.length === 0) return 'no sector is protected against writing';
  const seen = sectors.length > 0 ? `against writing: ${sectorsText(sectors)}` : 'no sector is seen to be protected';
  const why = '(not shown, or proprietary or secure code may close them)';
  return untold.length === 0 ? seen : `${seen}; not known to be open: ${sectorsText(untold)} ${why}`;
}

function sectorsText(sectors: readonly Sector[]): string {
  const [first] = sectors;
  const last = sectors.at(-1);
  if (!first || !last) return 'no sector';
  const numbers =
    first === last
      ? `sector ${first.index}`
      : `${count(sectors.length, 'sector')} from ${first.index} to ${last.index}`;
  return `${numbers}, ${rangeText({ start: first.start, end: last.end })}`;
}

interface SetJob {
  readonly state: OptionState;
  readonly assignments: readonly Assignment[];
  readonly options: OptionsOf<typeof OPTIONS>;
}

async function setOptions(
  context: Context,
  device: OpenDevice,
  { state, assignments, options }: SetJob,
): Promise<void> {
  const plan = planOptionBytes(state, assignments, { forEver: options.forEver ?? false });
  if (plan.changes.length === 0) {
    context.result(context.style.ok('Unchanged'), 'the chip already has these values');
    context.emit({ type: 'result', ok: true, outcome: 'unchanged', changes: [] });
    return;
  }
  tellPlan(context, device, plan);
  await confirm(context, `Write ${count(plan.changes.length, 'option')}?`, options);
  const report = await writeOptionBytes(device, plan, { reopen: device.reopen });
  tellOptionReport(context, plan, report);
}

function tellPlan(context: Context, { about, target }: Device, { changes, writes }: OptionPlan): void {
  const { style, io } = context;
  const resets = target.loadsOptions ?? about.chips.every(optionWriteResets);
  const place = writes.map(({ address, bytes }) => `${bytes.length} bytes at ${hex(address)}`).join(', ');
  const after = resets ? 'then the chip resets itself' : 'they take effect at the next power-on';
  context.note(style.strong('Plan'), `rewrite the option bytes, ${place}; ${after}`);
  for (const change of changes) context.remark(bullet(changeText(change), io.err));
  const cautions = new Set(
    changes.flatMap(({ field, caution }) => (caution === undefined ? [] : `${field.name}: ${caution}`)),
  );
  for (const caution of cautions) context.note(style.warn('Caution'), caution);
  context.note(style.warn('Caution'), 'do not remove the power until this is done');
  context.emit({ type: 'plan', changes: changes.map(changeJson), resets });
}

const PROOF: Readonly<Record<OptionReport['proof'], string>> = {
  'read-back': 'read back',
  refusal: 'the chip is now closed and refuses reads',
  absence: 'the bootloader no longer starts, as requested',
};

function tellOptionReport(context: Context, { changes }: OptionPlan, { proof, wasReset }: OptionReport): void {
  const { style } = context;
  const what = changes.map(({ field, to }) => `${field.name} = ${optionValueText(field, to)}`).join(', ');
  const proven = PROOF[proof];
  const holds = wasReset ? '' : '; switch the power off and on to make it take effect';
  context.result(style.ok('Set'), `${what}: ${proven}${holds}`);
  context.emit({ type: 'result', ok: true, outcome: 'set', changes: changes.map(changeJson), proof, wasReset });
}
