/** HTML made of pieces that are escaped unless they are HTML already. */

import { visible } from '@sureflash/programmer/basics';

/** Text that is HTML. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlPiece = Html | string | number | readonly (Html | string)[];

/** ``html`<p>${anything}</p>` ``: what is put in is escaped, lists are joined. */
export function html(parts: TemplateStringsArray, ...pieces: readonly HtmlPiece[]): Html {
  return new Html(parts.reduce((text, part, i) => text + render(pieces[i - 1] ?? '') + part));
}

function render(piece: HtmlPiece): string {
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'string' || typeof piece === 'number') return escaped(String(piece));
  return piece.map(render).join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
