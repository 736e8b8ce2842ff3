/** Completion scripts, made from the commands themselves so that they cannot fall behind. */

import { scenarios } from '@sureflash/virtual';
import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

interface Word {
  readonly name: string;
  readonly help: string;
}

interface Verb extends Word {
  readonly options: readonly Word[];
}

export function completionScript(shell: string, program: Command): string {
  const verbs = program.commands.map((command) => ({
    name: command.name(),
    help: command.description(),
    options: command.options.flatMap(optionWords),
  }));
  if (shell === 'fish') return fish(verbs);
  return shell === 'zsh' ? zsh(verbs) : bash(verbs);
}

function optionWords({ long, description }: Option): Word[] {
  return long ? [{ name: long, help: description }] : [];
}

const BOARDS = scenarios.map(({ name }) => name).join(' ');

function bash(verbs: readonly Verb[]): string {
  const cases = verbs.map(({ name, options }) => `    ${name}) words="${options.map((o) => o.name).join(' ')}" ;;`);
  return `# bash: source <(sureflash completion bash)
_sureflash() {
  local cur prev verb words
  cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" verb="\${COMP_WORDS[1]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${verbs.map(({ name }) => name).join(' ')} --help --version" -- "$cur"))
    return
  fi
  if [ "$prev" = --virtual ] || { [ "$verb" = virtual ] && [ "\${cur#-}" = "$cur" ]; }; then
    COMPREPLY=($(compgen -W "${BOARDS}" -- "$cur"))
    return
  fi
  case "$verb" in
${cases.join('\n')}
    *) words="" ;;
  esac
  if [ "\${cur#-}" != "$cur" ]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); else COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _sureflash sureflash
`;
}

function zsh(verbs: readonly Verb[]): string {
  const quoted = (text: string): string =>
    text.replaceAll("'", "'\\''").replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:');
  const list = verbs.map(({ name, help }) => `    '${name}:${quoted(help)}'`);
  const cases = verbs.map(({ name, options }) => {
    const words = options.map((o) =>
      o.name === '--virtual' ? `'--virtual[${quoted(o.help)}]:board:(${BOARDS})'` : `'${o.name}[${quoted(o.help)}]'`,
    );
    return `    ${name}) _arguments ${[...words, name === 'virtual' ? `'*:board:(${BOARDS})'` : "'*:file:_files'"].join(' ')} ;;`;
  });
  return `#compdef sureflash
# zsh: sureflash completion zsh > "\${fpath[1]}/_sureflash"
_sureflash() {
  local -a verbs
  verbs=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe verb verbs; return; fi
  local verb=$words[2]
  shift words; (( CURRENT-- ))
  case $verb in
${cases.join('\n')}
  esac
}
_sureflash "$@"
`;
}

function fish(verbs: readonly Verb[]): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
  const lines = verbs.flatMap(({ name, help, options }) => [
    `complete -c sureflash -n __fish_use_subcommand -a ${name} -d ${quote(help)} -f`,
    ...options.map((option) => {
      const values = option.name === '--virtual' ? ` -x -a ${quote(BOARDS)}` : '';
      return `complete -c sureflash -n "__fish_seen_subcommand_from ${name}" -l ${option.name.slice(2)} -d ${quote(option.help)}${values}`;
    }),
  ]);
  const boards = `complete -c sureflash -n "__fish_seen_subcommand_from virtual" -a ${quote(BOARDS)} -f`;
  return `# fish: sureflash completion fish > ~/.config/fish/completions/sureflash.fish\n${[...lines, boards].join('\n')}\n`;
}
