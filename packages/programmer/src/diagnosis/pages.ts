/** The pages of docs/diagnoses, made from the rows so that the two cannot differ. */
import { findChipByName } from '@sureflash/chips';
import type { Area, Cause, Sign } from './cause.ts';
import { CAUSES, type CauseId } from './causes/index.ts';
import { asRemedy, type Remedy } from './remedy.ts';
import { WORDS } from './words.ts';

const MADE =
  '<!-- Made by packages/programmer/docs.mjs from the rows in src/diagnosis/causes: change the row, not this page. -->';
/** Remedies that depend on the chip are shown for this one as well. */
const EXAMPLE_CHIP = 'STM32F105';

/** File names with their content. */
export function diagnosisPages(): Map<string, string> {
  const pages = CAUSES.map((cause: Cause<CauseId>): [string, string] => [`${cause.id}.md`, pageOf(cause)]);
  return new Map([['README.md', overview()], ...pages]);
}

function overview(): string {
  const areas = [...new Set(CAUSES.map(({ area }): Area => area))];
  return paragraphs(
    '# Diagnoses',
    MADE,
    `${CAUSES.length} causes of a failed update. Each page has the signs for and against the cause with their weights, the remedies, and the sources. sureflash names the cause that fits best, with the evidence. If two fit about as well, it names both, and says how to tell them apart.`,
    '`sureflash doctor` gathers the evidence without changing the device; `program` and `verify` gather it when they fail.',
    ...areas.flatMap((area) => [
      `## ${area.charAt(0).toUpperCase()}${area.slice(1)}`,
      CAUSES.filter((cause) => cause.area === area)
        .map(({ id, title }) => `- [${id}](${id}.md): ${title}`)
        .join('\n'),
    ]),
    `${SIMULATED} that are tried: [simulated loaders](simulated-loaders.md), and [how often that is right](../explanations.md).`,
  );
}

const SIMULATED = 'The deviations of loaders';

function pageOf(cause: Cause<CauseId>): string {
  const { id, area, title, explanation, tellApart, sources } = cause;
  const apart = Object.entries(tellApart ?? {});
  return paragraphs(
    `# ${id}`,
    MADE,
    `**${title}**`,
    explanation,
    '## Signs for it',
    signs(cause.for),
    ...(cause.against.length > 0 ? ['## Signs against it', signs(cause.against)] : []),
    '## What to do',
    ...remedies(cause),
    ...(apart.length > 0
      ? [
          '## How to tell it apart',
          apart.map(([other, way]) => `- from [${other}](${other}.md): ${asRemedy(way).text}`).join('\n'),
        ]
      : []),
    '## Sources',
    sources.map((source) => `- [${source.title}](${source.url})`).join('\n'),
    ...(id === 'loader-deviates'
      ? [`${SIMULATED} that are tried, each with an example: [simulated loaders](simulated-loaders.md).`]
      : []),
    `Area: ${area}. [All diagnoses](README.md).`,
  );
}

/** The heaviest first; weights from 1, a hint, to 5 and more, nearly a proof. */
function signs(all: readonly Sign[]): string {
  const rows = all
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ kind, weight, note }) => `| ${WORDS[kind].name}${note === '' ? '' : `: ${note}`} | ${weight} |`);
  return ['| sign | weight |', '|---|---|', ...rows].join('\n');
}

function remedies(cause: Cause<CauseId>): string[] {
  const general = textsOf(cause.remedies(undefined));
  const example = textsOf(cause.remedies(findChipByName(EXAMPLE_CHIP))).filter((line) => !general.includes(line));
  return [bullets(general), ...(example.length > 0 ? [`For an ${EXAMPLE_CHIP}:`, bullets(example)] : [])];
}

const textsOf = (all: readonly (Remedy | string)[]): string[] => all.map((each) => asRemedy(each).text);
const bullets = (all: readonly string[]): string => all.map((line) => `- ${line}`).join('\n');
const paragraphs = (...parts: readonly string[]): string => `${parts.join('\n\n')}\n`;
