/** Which core and which chip answer: CPUID, DBGMCU_IDCODE, flash size, unique id, ROM table. Reads only; it knows no probe. */
import { CHIPS, type Chip, findChipsByDevId, idCodeAddresses } from '@sureflash/chips';
import { hasCode } from '../errors.ts';
import { uidText, wordsAt } from '../target/uid.ts';
import { type DebugAccess, isRefusedByBus, readWord } from './debug-access.ts';
import { SCS } from './registers.ts';

export interface CoreIdentity {
  /** `Cortex-M4`. */
  readonly name: string;
  readonly cpuid: number;
  /** So many bytes the address register of its access port counts by itself. */
  readonly pageBytes: number;
}

/** CPUID bits 15–4 (ARM's technical reference manuals). */
const CORE_NAMES: Readonly<Record<number, string>> = {
  3104: 'Cortex-M0',
  3168: 'Cortex-M0+',
  3105: 'Cortex-M1',
  3107: 'Cortex-M3',
  3108: 'Cortex-M4',
  3111: 'Cortex-M7',
  3360: 'Cortex-M23',
  3361: 'Cortex-M33',
  3362: 'Cortex-M55',
};
/** TAR counts within 4 KB on the AHB access ports of M3 and M4, within 1 KB at least on every other (ADIv5.2 C2.2.2). */
const LARGE_PAGES = [0xc23, 0xc24];

/**
 * @returns `undefined` where there is no Cortex-M in reach of this access port
 * @throws FlashError `probe/refused` where the bus does not end the access, or the line is bad: then nobody knows
 */
export async function identifyCore(access: DebugAccess): Promise<CoreIdentity | undefined> {
  const cpuid = await readWord(access, SCS.CPUID).catch((error: unknown) => {
    if (!isRefusedByBus(error)) throw error;
    return undefined;
  });
  if (cpuid === undefined || cpuid >>> 24 !== 0x41) return undefined;
  const part = (cpuid >>> 4) & 0xfff;
  const name = CORE_NAMES[part] ?? `Cortex core 0x${part.toString(16).toUpperCase()}`;
  return { name, cpuid, pageBytes: LARGE_PAGES.includes(part) ? 4096 : 1024 };
}

export interface ChipSignature {
  /** 12 bits; absent where no chip of the table has what was read. */
  readonly devId?: number;
  /** Bits 31–16 of DBGMCU_IDCODE. */
  readonly revision?: number;
  /** Every row with this DEV_ID. */
  readonly chips: readonly Chip[];
}

/** Early STM32F40x say that they are F2 (errata ES0182); their core is an M4. */
const F2_DEV_ID = 0x411;
const F4_DEV_ID = 0x413;

/** Asks every place at which some chip of the table tells its DEV_ID. */
export async function identifyChip(access: DebugAccess, core: CoreIdentity): Promise<ChipSignature> {
  const places = new Set(CHIPS.flatMap(idCodeAddresses));
  for (const address of places) {
    const idCode = await orUndefined(readWord(access, address));
    if (idCode === undefined) continue;
    const read = idCode & 0xfff;
    const devId = read === F2_DEV_ID && core.name === 'Cortex-M4' ? F4_DEV_ID : read;
    const chips = findChipsByDevId(devId).filter((chip) => idCodeAddresses(chip).includes(address));
    if (chips.length > 0) return { devId, revision: idCode >>> 16, chips };
  }
  return { chips: [] };
}

/** @returns bytes of flash; `undefined` where the chip does not tell them, or not where the table says */
export async function readFlashBytes(access: DebugAccess, { flashSizeAddress }: Chip): Promise<number | undefined> {
  if (flashSizeAddress === undefined) return undefined;
  const bytes = await orUndefined(access.readMemory(flashSizeAddress, 2));
  if (!bytes) return undefined;
  const kilobytes = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  return kilobytes === 0 || kilobytes === 0xffff ? undefined : kilobytes * 1024;
}

const USUAL_UID_OFFSETS = [0, 4, 8] as const;

/** @returns 24 hex digits; `undefined` where the chip does not tell it */
export async function readChipUid(access: DebugAccess, { uidAddress, uidOffsets }: Chip): Promise<string | undefined> {
  if (uidAddress === undefined) return undefined;
  const offsets = uidOffsets ?? USUAL_UID_OFFSETS;
  const bytes = await orUndefined(access.readMemory(uidAddress, Math.max(...offsets) + 4, { width: 4 }));
  if (!bytes) return undefined;
  const words = wordsAt(bytes, offsets);
  return words.every((word) => word === 0xffff_ffff) ? undefined : uidText(words);
}

/** Where the bus refuses, there is nothing to be read. */
async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'probe/refused')) return undefined;
    throw error;
  }
}
