/** What the option bytes say of read and write protection, in a line. Reads only. */
import { readProtectionName } from '@sureflash/chips';
import { type Device, hasCode } from '@sureflash/programmer';
import { readOptionBytes, sectorProtection } from '@sureflash/programmer/option-bytes';
import { defined } from '../base/defined.ts';
import { count } from '../render/words.ts';

export interface ProtectionState {
  /** Level 0 is open; `refused` where every read is refused; absent where the option bytes do not tell. */
  readonly readOut?: string;
  /** Numbers of the sectors of flash that are closed against writing; absent where nothing tells it. */
  readonly writeProtected?: readonly number[];
}

/** @returns what is known of it; empty where the device shows no option bytes that are understood */
export async function readProtectionState(device: Device): Promise<ProtectionState> {
  if (device.about.readings?.readProtected) return { readOut: 'refused' };
  try {
    const state = await readOptionBytes(device);
    const flash = device.target.geometry.find(({ kind }) => kind === 'flash');
    const readOut = readProtectionName(state.layout, state.fields);
    const tellsWriting = state.layout.writeProtection !== undefined && flash !== undefined;
    return {
      ...defined({ readOut }),
      ...(tellsWriting && {
        writeProtected: sectorProtection(state, flash, device.about.chips).protected.map(({ index }) => index),
      }),
    };
  } catch (error) {
    await device.target.settle();
    if (hasCode(error, 'device/read-protected')) return { readOut: 'refused' };
    if (hasCode(error, 'option-bytes/absent') || hasCode(error, 'option-bytes/unknown')) return {};
    throw error;
  }
}

/** `none: read-out level 0, no sector closed against writing` */
export function protectionText({ readOut, writeProtected }: ProtectionState): string {
  if (readOut === 'refused') return 'read-protected: it refuses every read';
  if (readOut === undefined && writeProtected === undefined) return 'not told: no option bytes that are understood';
  const closed =
    writeProtected === undefined || writeProtected.length === 0
      ? 'no sector closed against writing'
      : `${count(writeProtected.length, 'sector')} closed against writing, the first is ${writeProtected[0]}`;
  return [...(readOut === undefined ? [] : [`read-out protection ${readOut}`]), closed].join(', ');
}
