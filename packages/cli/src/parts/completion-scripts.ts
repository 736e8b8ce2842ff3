/** Completion scripts, made from the commands themselves so that they cannot fall behind. */
import { CHIPS } from '@sureflash/chips/table';
import { longName, optionsOf } from '../declare/spelling.ts';
import type { Completed, NamedVerb, OperandSpec, OptionSpec } from '../declare/verb.ts';
import { BOARD_NAMES } from '../device/board-groups.ts';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** What may stand at a place: one of some words, a file, or something that nobody can guess. */
type CompletedBy = readonly string[] | 'file' | 'other';

interface OptionWord {
  readonly name: string;
  readonly help: string;
  /** Absent where the option takes no value. */
  readonly values?: CompletedBy;
}

interface VerbWord {
  readonly name: string;
  readonly help: string;
  readonly options: readonly OptionWord[];
  /** What stands beside the options; absent where nothing does. */
  readonly operands?: CompletedBy;
}

/** @returns a script that the shell reads, with the names of all chips and boards in it */
export function completionScript(shell: (typeof SHELLS)[number], all: readonly NamedVerb[]): string {
  const verbs = all.map(verbWord);
  if (shell === 'fish') return fish(verbs);
  if (shell === 'powershell') return powershell(verbs);
  return shell === 'zsh' ? zsh(verbs) : bash(verbs);
}

function verbWord({ name, about, verb }: NamedVerb): VerbWord {
  const [first] = Object.values(verb.operands);
  return {
    name,
    help: about,
    options: [
      ...Object.entries(optionsOf(verb)).map(([key, spec]) => optionWord(key, spec)),
      { name: '--help', help: 'show this help' },
    ],
    ...(first && { operands: operandWords(first) }),
  };
}

const COMPLETED_BY: Readonly<Record<Completed, CompletedBy>> = {
  file: 'file',
  board: BOARD_NAMES,
  chip: CHIPS.flatMap(({ names }) => names),
};

function optionWord(key: string, spec: OptionSpec<unknown>): OptionWord {
  const { about: help, placeholder = '', choices, completes } = spec;
  const word = { name: longName(key, spec), help };
  // A value that may be left out is not asked for.
  if (!placeholder.startsWith('<')) return word;
  return { ...word, values: choices?.map(String) ?? (completes ? COMPLETED_BY[completes] : 'other') };
}

/** A file where nothing else is said: that is what most verbs work on. */
function operandWords({ choices, completes = 'file' }: OperandSpec<unknown>): CompletedBy {
  if (choices) return choices.map(String);
  return typeof completes === 'string' ? COMPLETED_BY[completes] : completes;
}

function bash(verbs: readonly VerbWord[]): string {
  const reply = (values: CompletedBy | undefined): string => {
    if (values === 'file') return 'COMPREPLY=($(compgen -f -- "$cur"))';
    return values === undefined || values === 'other'
      ? 'COMPREPLY=()'
      : `COMPREPLY=($(compgen -W "${values.join(' ')}" -- "$cur"))`;
  };
  const options = new Map(verbs.flatMap((verb) => verb.options).map((option) => [option.name, option.values]));
  const values = [...options].flatMap(([name, each]) => (each ? [`    ${name}) ${reply(each)}; return ;;`] : []));
  const words = verbs.map((verb) => `    ${verb.name}) words="${verb.options.map(({ name }) => name).join(' ')}" ;;`);
  const operands = verbs.map(({ name, operands: each }) => `    ${name}) ${reply(each)} ;;`);
  return `# bash: source <(sureflash completion bash)
_sureflash() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" verb="\${COMP_WORDS[1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${verbs.map(({ name }) => name).join(' ')} --help --version" -- "$cur"))
    return
  fi
  case "$prev" in
${values.join('\n')}
  esac
  if [ "\${cur#-}" != "$cur" ]; then
    case "$verb" in
${words.map((line) => `  ${line}`).join('\n')}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case "$verb" in
${operands.join('\n')}
  esac
}
complete -o filenames -F _sureflash sureflash
`;
}

function zsh(verbs: readonly VerbWord[]): string {
  const quoted = (text: string): string =>
    text.replaceAll("'", "'\\''").replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:');
  const action = (values: CompletedBy): string => {
    if (values === 'file') return ':file:_files';
    return values === 'other' ? ':value:' : `:value:(${values.join(' ')})`;
  };
  const option = ({ name, help, values }: OptionWord): string =>
    `'${name}[${quoted(help)}]${values ? action(values) : ''}'`;
  const list = verbs.map(({ name, help }) => `    '${name}:${quoted(help)}'`);
  const cases = verbs.map(({ name, options, operands }) => {
    const specs = [...options.map(option), ...(operands ? [`'*${action(operands)}'`] : [])];
    return `    ${name}) _arguments ${specs.join(' ')} ;;`;
  });
  return `#compdef sureflash
# zsh: sureflash completion zsh > ~/.zfunc/_sureflash, where ~/.zfunc is in fpath before compinit
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

function fish(verbs: readonly VerbWord[]): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
  const action = (values: CompletedBy | undefined): string => {
    if (values === undefined) return '';
    if (values === 'file') return ' -r -F';
    return values === 'other' ? ' -x' : ` -x -a ${quote(values.join(' '))}`;
  };
  const lines = verbs.flatMap(({ name, help, options, operands }) => {
    const here = `complete -c sureflash -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c sureflash -n __fish_use_subcommand -a ${name} -d ${quote(help)} -f`,
      ...options.map((each) => `${here} -l ${each.name.slice(2)} -d ${quote(each.help)}${action(each.values)}`),
      operands === 'file'
        ? `${here} -F`
        : `${here} -f${Array.isArray(operands) ? ` -a ${quote(operands.join(' '))}` : ''}`,
    ];
  });
  return `# fish: sureflash completion fish > ~/.config/fish/completions/sureflash.fish\n${lines.join('\n')}\n`;
}

function powershell(verbs: readonly VerbWord[]): string {
  const quote = (word: string): string => `'${word.replaceAll("'", "''")}'`;
  const list = (words: readonly string[]): string => `@(${words.map(quote).join(', ')})`;
  const known = (values: CompletedBy | undefined): string => (typeof values === 'object' ? list(values) : '@()');
  const options = new Map(verbs.flatMap((verb) => verb.options).map((option) => [option.name, option.values]));
  // What no list is known for is left to PowerShell itself, which offers files.
  const values = [...options].flatMap(([name, each]) => (each ? [`    ${quote(name)} = ${known(each)}`] : []));
  const words = verbs.map((verb) => `    ${quote(verb.name)} = ${list(verb.options.map(({ name }) => name))}`);
  const operands = verbs.map(({ name, operands: each }) => `    ${quote(name)} = ${known(each)}`);
  return `# PowerShell: sureflash completion powershell | Out-String | Invoke-Expression, or in $PROFILE
Register-ArgumentCompleter -Native -CommandName sureflash -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $values = @{
${values.join('\n')}
  }
  $options = @{
${words.join('\n')}
  }
  $operands = @{
${operands.join('\n')}
  }
  $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $offered = if ($before.Count -le 1) {
    @($options.Keys) + '--help' + '--version'
  } elseif ($values.ContainsKey($before[-1])) {
    $values[$before[-1]]
  } elseif ($wordToComplete.StartsWith('-')) {
    $options[$before[1]]
  } else {
    $operands[$before[1]]
  }
  $offered | Where-Object { $_ -like "$wordToComplete*" } | Sort-Object | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}
