/** What `--help` says beside the options: examples, exit codes, how numbers are written. */
import { EXIT_MEANINGS } from './base/exit-codes.ts';
import type { UsageExample } from './declare/verb.ts';

export const PROGRAM_EXAMPLES: readonly UsageExample[] = [
  ['sureflash demo', 'see what it does'],
  ['sureflash program firmware.elf', 'the board plugged in'],
  ['sureflash program firmware.hex --virtual stm32f105-rom', 'no hardware needed'],
  ['sureflash program --help', 'help of one command'],
];

const NUMBERS = `
Numbers: 0x08000000, 134217728, 16K, 1M. Ranges: START..END (END is not
included) or START+SIZE, such as 0x08000000..0x08004000 or 0x08000000+16K.`;

export interface HelpBelow {
  readonly examples: readonly UsageExample[];
  /** Columns. */
  readonly width: number;
  readonly takesNumbers?: boolean;
  readonly isProgram?: boolean;
}

/** What stands below the options. */
export function helpBelow({ examples, width, takesNumbers = false, isProgram = false }: HelpBelow): string {
  return [
    `\nExamples:\n${examplesText(examples, width)}`,
    ...(takesNumbers ? [NUMBERS] : []),
    ...(isProgram ? [`\nExit codes:\n${exitCodesText()}`] : []),
  ].join('\n');
}

/** Two columns where they fit, else the meaning above its command. */
export function examplesText(examples: readonly UsageExample[], width: number): string {
  const column = Math.max(0, ...examples.map(([command]) => command.length)) + 2;
  const fits = examples.every(([, meaning]) => 2 + column + meaning.length <= width);
  return examples
    .map(([command, meaning]) => (fits ? `  ${command.padEnd(column)}${meaning}` : `  # ${meaning}\n  ${command}`))
    .join('\n');
}

function exitCodesText(): string {
  return EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`).join('\n');
}
