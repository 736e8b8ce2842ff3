import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { sureflash } from '../testing/harness.ts';

async function scriptFor(shell: string): Promise<string> {
  const { code, out, err } = await sureflash(`completion ${shell}`);
  expect(code).toBe(0);
  expect(err).toBe('');
  return out;
}

type Shell = 'bash' | 'zsh' | 'fish' | 'pwsh';

const exists = (shell: Shell): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** What a shell prints. @throws Error when it ends with anything but 0 */
function run(shell: Shell, args: readonly string[]): string {
  return execFileSync(shell, [...args], { encoding: 'utf8' });
}

/** What bash offers for the last of the words. */
function offers(script: string, words: readonly string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _sureflash; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', ['--norc', '-c', `${script}\n${ask}`])
    .trim()
    .split('\n');
}

describe('the completion of bash', () => {
  it('is a script that bash can read', async () => {
    const script = await scriptFor('bash');
    const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('offers verbs, scenarios, the options of a verb, their choices, and files', async () => {
    const script = await scriptFor('bash');
    const cases: [words: string[], some: string[]][] = [
      [['p'], ['program', 'plan']],
      [
        ['program', '--virtual', 'stm32h743'],
        ['stm32h743-rom', 'stm32h743-rom-1-mb'],
      ],
      [['program', '--virtual', 'faulty-echo'], ['faulty-echo']],
      [['virtual', 'stm32l476-rom-'], ['stm32l476-rom-early-stall']],
      [['program', '--le'], ['--leave']],
      [['erase', '--al'], ['--all']],
      [
        ['program', '--keep', ''],
        ['rest', 'none'],
      ],
      [['convert', '--format', 'intel'], ['intel-hex']],
      [
        ['option-bytes', ''],
        ['show', 'set'],
      ],
      [['completion', 'z'], ['zsh']],
    ];
    for (const [words, some] of cases) {
      const offered = offers(script, ['sureflash', ...words]);
      const begun = words.at(-1) ?? '';
      expect(offered).toEqual(expect.arrayContaining(some));
      expect(offered.filter((word) => !word.startsWith(begun))).toEqual([]);
    }
    expect(offers(script, ['sureflash', 'program', '/etc/host'])).toContain('/etc/hosts');
  });
});

describe.skipIf(!exists('zsh'))('the completion of zsh', () => {
  it('is a script that zsh can read', async () => {
    const { status, stderr } = spawnSync('zsh', ['-n'], { input: await scriptFor('zsh'), encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

describe.skipIf(!exists('fish'))('the completion of fish', () => {
  it('is a script that fish can read, and offers verbs and scenarios', async () => {
    const script = await scriptFor('fish');
    const ask = (line: string): string => run('fish', ['--no-config', '-c', `${script}\ncomplete -C '${line}'`]);
    expect(ask('sureflash pro')).toMatch(/^program\t/);
    expect(ask('sureflash program --virtual stm32h7')).toMatch(/^stm32h743-rom\t/m);
  });
});

describe('the completion of PowerShell', () => {
  it('knows verbs, the options of each, boards and choices', async () => {
    const script = await scriptFor('powershell');
    expect(script).toContain('Register-ArgumentCompleter -Native -CommandName sureflash');
    expect(script).toMatch(/^ {4}'program' = @\('--at', .*'--leave'/m);
    expect(script).toMatch(/^ {4}'--virtual' = @\('stm32f105-rom', /m);
    expect(script).toMatch(/^ {4}'--keep' = @\('rest', 'none'\)$/m);
    expect(script).toMatch(/^ {4}'completion' = @\('bash', 'zsh', 'fish', 'powershell'\)$/m);
  });

  it.skipIf(!exists('pwsh'))('is a script that PowerShell can run, and offers verbs and boards', async () => {
    const script = await scriptFor('powershell');
    const ask = (line: string): string =>
      run('pwsh', [
        '-NoProfile',
        '-Command',
        `${script}\n(TabExpansion2 '${line}' ${line.length}).CompletionMatches.CompletionText`,
      ]);
    expect(ask('sureflash pro')).toMatch(/^program$/m);
    expect(ask('sureflash program --virtual stm32h7')).toMatch(/^stm32h743-rom$/m);
  });
});
