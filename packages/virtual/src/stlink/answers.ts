/** What a probe answers to a command: bytes at once, nothing, or a wish for data. */

/** What a command leads to: bytes for the host, or data that the host has to send first. */
export type CommandOutcome =
  | { readonly kind: 'reply'; readonly bytes: readonly number[] | Uint8Array }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'takes'; readonly bytes: number; readonly take: (data: Uint8Array) => void };

export const NO_REPLY: CommandOutcome = { kind: 'nothing' };
export const reply = (...bytes: readonly number[]): CommandOutcome => ({ kind: 'reply', bytes });
export const status = (code: number): CommandOutcome => reply(code, 0);
export const bytesOfWords = (...values: readonly number[]): number[] =>
  values.flatMap((value) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff));
/** A status of four bytes and a word. */
export const valued = (code: number, ...values: readonly number[]): CommandOutcome =>
  reply(code, 0, 0, 0, ...bytesOfWords(...values));
