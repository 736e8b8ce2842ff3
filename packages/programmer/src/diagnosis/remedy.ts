/** One thing to do, in words for people. It names no button and no option: each face knows how it is done there. */

/** What a face may offer for a remedy: an option, a command, a button. */
export type RemedyAction =
  | 'state-chip'
  | 'state-address'
  | 'choose-part'
  | 'go-on-anyway'
  | 'write-otp'
  | 'set-for-ever'
  | 'replace-all'
  | 'verify'
  | 'program'
  | 'list-devices'
  | 'show-option-bytes'
  | 'set-option-bytes'
  | 'unprotect'
  | 'try-scratch'
  | 'record-trace'
  | 'use-usbip';

export interface Remedy {
  /** One or two whole sentences. */
  readonly text: string;
  /** What the face can offer for it; absent where it is the user's own work. */
  readonly action?: RemedyAction;
}

export const remedy = (text: string, action?: RemedyAction): Remedy =>
  action === undefined ? { text } : { text, action };

/** Rows write a plain sentence where no face has anything to offer. */
export const asRemedy = (each: Remedy | string): Remedy => (typeof each === 'string' ? { text: each } : each);
