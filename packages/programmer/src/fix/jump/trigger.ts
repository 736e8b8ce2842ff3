/** When a firmware starts the ROM bootloader: the words of the option `when`, and what they mean. */
import type { PortFacts } from '@sureflash/chips';
import { FlashError } from '../../errors.ts';

export interface Pin {
  readonly port: string;
  readonly number: number;
}

export type Trigger =
  | { readonly kind: 'never' }
  | { readonly kind: 'magic' }
  | {
      readonly kind: 'pin';
      readonly pin: Pin;
      readonly level: 'high' | 'low';
      /** Against the active level; a pin that sees VBUS has none, as boards divide it. */
      readonly pull: 'up' | 'down' | 'none';
      /** How long it must be at that level, without a gap. */
      readonly holdMs: number;
    };

/** Long enough that a spike or a bouncing contact does not count. */
const SETTLED_MS = 5;
const LONGEST_HOLD_MS = 60_000;
const EXPECTED = 'never, magic, vbus:PA9, pin:PC13=low, pin:PB8=high or button-hold:PC13=low:1500ms';

/** @throws FlashError `fix/option` for anything else than `EXPECTED` shows */
export function parseTrigger(text: string): Trigger {
  if (text === 'never' || text === 'magic') return { kind: text };
  const [word = '', ...rest] = text.split(':');
  if (word === 'vbus' && rest.length === 1) {
    return { kind: 'pin', pin: pinOf(rest[0] ?? '', text), level: 'high', pull: 'none', holdMs: SETTLED_MS };
  }
  if (word === 'pin' && rest.length === 1) return levelOf(rest[0] ?? '', text, SETTLED_MS);
  if (word === 'button-hold' && rest.length === 2) return levelOf(rest[0] ?? '', text, holdOf(rest[1] ?? '', text));
  throw badTrigger(text);
}

function levelOf(words: string, text: string, holdMs: number): Trigger {
  const [name = '', level] = words.split('=');
  if (level !== 'high' && level !== 'low') throw badTrigger(text);
  return { kind: 'pin', pin: pinOf(name, text), level, pull: level === 'high' ? 'down' : 'up', holdMs };
}

function pinOf(name: string, text: string): Pin {
  const match = /^P([A-K])(\d{1,2})$/i.exec(name);
  const number = Number(match?.[2]);
  if (!match?.[1] || number > 15) throw badTrigger(text);
  return { port: match[1].toUpperCase(), number };
}

function holdOf(words: string, text: string): number {
  const match = /^(\d{1,5})ms$/.exec(words);
  const ms = Number(match?.[1]);
  if (!match || ms < SETTLED_MS || ms > LONGEST_HOLD_MS) throw badTrigger(text);
  return ms;
}

const badTrigger = (value: string): FlashError<'fix/option'> =>
  new FlashError('fix/option', { option: 'when', value, expected: EXPECTED });

/** @throws FlashError `fix/option` for a port that the family does not have, or whose registers are not known */
export function checkPort({ port, number }: Pin, ports: PortFacts | undefined, family: string): PortFacts {
  if (ports && port in ports.ports) return ports;
  const known = ports ? `a pin of ports ${Object.keys(ports.ports).join(', ')}` : 'magic';
  throw new FlashError('fix/option', {
    option: 'when',
    value: `P${port}${number}`,
    expected: `${known} on STM32${family}`,
  });
}
