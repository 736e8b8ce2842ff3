import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Board, VirtualClock } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { connectSource } from './device/open.ts';
import { createBoard, openBoard } from './device/virtual-board.ts';
import { loadFirmware } from './files/firmware-file.ts';
import { programDevice } from './parts/program-job.ts';
import { Context } from './render/context.ts';
import { reportProblem } from './render/problem.ts';
import { example, type FakeIo, fakeIo, sureflash } from './testing/harness.ts';
import { Screen } from './testing/screen.ts';

const ELF = example('dashboard-v2.elf');
const OLD = example('dashboard-v1.hex');
const clock = new VirtualClock();

/** `program` on a board that outlives the run. @returns the exit code */
async function programOnce(board: Board, io: FakeIo, erase: 'auto' | 'always' = 'always'): Promise<number> {
  const context = new Context(io, {});
  const source = await openBoard(board, clock, 'virtual board');
  try {
    const firmware = await loadFirmware(io, ELF, {});
    await programDevice(context, await connectSource(source, {}), { firmware, options: { erase } });
    return 0;
  } catch (error) {
    return reportProblem(context, error);
  } finally {
    await source[Symbol.asyncDispose]();
  }
}

async function contentOf(board: Board): Promise<boolean> {
  const { image } = await loadFirmware(fakeIo(), ELF, {});
  return image.segments.every(({ address, bytes }) =>
    board.flash.peek(address, bytes.length).every((byte, i) => byte === bytes[i]),
  );
}

describe('a run that is interrupted', () => {
  it.each(['Comparing', 'Programming  25 %', 'Programming  75 %', 'Verifying  '])(
    'at "%s" ends with 130 and what it means, and the next run completes',
    async (moment) => {
      const board = await createBoard(fakeIo(), 'stm32f105-rom', { clock, load: OLD });
      const io = fakeIo();
      io.err.onWrite = (text) => {
        if (text.startsWith(moment)) io.stop();
      };
      // Nothing is compared beforehand where everything is written anew.
      expect(await programOnce(board, io, moment === 'Comparing' ? 'auto' : 'always')).toBe(130);
      expect(io.err.text).toMatch(
        /Stopped {6}Interrupted\. The device is at rest; the next run completes what is missing\. \[cli\/interrupted\]\n$/,
      );
      expect(io.out.text).toBe('');
      expect(await programOnce(board, fakeIo())).toBe(0);
      expect(await contentOf(board)).toBe(true);
    },
  );

  it('leaves a clean terminal: the last state of the run, then the message', async () => {
    const io = fakeIo({ width: 80 });
    const screen = new Screen(80);
    const board = await createBoard(io, 'stm32f105-rom', { clock, load: OLD });
    io.err.onWrite = stopWhen(io, screen);
    expect(await programOnce(board, io)).toBe(130);
    const at = screen.lines.findIndex((line) => line.startsWith('Programming'));
    expect(screen.lines.slice(at + 3)).toEqual([
      'Stopped      Interrupted. The device is at rest; the next run completes what is',
      '             missing. [cli/interrupted]',
    ]);
    expect(screen.lines.filter((line) => line.startsWith('Programming'))).toHaveLength(1);
    expect(io.err.text.endsWith('\n')).toBe(true);
  });

  it('says it as JSON', async () => {
    const io = fakeIo();
    io.out.onWrite = (text) => {
      if (text.includes('"written"')) io.stop();
    };
    const { code, err, result } = await sureflash(`program ${ELF} --virtual stm32f105-rom --instant --json`, io);
    expect(code).toBe(130);
    expect(err).toBe('');
    expect(result).toMatchObject({ ok: false, code: 'cli/interrupted', exitCode: 130 });
  });

  it('ends with 0 where the wish came too late to stop anything', async () => {
    const io = fakeIo();
    io.out.onWrite = () => io.stop();
    const { code } = await sureflash(`program ${ELF} --virtual stm32f105-rom --instant`, io);
    expect(code).toBe(0);
  });
});

describe('a board that is unplugged', () => {
  it('ends the run with 6, and the next run completes', async () => {
    const board = await createBoard(fakeIo(), 'stm32f105-rom', { clock, load: OLD });
    const io = fakeIo();
    io.err.onWrite = (text) => {
      if (text.startsWith('Programming  50 %')) board.unplug();
    };
    expect(await programOnce(board, io)).toBe(6);
    expect(io.err.text).toMatch(
      /Error .*\[usb\/gone\]\n\nMost likely +The device left the bus in the middle(.|\n)*What to do\n +- Program again: sectors that are already right are kept/,
    );
    board.plug();
    while (!board.device) await clock.sleep(10);
    expect(await programOnce(board, fakeIo())).toBe(0);
    expect(await contentOf(board)).toBe(true);
  });

  it('does not claim a device at rest when it went while the run was being stopped', async () => {
    const board = await createBoard(fakeIo(), 'stm32f105-rom', { clock, load: OLD });
    const io = fakeIo();
    io.err.onWrite = (text) => {
      if (!text.startsWith('Programming  50 %')) return;
      board.unplug();
      io.stop();
    };
    expect(await programOnce(board, io)).toBe(130);
    expect(io.err.text).not.toMatch(/Stopped .*defect/);
  });
});

describe('the real program', () => {
  const bin = fileURLToPath(new URL('../bin/sureflash.js', import.meta.url));

  it('stops at SIGINT with 130', async () => {
    const child = spawn(process.execPath, [bin, 'program', ELF, '--virtual', 'stm32f105-rom'], { stdio: 'pipe' });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
      if (err.includes('Plan') && !child.killed) child.kill('SIGINT');
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(err).toContain('Stopped      Interrupted. The device is at rest');
    expect(code).toBe(130);
  });

  it.each(['--version', '-V'])('prints its version and nothing else for %s', async (option) => {
    const child = spawn(process.execPath, [bin, option], { stdio: 'pipe' });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(text).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

/** Shows what is written and stops the run when programming has begun. */
function stopWhen(io: FakeIo, screen: Screen): (text: string) => void {
  return (text) => {
    screen.write(text);
    if (text.includes('Programming')) io.stop();
  };
}
