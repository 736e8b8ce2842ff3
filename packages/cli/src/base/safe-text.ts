/** What may reach a terminal: text, ends of lines, and the few sequences that this program itself uses. */
import { visible } from '@sureflash/programmer/basics';

/** Colours, and the cursor movements of the progress view; ends of lines and tabs. */
const OWN = new RegExp(`(${String.fromCharCode(0x1b)}\\[(?:\\d+(?:;\\d+)*)?[mAJK]|[\\n\\r\\t])`);

/** @returns the text with everything else that cannot be seen written as its code: the last guard behind `visible` */
export function safeText(text: string): string {
  return text
    .split(OWN)
    .map((part, i) => (i % 2 === 1 ? part : visible(part)))
    .join('');
}
