import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { example } from './testing/harness.ts';

const BIN = fileURLToPath(new URL('../bin/sureflash.js', import.meta.url));
const ELF = example('dashboard-v2.elf');

interface RealRun {
  readonly code: number | string;
  readonly err: string;
}

/** @param signals sent one after the other, with this many ms between, when the plan is told */
async function realRun(args: readonly string[], signals: readonly NodeJS.Signals[] = [], gapMs = 0): Promise<RealRun> {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  let hasBegun = false;
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
    if (hasBegun || !err.includes('Plan')) return;
    hasBegun = true;
    for (const [i, signal] of signals.entries()) setTimeout(() => child.kill(signal), i * gapMs);
  });
  return await new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code: code ?? signal ?? '', err })),
  );
}

describe.skipIf(platform() === 'win32')('the real program', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    'ends at %s with 130 and the device at rest',
    async (signal) => {
      const { code, err } = await realRun(['program', ELF, '--virtual', 'stm32f105-rom'], [signal]);
      expect(err).toContain('Stopped      Interrupted. The device is at rest');
      expect(code).toBe(130);
    },
  );

  it('takes a closing terminal, which sends SIGHUP twice, for one wish to stop', async () => {
    const { code, err } = await realRun(['program', ELF, '--virtual', 'stm32f105-rom'], ['SIGHUP', 'SIGHUP'], 30);
    expect(err).toContain('Stopped      Interrupted. The device is at rest');
    // The second one may come when the program is about to end anyway.
    expect([130, 'SIGHUP']).toContain(code);
  });

  it('does not wait for the device after a second Ctrl-C', async () => {
    // The erase of a sector of 128 KB takes a second, which nothing ends but the process itself.
    const { code, err } = await realRun(
      ['program', example('dashboard-v2.elf'), '--virtual', 'faulty-stuck-busy', '--force'],
      ['SIGINT', 'SIGINT'],
      400,
    );
    expect(code).toBe(130);
    expect(err).toContain('Stopped');
  });
});

describe.skipIf(platform() !== 'linux')('standard output on a full disk', () => {
  const full = async (args: readonly string[]): Promise<RealRun> => {
    const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] });
    let err = '';
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    return await new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? '', err })));
  };

  it.each([
    ['checksum', ELF],
    ['completion', 'bash'],
    ['chips', '--json'],
  ])('is an error for %s %s', async (...args) => {
    const { code, err } = await full(args);
    expect(code).toBe(5);
    expect(err).toMatch(/Standard output could not be written: .*no space left.* \[cli\/file\]/);
  });

  it('does not change the exit code of a run that failed for another reason', async () => {
    expect((await full(['checksum', '/no/such/file.hex', '--json'])).code).toBe(5);
    expect((await full(['verify', ELF, '--virtual', 'stm32f105-rom', '--instant', '--json'])).code).toBe(7);
  });
});
