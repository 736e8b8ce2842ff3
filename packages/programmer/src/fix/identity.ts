/** The string by which a firmware tells that it carries a module of this room, and how it is found again. */
import type { MemoryImage } from '@sureflash/image';

export type FixKind = 'bootloader-jump' | 'dfu-media' | 'application-check';

const KINDS: readonly string[] = ['bootloader-jump', 'dfu-media', 'application-check'] satisfies readonly FixKind[];
/** The version of the modules' format: it changes when what a host has to know changes. */
const FIX_VERSION = '1';
const MODULE_MARK = 'sureflash-fix ';
/** The longest string that a generator writes is far shorter. */
const LONGEST_IDENTITY = 200;

export interface RecognisedFix {
  readonly kind: FixKind;
  /** Where the string stands in the image. */
  readonly address: number;
  /** Id of the chip that the module was made for. */
  readonly chip: string;
  /** What else the module says about itself: `when`, `application`, `layout` … */
  readonly facts: Readonly<Record<string, string>>;
}

/** The text of the string for a C source; values must not hold blanks or quotes. */
export function identityText(kind: FixKind, facts: Readonly<Record<string, string>>): string {
  const words = Object.entries(facts).map(([name, value]) => `${name}=${value.replaceAll(/[\s"\\]/g, '_')}`);
  return `${MODULE_MARK}${kind} ${FIX_VERSION} ${words.join(' ')}`;
}

/** The definition of the string, and a statement that makes the linker keep it wherever the module is used. */
export function identityC(kind: FixKind, facts: Readonly<Record<string, string>>): { define: string; keep: string } {
  return {
    define: `/* Tells that this module is in the firmware; sureflash looks for it. */\nstatic const char identity[] = "${identityText(kind, facts)}";`,
    keep: `__asm volatile("" : : "r"(identity)); /* keeps the string in the firmware */`,
  };
}

/** Every module of ours that `image` carries, by address. Strings that are not whole are passed over. */
export function recogniseFix(image: MemoryImage): RecognisedFix[] {
  return image.segments.flatMap(({ address, bytes }) =>
    placesOf(bytes, MODULE_MARK).flatMap((at) => {
      const fix = parseIdentity(identityTextAt(bytes, at));
      return fix ? [{ ...fix, address: address + at }] : [];
    }),
  );
}

function parseIdentity(text: string | undefined): Omit<RecognisedFix, 'address'> | undefined {
  const [kind, version, ...words] = text?.slice(MODULE_MARK.length).split(' ') ?? [];
  if (version !== FIX_VERSION || !isKind(kind)) return undefined;
  const facts = Object.fromEntries(
    words.map((word): [string, string] => {
      const equals = word.indexOf('=');
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
  const { chip, ...others } = facts;
  return chip === undefined ? undefined : { kind, chip, facts: others };
}

const isKind = (text: string | undefined): text is FixKind => text !== undefined && KINDS.includes(text);

function identityTextAt(bytes: Uint8Array, at: number): string | undefined {
  const end = bytes.indexOf(0, at);
  if (end < 0 || end - at > LONGEST_IDENTITY) return undefined;
  const text = String.fromCharCode(...bytes.subarray(at, end));
  return /^[ -~]+$/.test(text) ? text : undefined;
}

function placesOf(bytes: Uint8Array, text: string): number[] {
  const wanted = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const first = wanted[0] ?? 0;
  const places: number[] = [];
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) places.push(at);
  }
  return places;
}
