/** The bytes around the first difference, as they should be and as they were read, line by line. */

import type { Excerpt } from '@sureflash/programmer';
import { hex } from '@sureflash/programmer/basics';
import type { ModelExample } from '@sureflash/programmer/diagnosis';
import { type Html, html } from './html.ts';

const VIEW_BYTES = 16;

export function hexView(excerpt: Excerpt | undefined): Html {
  if (!excerpt) return html``;
  const { address, expected, found } = excerpt;
  const rows: Html[] = [];
  for (let at = 0; at < expected.length; at += VIEW_BYTES) {
    const [want, got] = [expected.subarray(at, at + VIEW_BYTES), found.subarray(at, at + VIEW_BYTES)];
    rows.push(viewLine(hex(address + at), { bytes: want, other: got, label: 'file' }));
    if (want.some((byte, i) => byte !== got[i])) rows.push(viewLine('', { bytes: got, other: want, label: 'device' }));
  }
  return html`<section><h2>First differences</h2><div class="scroll"><table class="hex">${rows}</table></div></section>`;
}

/** What was read at one place, and what a right loader would have given there. */
export function exampleView({ address, expected, read }: ModelExample): Html {
  const rows = [
    viewLine(hex(address), { bytes: read, other: expected, label: 'read' }),
    viewLine('', { bytes: expected, other: read, label: 'a right loader' }),
  ];
  return html`<div class="scroll"><table class="hex">${rows}</table></div>`;
}

interface Line {
  readonly bytes: Uint8Array;
  readonly other: Uint8Array;
  readonly label: string;
}

/** What differs is underlined. */
function viewLine(place: string, { bytes, other, label }: Line): Html {
  const cells = Array.from(bytes, (byte, i) => {
    const text = byte.toString(16).toUpperCase().padStart(2, '0');
    return byte === other[i] ? html`${text}` : html`<b>${text}</b>`;
  });
  const text = Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return html`<tr><th>${place}</th><th>${label}</th><td>${cells}</td><td>${text}</td></tr>`;
}
