/** The page of docs/diagnoses about the loaders that are simulated, made from the grammar so that the two cannot differ. */
import { hex } from '../target/geometry.ts';
import { EXAMPLE_START, type SimulatedExample, simulatedExamples } from './examples.ts';
import { wordsOf } from './words/words.ts';

export const LOADER_PAGE = 'simulated-loaders.md';

const MADE_FROM_DEVIATIONS =
  '<!-- Made by packages/programmer/docs.mjs from the deviations in src/explain: change those, not this page. -->';

/** Groups of deviations, by what they are about. */
const HEADINGS = {
  gate: 'What takes effect, and when',
  part: 'How much of it',
  block: 'Where blocks go or come from',
  byte: 'Where bytes go or come from',
  second: 'A second place',
  data: 'Which bytes arrive',
  source: 'Where answers come from',
} as const;

/** @returns the page: each deviation with its sentence, an example that was simulated, what to do and where */
export function loaderPage(): string {
  const examples = simulatedExamples();
  const parts = Object.entries(HEADINGS).flatMap(([stage, heading]) => {
    const own = examples.filter(({ model }) => model[0]?.stage === stage);
    return own.length === 0 ? [] : [`## ${heading}`, ...own.map(exampleText)];
  });
  return `${[
    '# Simulated loaders',
    MADE_FROM_DEVIATIONS,
    `After a failed job sureflash simulates loaders that deviate in one or two points, until one gives every byte as it was read. These are the ${examples.length} kinds of deviation that it tries; each comes with many numbers, for erases, writes and reads, always or under a condition (every second block, from an address on, short blocks only). The cause that names such a loader is [loader-deviates](loader-deviates.md).`,
    `The bytes are those of a small job: ${hex(EXAMPLE_START)} to 0x08008000 in pages of 2 KB, a file of 6,444 bytes at 0x08002000 in blocks of 1 KB. Every example was simulated; the first line is what its loader gives, the second what a right one gives.`,
    ...parts,
    '[All diagnoses](README.md).',
  ].join('\n\n')}\n`;
}

function exampleText({ kind, model, address, read, expected }: SimulatedExample): string {
  const { sentence, code } = wordsOf(model, EXAMPLE_START);
  const lines = [
    `${hex(address)}  ${spacedHex(read)}  read`,
    `${' '.repeat(10)}  ${spacedHex(expected)}  a right loader`,
  ];
  return [
    `### ${kind}`,
    `**${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.**`,
    `\`\`\`\n${lines.join('\n')}\n\`\`\``,
    code.map((line) => `- ${line}`).join('\n'),
  ].join('\n\n');
}

const spacedHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
