import { execFileSync } from 'node:child_process';
import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readWholeFile } from './whole-file.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'sureflash-'));
const never = new AbortController().signal;

afterAll(async () => await rm(FOLDER, { recursive: true }));

describe('a file that is read', () => {
  it('is there as it is, the empty one too', async () => {
    const path = join(FOLDER, 'a');
    const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i & 0xff);
    writeFileSync(path, bytes);
    expect(await readWholeFile(path, never)).toEqual(bytes);
    writeFileSync(path, '');
    expect(await readWholeFile(path, never)).toEqual(new Uint8Array(0));
  });

  it('is refused unread where it has more than 96 MB', async () => {
    const path = join(FOLDER, 'large');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 33);
    await expect(readWholeFile(path, never)).rejects.toMatchObject({ code: 'EFBIG' });
  });

  it.each(['ENOENT', 'EISDIR'])('is refused with %s', async (code) => {
    const path = code === 'ENOENT' ? join(FOLDER, 'nobody') : FOLDER;
    await expect(readWholeFile(path, never)).rejects.toMatchObject({ code });
  });
});

describe.skipIf(platform() !== 'linux')('an input without a length', () => {
  it('is refused when it does not end', async () => {
    await expect(readWholeFile('/dev/zero', never)).rejects.toMatchObject({ code: 'EFBIG' });
  });

  it('is empty where it is', async () => {
    expect(await readWholeFile('/dev/null', never)).toEqual(new Uint8Array(0));
  });

  it('is waited for where it is a pipe that somebody will write', async () => {
    const path = join(FOLDER, 'pipe');
    execFileSync('mkfifo', [path]);
    const reading = readWholeFile(path, never);
    const { writeFile } = await import('node:fs/promises');
    await writeFile(path, 'late');
    expect(new TextDecoder().decode(await reading)).toBe('late');
  });

  it('is given up at Ctrl-C where it is a pipe that nobody writes', async () => {
    const path = join(FOLDER, 'silent');
    execFileSync('mkfifo', [path]);
    const stop = new AbortController();
    const reading = readWholeFile(path, stop.signal);
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});
