import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { EXIT_MEANINGS } from './base/exit-codes.ts';
import { longName, operandTerm } from './declare/spelling.ts';
import type { NamedVerb } from './declare/verb.ts';
import { allVerbs } from './verbs.ts';

const PAGE = fileURLToPath(new URL('../../../docs/command-line.md', import.meta.url));
const MADE = '<!-- made from the declarations of the verbs: npx vitest run packages/cli/src/docs.test.ts -u -->';

/** The text between two marks, made anew. */
function replaced(page: string, mark: string, text: string): string {
  const [start, end] = [`<!-- ${mark} -->`, `<!-- end of ${mark} -->`];
  const [before, rest = ''] = page.split(start);
  const after = rest.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/command-line.md has no ${start}`);
  return `${before}${start}\n${MADE}\n\n${text}\n\n${end}${after}`;
}

function verbRow({ name, about, verb }: NamedVerb): string {
  const operands = Object.entries(verb.operands).map(([operand, spec]) => ` ${operandTerm(operand, spec)}`);
  const own = Object.entries(verb.options)
    .filter(([, { group }]) => group === undefined)
    .map(([key, spec]) => `\`${longName(key, spec)}\``);
  return `| \`${name}${operands.join('')}\` | ${about} | ${own.join(', ')} |`;
}

it('the tables of docs/command-line.md are those of the declarations', async () => {
  const page = await readFile(PAGE, 'utf8');
  const verbs = ['| verb | what it does | its options |', '|---|---|---|', ...(await allVerbs()).map(verbRow)];
  const codes = [
    '| code | meaning |',
    '|---|---|',
    ...EXIT_MEANINGS.map(([code, meaning]) => `| ${code} | ${meaning} |`),
  ];
  const wanted = replaced(replaced(page, 'verbs', verbs.join('\n')), 'exit codes', codes.join('\n'));
  await expect(wanted).toMatchFileSnapshot(PAGE);
});
