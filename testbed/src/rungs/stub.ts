/**
 * The board of the problem thread: a program with the DFU class as CubeMX generates it, whose erase and write say OK and do
 * nothing. dfu-util is stopped by the map or fooled past it; sureflash is fooled by neither.
 */
import assert from 'node:assert/strict';
import type { Bench } from '../lib/bench.ts';
import { assertFlash } from '../lib/bytes.ts';
import type { Checks } from '../lib/checks.ts';
import { FIRMWARE, FOLDER, handOver, small, v1 } from '../lib/files.ts';
import type { Ended } from '../lib/guest.ts';
import { assertEnd, sureflash } from '../lib/programmer.ts';
import { Transcript, type TranscriptOptions } from '../lib/transcript.ts';

const STUB = 'stm32f105-cubemx-stub';
const V2 = FIRMWARE.replace('v1', 'v2');

export async function stub(bench: Bench, checks: Checks, options: TranscriptOptions): Promise<void> {
  const { guest } = bench;
  const transcript = new Transcript(`dfu-util-${STUB}`, options);
  checks.area('the board of the thread: the class as CubeMX generates it');
  await handOver(guest, { 'small.bin': small });
  const { board, place } = await bench.plug(STUB, { flash: v1 });
  const dfuUtil = async (name: string, command: string): Promise<Ended> => {
    const ended = await guest.run(command);
    transcript.expect(name, command, ended);
    return ended;
  };

  await checks.check('dfu-util refuses 0x08000000: the map marks it read-only', async () => {
    const { err, status } = await dfuUtil('at the start', `dfu-util -a 0 -s 0x08000000 -D ${FOLDER}/small.bin`);
    assert.match(err, /Last page at 0x08004fff is not writeable/);
    assert.notEqual(status, 0);
  });
  await checks.check('dfu-util is fooled from 0x0800C000 up: success, and nothing is written', async () => {
    const { out, status } = await dfuUtil('behind it', `dfu-util -a 0 -s 0x0800C000 -D ${FOLDER}/small.bin`);
    assert.match(out, /File downloaded successfully/);
    assert.equal(status, 0);
    assertFlash(board, v1);
  });
  await checks.check('sureflash refuses: plan/doubtful, exit 6, and neither erases nor writes', async () => {
    place.forget();
    let downloads = 0;
    place.intercept = ({ requestType, request, value }) => {
      if (requestType === 0x21 && request === 1 && value >= 2) downloads += 1;
      return false;
    };
    const ended = await sureflash(guest, `program ${V2}.elf`);
    assertEnd(ended, 6, 'plan/doubtful');
    assert.ok(ended.result.diagnosis, 'no diagnosis');
    assert.equal(downloads, 0);
    place.forget();
  });
  await checks.check('sureflash --force finds out: verify/mismatch, exit 7', async () => {
    assertEnd(await sureflash(guest, `program ${V2}.elf --force`), 7, 'verify/mismatch');
    assertFlash(board, v1);
  });
  await checks.check('sureflash refuses behind the read-only part as well', async () => {
    assertEnd(await sureflash(guest, `program ${FOLDER}/small.bin --at 0x0800C000`), 6, 'plan/doubtful');
  });
  await bench.unplug();
}
