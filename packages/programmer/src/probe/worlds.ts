/**
 * The two worlds of a chip with TrustZone on, as a debugger reaches them: which pages of the flash are secure, and how those
 * of both are driven through the secure registers. It changes nothing but SECBB, which the next reset clears.
 */
import {
  type Chip,
  closedSectors,
  decodeOptionBytes,
  plainFlashAddress,
  readProtectionName,
  registerOfOptionBit,
  SECURE_FLASH_DISTANCE,
  sectorsByBank,
  secureFlashOf,
} from '@sureflash/chips';
import { readWord, writeMemoryWords } from '../cortex/debug-access.ts';
import { DHCSR, SCS } from '../cortex/registers.ts';
import { FlashError } from '../errors.ts';
import type { Range, Region, Sector } from '../target/geometry.ts';
import type { DebugProbe } from './debug-probe.ts';
import { optionFactsOf, readOptionBlocks } from './option-reading.ts';

export interface Worlds {
  /** Whether a debugger reaches the secure one: DHCSR.S_SDE (DDI0553). */
  readonly secureDebug: boolean;
  /** Indices of the secure sectors, which SECWM names. */
  readonly secure: ReadonlySet<number>;
  /** `RDP level 0.5`, `PRODUCT_STATE TZ-closed`. */
  readonly state: string;
}

/** @returns `undefined` where TrustZone is off, or the chip has none. @throws FlashError `probe/refused` */
export async function readWorlds(probe: DebugProbe, chip: Chip, flash: Region): Promise<Worlds | undefined> {
  const secure = secureFlashOf(chip);
  const facts = optionFactsOf(chip);
  const place = registerOfOptionBit(chip, 'TZEN');
  if (!secure || !facts || !place) return undefined;
  if ((await readWord(probe, place.register)) >>> place.bit !== secure.on) return undefined;
  const fields = decodeOptionBytes(facts.layout, await readOptionBlocks(probe, facts));
  const closed = closedSectors(facts.layout, fields, sectorsByBank([chip], flash.sectors));
  const { field } = facts.layout.readProtection;
  return {
    secureDebug: ((await readWord(probe, SCS.DHCSR)) & DHCSR.S_SDE) !== 0,
    secure: new Set(closed.filter(({ by }) => isWatermark(by)).map(({ index }) => index)),
    // With TrustZone on, that which is "0.5, or 1 without TrustZone" is 0.5.
    state: `${field} ${readProtectionName(facts.layout, fields)?.split(',')[0] ?? 'of an unknown value'}`,
  };
}

/** @returns a clause */
export function worldsText({ secure, secureDebug, state }: Worlds): string {
  const reach = secureDebug ? 'a debugger reaches both worlds' : 'its secure world is closed to debuggers';
  return `TrustZone is on with ${secure.size} secure sectors, and at ${state} ${reach}`;
}

/** Areas of option bytes that make pages secure; they close nothing to whoever reaches the secure world. */
const isWatermark = (by: string): boolean => by.startsWith('SECWM');

/** @returns the flash in parts of one world each, under the names that programs of that world have for it; only those in reach */
export function regionsOfWorlds(flash: Region, { secure, secureDebug }: Worlds): Region[] {
  const parts: { isSecure: boolean; first: number; sectors: Sector[] }[] = [];
  for (const sector of flash.sectors) {
    const isSecure = secure.has(sector.index);
    const last = parts.at(-1);
    if (last?.isSecure === isSecure) last.sectors.push(sector);
    else parts.push({ isSecure, first: sector.index, sectors: [sector] });
  }
  return parts.filter(({ isSecure }) => secureDebug || !isSecure).map((part) => regionOfPart(flash, part));
}

interface Part {
  readonly isSecure: boolean;
  readonly first: number;
  readonly sectors: readonly Sector[];
}

function regionOfPart(flash: Region, { isSecure, first, sectors: own }: Part): Region {
  const offset = isSecure ? SECURE_FLASH_DISTANCE : 0;
  const sectors = own.map((sector, index) => ({
    ...sector,
    index,
    start: sector.start + offset,
    end: sector.end + offset,
  }));
  return {
    ...flash,
    name: isSecure ? 'Secure flash' : 'Non-secure flash',
    sectors,
    start: sectors[0]?.start ?? 0,
    end: sectors.at(-1)?.end ?? 0,
    partOf: { sectors: flash.sectors, first },
  };
}

/** SAU_CTRL: ENABLE and ALLNS (DDI0553). While both are 0, every address is secure to secure code and to its debugger. */
const SAU_CTRL = 0xe000_edd0;
const SAU_DIVIDES = 3;
const ALL_SECURE = 0xffff_ffff;
const PAGES_OF_BLOCK = 32;

const isDivided = async (probe: DebugProbe): Promise<boolean> =>
  ((await readWord(probe, SAU_CTRL)) & SAU_DIVIDES) !== 0;

/**
 * For a chip whose program runs on, so that nothing may be changed for a read.
 * @throws FlashError `device/not-programmable` where a page that is not secure would read as 0
 */
export async function assureReadable(probe: DebugProbe, { start }: Range): Promise<void> {
  if (plainFlashAddress(start) !== start || (await isDivided(probe))) return;
  const detail =
    'its secure program runs and has not divided the addresses (SAU), so that non-secure flash reads as 0: connect without hot-plug';
  throw new FlashError('device/not-programmable', { detail, cannotDetach: true });
}

/**
 * Makes every page secure until the next reset, as it must be for secure accesses to pages of the other world: they read 0
 * otherwise. Not while a program has divided the addresses, whose code would lose its pages: there each page has its own name.
 * @throws FlashError `device/not-programmable` where SECBB does not take it; `probe/refused`
 */
export async function makeAllSecure(
  probe: DebugProbe,
  chip: Chip,
  banks: readonly (readonly unknown[])[],
): Promise<void> {
  const [first, ...others] = secureFlashOf(chip)?.blocks ?? [];
  if (first === undefined || (await readWord(probe, first)) === ALL_SECURE) return;
  if (await isDivided(probe)) return;
  for (const [bank, register] of [first, ...others].entries()) {
    const words = Math.ceil((banks[bank]?.length ?? 0) / PAGES_OF_BLOCK);
    if (words > 0)
      await writeMemoryWords(
        probe,
        register,
        Array.from({ length: words }, () => ALL_SECURE),
      );
  }
  if ((await readWord(probe, first)) === ALL_SECURE) return;
  const detail = 'its pages cannot be made secure for the time of the work (SECBB does not take it)';
  throw new FlashError('device/not-programmable', { detail, cannotDetach: true });
}
