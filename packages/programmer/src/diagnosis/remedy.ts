/** One thing to do, in words for people. It names no button and no option: each face knows how it is done there. */

/** What a face may offer for a remedy: an option, a command, a button. */
export type RemedyAction =
  | 'state-chip'
  | 'state-address'
  | 'choose-part'
  | 'go-on-anyway'
  | 'go-on-unproven'
  | 'write-otp'
  | 'set-for-ever'
  | 'replace-all'
  | 'verify'
  | 'program'
  | 'list-devices'
  | 'show-option-bytes'
  | 'set-option-bytes'
  | 'unprotect'
  | 'spare-ram'
  | 'erase-by-probe'
  | 'program-by-probe'
  | 'try-scratch'
  | 'try-job-sectors'
  | 'record-trace'
  | 'use-usbip'
  | 'write-jump'
  | 'write-callbacks'
  | 'detach';

export interface Remedy {
  /** One or two whole sentences. */
  readonly text: string;
  /** What the face can offer for it; absent where it is the user's own work. */
  readonly action?: RemedyAction;
  /** The chip that the action is for, by its part number, where it is known. */
  readonly chip?: string;
}

export const remedy = (text: string, action?: RemedyAction, chip?: string): Remedy => ({
  text,
  ...(action !== undefined && { action }),
  ...(chip !== undefined && { chip }),
});

/** Rows write a plain sentence where no face has anything to offer. */
export const asRemedy = (each: Remedy | string): Remedy => (typeof each === 'string' ? { text: each } : each);
