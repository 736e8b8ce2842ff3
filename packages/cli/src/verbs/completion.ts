/** `completion`: a script that completes verbs, options and their values in a shell. */
import { requiredOneOf, verb } from '../declare/verb.ts';
import { completionScript, SHELLS } from '../parts/completion-scripts.ts';

export const completionVerb = verb({
  operands: { shell: requiredOneOf('which shell', SHELLS) },
  examples: [
    ['source <(sureflash completion bash)', 'bash, in this shell'],
    ['sureflash completion zsh > ~/.zfunc/_sureflash', 'zsh; a folder in fpath'],
    ['sureflash completion fish | source', 'fish, in this shell'],
    ['sureflash completion powershell | Out-String | Invoke-Expression', 'PowerShell'],
  ],
  plain: true,
  run: async (context, { shell }, _, { allVerbs }) => {
    context.print(completionScript(shell, await allVerbs()).trimEnd());
  },
});
