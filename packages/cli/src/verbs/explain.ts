/** `explain`: the page about a cause, or what an error code means, in the terminal. No device, no file. */
import type { Chip } from '@sureflash/chips';
import { ERROR_CODES, type ErrorCode, remediesFor } from '@sureflash/programmer';
import { asRemedy, CAUSES, type Cause, type CauseId, nameOfSign, type Sign } from '@sureflash/programmer/diagnosis';
import { closest } from '../base/closest.ts';
import { usage } from '../base/command-error.ts';
import { EXIT_BY_ERROR, EXIT_MEANINGS } from '../base/exit-codes.ts';
import { optional, text, verb } from '../declare/verb.ts';
import { chipNamed } from '../device/chip-named.ts';
import type { Context } from '../render/context.ts';
import { remedyText } from '../render/remedy.ts';
import { bullet, hang } from '../render/wrap.ts';

const ALL_CAUSES: readonly Cause<CauseId>[] = CAUSES;

export const explainVerb = verb({
  operands: {
    code: optional('a cause such as stub-media, or an error code such as verify/mismatch', {
      completes: ALL_CAUSES.map(({ id }) => id),
    }),
  },
  options: { chip: text('<name>', 'what to do on this chip', { completes: 'chip' }) },
  examples: [
    ['sureflash explain', 'every cause that sureflash can find'],
    ['sureflash explain stub-media', 'one of them in full'],
    ['sureflash explain verify/mismatch', 'an error code'],
  ],
  run: async (context, { code }, { chip }) => {
    if (code === undefined) {
      listCauses(context);
      return;
    }
    const cause = ALL_CAUSES.find(({ id }) => id === code);
    const error = ERROR_CODES.find((each) => each === code);
    if (cause) showCause(context, cause, chip === undefined ? undefined : chipNamed(chip));
    else if (error) showError(context, error);
    else throw unknownCode(code);
  },
});

function listCauses(context: Context): void {
  const width = Math.max(...ALL_CAUSES.map(({ id }) => id.length)) + 2;
  for (const area of new Set(ALL_CAUSES.map((cause) => cause.area))) {
    context.print(context.style.strong(`${area.charAt(0).toUpperCase()}${area.slice(1)}`));
    for (const { id, title } of ALL_CAUSES.filter((cause) => cause.area === area)) {
      context.print(hang(`  ${id.padEnd(width)}`, title, context.io.out));
      context.emit({ type: 'cause', id, area, title });
    }
  }
  context.remark('One of them in full: sureflash explain stub-media');
  context.emit({ type: 'result', ok: true, causes: ALL_CAUSES.length });
}

function showCause(context: Context, cause: Cause<CauseId>, chip: Chip | undefined): void {
  const { id, area, title, explanation, tellApart, sources } = cause;
  const { style, io } = context;
  const remedy = cause.remedies(chip).map(asRemedy).map(remedyText);
  const apart = Object.entries(tellApart ?? {}).map(([other, way]) => [other, remedyText(asRemedy(way))] as const);
  const list = (heading: string, lines: readonly string[]): void => {
    if (lines.length === 0) return;
    context.print();
    context.print(style.strong(heading));
    for (const line of lines) context.print(bullet(line, io.out));
  };
  context.print(hang('', style.strong(title), io.out));
  context.print();
  context.print(hang('', explanation, io.out));
  list('Signs for it (1 is a hint, 5 is nearly a proof)', cause.for.toSorted(byWeight).map(signText));
  list('Signs against it', cause.against.toSorted(byWeight).map(signText));
  list('What to do', remedy);
  list(
    'How to tell it apart',
    apart.map(([other, way]) => `from ${other}: ${way}`),
  );
  list(
    'Sources',
    sources.map((source) => `${source.title}: ${source.url}`),
  );
  context.emit({
    type: 'result',
    ok: true,
    id,
    area,
    title,
    explanation,
    for: cause.for.map(signJson),
    against: cause.against.map(signJson),
    remedy,
    tellApart: Object.fromEntries(apart),
    sources,
  });
}

const byWeight = (a: Sign, b: Sign): number => b.weight - a.weight;

function signText({ kind, weight, note }: Sign): string {
  return `${nameOfSign(kind)}${note === '' ? '' : `: ${note}`} (${weight})`;
}

function signJson({ kind, weight, note }: Sign): Record<string, unknown> {
  return { kind, name: nameOfSign(kind), weight, note };
}

function showError(context: Context, code: ErrorCode): void {
  const exitCode = EXIT_BY_ERROR[code];
  const remedy = remediesFor(code).map(remedyText);
  const meaning = EXIT_MEANINGS.find(([each]) => each === exitCode)?.[1] ?? '';
  context.result(context.style.strong('Exit code'), `${exitCode}: ${meaning}`);
  if (remedy.length > 0) context.print(context.style.strong('What to do'));
  for (const line of remedy) context.print(bullet(line, context.io.out));
  context.remark('Where the evidence names a cause, "sureflash doctor" says which.');
  context.emit({ type: 'result', ok: true, id: code, exitCode, meaning, remedy });
}

function unknownCode(code: string): Error {
  const meant = closest(code, [...ALL_CAUSES.map(({ id }) => id), ...ERROR_CODES]);
  return usage(
    `There is no cause and no error code "${code}".`,
    ...(meant.length > 0 ? [`Did you mean ${meant.join(' or ')}?`] : []),
    'Every cause: sureflash explain',
  );
}
