/** One small read at any address, where a refusal is an answer. It leaves the loader at rest and knows no chip. */
import { FlashError, isFlashError } from '../errors.ts';
import { type DfuSession, dataBlock } from './session.ts';

/** `refused`: what the device said instead of the bytes. */
export type Peeked =
  | { readonly bytes: Uint8Array; readonly refused?: undefined }
  | { readonly bytes?: undefined; readonly refused: string };

export type Peek = (address: number, length: number) => Promise<Peeked>;

/** AN3156 §5.1 tells which memories a ROM reads; beyond them it answers errTARGET, under read protection errVENDOR. */
export function peekThrough(session: DfuSession): Peek {
  return async (address, length) => {
    try {
      await session.toIdle();
      const { ready } = await session.pointTo(address);
      const reading = session.readBlock(dataBlock(0), length, address);
      const bytes = await behind(ready, reading, () => session.isSilent);
      return bytes.length === length ? { bytes } : { refused: `${bytes.length} of ${length} bytes` };
    } catch (error) {
      const refused = isFlashError(error) ? refusalOf(error) : undefined;
      if (refused === undefined) throw error;
      return { refused };
    } finally {
      await session.toIdle();
    }
  };
}

/** What was asked for behind something that fails has been refused by then, unless the device is silent. */
async function behind<T>(ready: Promise<void>, reading: Promise<T>, isSilent: () => boolean): Promise<T> {
  reading.catch(() => undefined);
  try {
    await ready;
  } catch (error) {
    if (!isSilent()) await Promise.allSettled([reading]);
    throw error;
  }
  return await reading;
}

function refusalOf(error: FlashError): string | undefined {
  if (error.code === 'usb/stall') return 'a stall';
  if (error.code === 'dfu/protocol') return 'another state';
  return error instanceof FlashError && 'status' in error.facts ? error.facts.status : undefined;
}
