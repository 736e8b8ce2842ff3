/** `checksum`: CRC-32 and SHA-256 of a firmware file's content, or of a device's memory. Reads only. */

import { createHash } from 'node:crypto';
import { crc32 } from '@sureflash/image';
import { hex, read } from '@sureflash/programmer';
import { usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { parseRange } from '../base/numbers.ts';
import { FILE_OPTIONS, FORMAT, FORMATS } from '../declare/options.ts';
import { optional, parsed, verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS, INSTEAD_OF_DEVICE } from '../device/options.ts';
import { loadFirmware } from '../files/firmware-file.ts';
import { remarkDoubts } from '../parts/doubts.ts';
import { refuseTooMuch } from '../parts/read-limit.ts';
import { withDevice } from '../parts/with-device.ts';
import type { Context } from '../render/context.ts';
import { rangeText } from '../render/plan.ts';
import { progressView } from '../render/progress.ts';
import { size } from '../render/words.ts';

export const checksumVerb = verb({
  operands: { file: optional(FORMATS, INSTEAD_OF_DEVICE) },
  options: {
    at: FILE_OPTIONS.at,
    range: parsed('<range>', 'of this range; without a file, of the device', parseRange),
    format: FORMAT,
    ...DEVICE_OPTIONS,
  },
  examples: [
    ['sureflash checksum app.elf', 'of what it puts into memory'],
    ['sureflash checksum --range 0x08000000+64K', 'of the board plugged in'],
  ],
  /**
   * With a file, of every segment of it; with a range, of the device there. With both, of the file in that range, where
   * what the file leaves open counts as 0xFF.
   */
  run: async (context, { file: path }, { range, at, format, ...options }) => {
    if (range) refuseTooMuch([range]);
    if (path !== undefined) {
      const { image } = await loadFirmware(context.io, path, {
        ...defined({ at, format }),
      });
      const parts = range ? [{ address: range.start, bytes: image.read(range) }] : image.segments;
      showChecksums(context, parts, path);
      return;
    }
    if (!range)
      throw usage(
        'A checksum needs a file or a range.',
        'Give the path of a file, or a range of the device: --range 0x08000000+64K.',
      );
    await withDevice(context, options, async (device) => {
      const view = progressView(context, device.clock);
      const shared = { signal: context.io.signal, onProgress: view.onProgress };
      const { segments } = await read(device, range, shared).finally(() => view.end());
      await remarkDoubts(context, device, [range]);
      showChecksums(context, segments, device.where);
    });
  },
});

function showChecksums(context: Context, parts: readonly { address: number; bytes: Uint8Array }[], name: string): void {
  const sums = parts.map(({ address, bytes }) => ({
    start: address,
    end: address + bytes.length,
    crc32: hex(crc32(bytes)),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  for (const sum of sums) {
    context.print(`${rangeText(sum)}  ${size(sum.end - sum.start)}`);
    context.print(`  CRC-32   ${sum.crc32}`);
    context.print(`  SHA-256  ${sum.sha256}`);
  }
  context.emit({ type: 'result', ok: true, name, checksums: sums });
}
