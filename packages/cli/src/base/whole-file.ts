/** Reads all of a file, a pipe or a device: never more than fits, and never so that nothing could end it. */
import { close, constants, fstat, open, read, type Stats } from 'node:fs';
import { promisify } from 'node:util';

/** A debug build with its symbols has some tens of MB; the flash of an STM32 at most 4 MB. */
const MOST_FILE_CONTENT = 96 * 1024 * 1024;
/** Where the length is not known before. */
const READ_AT_ONCE = 64 * 1024;
/** Windows has no such flag, and no such pipes. */
const NO_WAITING = constants.O_NONBLOCK ?? 0;

/** @throws what the file system throws; an Error with the code EFBIG for more than 96 MB; `signal.reason` */
export async function readWholeFile(path: string, signal: AbortSignal): Promise<Uint8Array> {
  const fd = await promisify(open)(path, constants.O_RDONLY | NO_WAITING);
  const found = await promisify(fstat)(fd);
  // A pipe is read as the system tells that there is something: a blocked read could not be ended.
  if (found.isFIFO()) {
    const { Socket } = await import('node:net');
    return await collect(new Socket({ fd, readable: true, writable: false }), signal);
  }
  try {
    return await readRest(fd, found, signal);
  } finally {
    await promisify(close)(fd);
  }
}

/** All that a stream has. @throws as `readWholeFile`; the stream is destroyed then */
export async function collect(
  stream: NodeJS.ReadableStream & { destroy(error?: Error): unknown },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const stop = (): void => void stream.destroy(new Error('interrupted'));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > MOST_FILE_CONTENT) throw tooLarge();
      chunks.push(bytes);
    }
    return new Uint8Array(Buffer.concat(chunks, size));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function readRest(fd: number, found: Stats, signal: AbortSignal): Promise<Uint8Array> {
  if (found.size > MOST_FILE_CONTENT) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    signal.throwIfAborted();
    // One byte more than is expected shows the end without another look.
    const room = Buffer.allocUnsafe(Math.max(READ_AT_ONCE, found.size - size + 1));
    const { bytesRead } = await promisify(read)(fd, room, 0, room.length, null);
    if (bytesRead === 0) break;
    size += bytesRead;
    if (size > MOST_FILE_CONTENT) throw tooLarge();
    chunks.push(room.subarray(0, bytesRead));
  }
  const [only] = chunks;
  const whole = chunks.length === 1 && only ? only : Buffer.concat(chunks, size);
  // Without a copy: a large file would be there twice.
  return new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength);
}

function tooLarge(): Error {
  return Object.assign(new Error(`more than ${MOST_FILE_CONTENT / 1024 / 1024} MB`), { code: 'EFBIG' });
}
