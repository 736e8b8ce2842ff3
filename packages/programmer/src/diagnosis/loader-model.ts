/** What a loader does, as a simulation of it has found: the simplest one that gives every byte that was read. Data alone. */

/** A part of a model: what deviates, and for which operations. */
export interface ModelPart {
  /** `shift`, `lost`, `swap`: the kinds of the explainer. */
  readonly kind: string;
  readonly on: readonly ('erase' | 'write' | 'read')[];
  /** It does not strike always. */
  readonly isConditional: boolean;
  /** What was asked for is left alone: another place is taken instead. */
  readonly isInstead?: boolean;
}

/** A place where a right loader would have given something else. */
export interface ModelExample {
  readonly address: number;
  /** What was last asked to be written there; absent where nothing was. */
  readonly asked?: Uint8Array;
  readonly expected: Uint8Array;
  readonly read: Uint8Array;
}

/** A trial that told loaders apart, or was to: made-up data in sectors that might be lost. */
export interface LoaderTrial {
  /** Which loaders that explained the run explain the trial as well; `broken-off`: nobody knows. */
  readonly outcome: 'one' | 'several' | 'none' | 'broken-off';
  readonly rounds: number;
  /** From the first sector to the last that was erased and written; they are left erased, as far as the loader erases. */
  readonly place: { readonly start: number; readonly end: number };
  readonly sectors: number;
  /** How many of them do not read as erased after it; absent where all do. */
  readonly notBlank?: number;
  readonly bytesWritten: number;
  readonly bytesRead: number;
  /** Loaders that fitted the run alone and are refuted by it, in sentences. */
  readonly refuted: readonly string[];
  /** Why it broke off: the code of an error, or why what stands beside the image could not be saved. */
  readonly because?: string;
}

export interface LoaderModel {
  /** No other loader of about the same simplicity gives all that was read. */
  readonly isCertain: boolean;
  /** Every loader of about the same simplicity was tried; otherwise the search was ended first, and there may be others. */
  readonly isComplete: boolean;
  /** `writes are 0x100 bytes too high`. */
  readonly sentence: string;
  readonly parts: readonly ModelPart[];
  /** Bytes of all reads that a right loader would have given otherwise. */
  readonly bytesDiffering: number;
  /** How many of them this one gives as they were read. */
  readonly bytesExplained: number;
  readonly example?: ModelExample;
  /** Other loaders that would have done the same, in sentences. */
  readonly rivals: readonly string[];
  /** The parts of each rival. */
  readonly rivalParts: readonly (readonly ModelPart[])[];
  /** What would tell them apart, in a sentence. */
  readonly tellApart?: string;
  /** The place in the code, and what it usually forgets there. */
  readonly code: readonly string[];
  /** What to change in the loader. */
  readonly remedies: readonly string[];
}
