/** What every generator of this room hands out: text files, and what a person must know about them. It writes none of them. */

export interface GeneratedFile {
  readonly name: string;
  readonly text: string;
}

export interface GeneratedModule {
  /** The module itself: add these to the project. */
  readonly files: readonly GeneratedFile[];
  /** Minimal headers of ours, for a build without ST's packages; a project with CMSIS leaves them out. */
  readonly headers: readonly GeneratedFile[];
  /** What to do by hand, in order, one sentence each. */
  readonly steps: readonly string[];
  /** What can go wrong on this chip, one sentence each. */
  readonly cautions: readonly string[];
  /** What the code rests on that no public source states. */
  readonly guesses: readonly string[];
}

/** Flags for arm-none-eabi-gcc by core; no other flag is needed. */
export const CORE_FLAGS: Readonly<Record<string, string>> = {
  'cortex-m0': '-mcpu=cortex-m0 -mthumb',
  'cortex-m0plus': '-mcpu=cortex-m0plus -mthumb',
  'cortex-m3': '-mcpu=cortex-m3 -mthumb',
  'cortex-m4': '-mcpu=cortex-m4 -mthumb',
  'cortex-m7': '-mcpu=cortex-m7 -mthumb',
  'cortex-m33': '-mcpu=cortex-m33 -mthumb',
};
