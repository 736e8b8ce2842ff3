/** One small read at any address, where a refusal is an answer. It leaves the loader at rest and knows no chip. */
import { FlashError, hasCode, isFlashError } from '../../errors.ts';
import { readBlocks } from './read-ahead.ts';
import { type DfuSession, dataBlock } from './session.ts';

/** The bytes, or `refused`: the device's answer instead, in words. */
export type ReadAnswer =
  | { readonly bytes: Uint8Array; readonly refused?: undefined }
  | { readonly bytes?: undefined; readonly refused: string };

export type ReadAt = (address: number, length: number) => Promise<ReadAnswer>;

/**
 * @returns a function that reads a few bytes at any address. AN3156 §5.1 tells which memories a ROM reads; elsewhere it
 * answers errTARGET, under read protection errVENDOR.
 */
export function readAtThrough(session: DfuSession): ReadAt {
  return async (address, length) => {
    try {
      await session.toIdle();
      const { ready } = await session.pointTo(address);
      const blocks = readBlocks({
        range: { start: address, end: address + length },
        length,
        ready,
        ahead: 1,
        read: async () => await session.readBlock(dataBlock(0), length, { address, checked: false }),
        signal: undefined,
        isSilent: () => session.isSilent,
      });
      for await (const { bytes } of blocks) return { bytes };
      return { refused: 'nothing' };
    } catch (error) {
      const refused = isFlashError(error) ? refusalOf(error) : undefined;
      if (refused === undefined) throw error;
      return { refused };
    } finally {
      await session.toIdle();
    }
  };
}

function refusalOf(error: FlashError): string | undefined {
  if (error.code === 'usb/stall') return 'a stall';
  if (error.code === 'dfu/protocol') return 'another state';
  if (hasCode(error, 'read/short')) return `${error.facts.found} of ${error.facts.expected} bytes`;
  return error instanceof FlashError && 'status' in error.facts ? error.facts.status : undefined;
}
