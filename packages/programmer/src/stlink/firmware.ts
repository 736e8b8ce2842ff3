/** The firmware of an ST-LINK: its version, and what follows from it. Pure. */
import { FlashError } from '../errors.ts';

export interface ProbeFirmware {
  /** 2 or 3. */
  readonly generation: number;
  /** Version of its debug part: the `J37` of V2J37. */
  readonly debug: number;
  /** `V2J37S7`, `V2J37M27`, `V3J7M2`. */
  readonly text: string;
  readonly can: ProbeAbilities;
}

/** By the versions at which openocd, pyOCD and probe-rs begin to use each. */
export interface ProbeAbilities {
  readonly measureVoltage: boolean;
  /** The long form of the last status, with the address of a fault. */
  readonly tellFaultAddress: boolean;
  readonly setSpeed: boolean;
  readonly accessDap: boolean;
  readonly access16: boolean;
  /** Access ports must be opened before they are used. */
  readonly openAp: boolean;
  /** Bytes of one transfer with 8-bit accesses. */
  readonly bytesAtOnce: number;
}

/** API v2 with the long last status; older firmware has been updated everywhere (2012). */
const LEAST_DEBUG = 15;
const LEAST_FIRMWARE = `V2J${LEAST_DEBUG}`;

/** From these on a V2 can choose its speed, access memory by 16 bits, and open access ports; every V3 can. */
const SINCE = { speed: 22, access16: 26, openAp: 28 } as const;
export const SPEED_FIRMWARE = `V2J${SINCE.speed}`;
export const ACCESS_16_FIRMWARE = `V2J${SINCE.access16}`;
export const OPEN_AP_FIRMWARE = `V2J${SINCE.openAp}`;

/** @throws FlashError `probe/firmware` where it is too old */
export function assertUsable({ generation, debug, text }: ProbeFirmware): void {
  if (generation >= 3 || debug >= LEAST_DEBUG) return;
  throw new FlashError('probe/firmware', { found: text, least: LEAST_FIRMWARE });
}

/** Product ids of V2-1, whose third part is a mass storage and not SWIM. */
const WITH_MASS_STORAGE = [0x374a, 0x374b, 0x3752, 0x3742];

/**
 * @param answer of VERSION: 16 bits big-endian, of which 4 are the generation and 6 each two versions; then VID and PID
 * @returns `undefined` for a V3, which tells the rest by VERSION_EX
 */
export function firmwareOfVersion(answer: Uint8Array): ProbeFirmware | undefined {
  const [high = 0, low = 0, , , productLow = 0, productHigh = 0] = answer;
  const packed = (high << 8) | low;
  const generation = packed >>> 12;
  if (generation >= 3) return undefined;
  const debug = (packed >>> 6) & 0x3f;
  const last = packed & 0x3f;
  const letter = WITH_MASS_STORAGE.includes((productHigh << 8) | productLow) ? 'M' : 'S';
  return { generation, debug, text: `V${generation}J${debug}${letter}${last}`, can: abilities(generation, debug) };
}

/** @param answer of VERSION_EX: generation, SWIM, debug, mass storage, bridge, power; then VID and PID */
export function firmwareOfVersionEx(answer: Uint8Array): ProbeFirmware {
  const [generation = 0, , debug = 0, mass = 0, bridge = 0] = answer;
  const parts = [`V${generation}J${debug}`, ...(mass > 0 ? [`M${mass}`] : []), ...(bridge > 0 ? [`B${bridge}`] : [])];
  return { generation, debug, text: parts.join(''), can: abilities(generation, debug) };
}

function abilities(generation: number, debug: number): ProbeAbilities {
  const since = (version: number): boolean => generation >= 3 || debug >= version;
  return {
    measureVoltage: since(13),
    tellFaultAddress: since(15),
    setSpeed: since(SINCE.speed),
    accessDap: since(24),
    access16: since(SINCE.access16),
    openAp: since(SINCE.openAp),
    // 512 by V3's documents; reads of more than 255 bytes fail (probe-rs).
    bytesAtOnce: generation >= 3 && debug >= 6 ? 255 : 64,
  };
}
