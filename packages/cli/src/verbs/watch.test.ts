import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { example, type FakeIo, fakeIo, sureflash } from '../testing/harness.ts';

const V1 = new Uint8Array(await readFile(example('dashboard-v1.elf')));
const V2 = new Uint8Array(await readFile(example('dashboard-v2.elf')));
const ROM = '--virtual stm32f105-rom --instant';

/** Gives the file each content in turn, as soon as the round before has been told. */
function building(builds: readonly Uint8Array[]): FakeIo {
  const io = fakeIo();
  const left = [...builds];
  const next = (): void => {
    const build = left.shift();
    if (build) io.files.set('app.elf', build);
  };
  next();
  const onWrite = (text: string): void => {
    if (/Verified|Unchanged|"type":"round"|waiting for the next build/.test(text)) next();
  };
  io.out.onWrite = onWrite;
  io.err.onWrite = onWrite;
  return io;
}

describe('sureflash watch', () => {
  it('programs each new build with one line, onto the same board', async () => {
    const { out, err, code } = await sureflash(`watch app.elf --rounds 2 ${ROM}`, building([V1, V2]));
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^Verified {5}\d\d:\d\d:\d\d {2}0 sectors erased, 117\.1 KB written, 117\.1 KB read back/),
      expect.stringMatching(/^Verified {5}\d\d:\d\d:\d\d {2}3 sectors erased, 5\.1 KB written, 118 KB read back/),
      '',
    ]);
    expect(err).toMatch(/^Watching {5}app\.elf; Ctrl-C ends it$/m);
    expect(err).toMatch(/^Ended {8}after 2 rounds$/m);
    expect(code).toBe(0);
  });

  it('survives a half-written file and says what is wrong with it', async () => {
    const half = V1.slice(0, 5000);
    const { out, err, code } = await sureflash(`watch app.elf --rounds 3 ${ROM}`, building([V1, half, V2]));
    expect(out.match(/^Verified/gm)).toHaveLength(2);
    expect(err).toMatch(/app\.elf: .*\[image\//);
    expect(err).toContain('waiting for the next build');
    expect(code).toBe(0);
  });

  it('goes on after a device that refuses', async () => {
    const stub = '--virtual stm32f105-cubemx-stub --instant';
    const { result, json, code } = await sureflash(`watch app.elf --rounds 1 --json ${stub}`, building([V1]));
    expect(json.at(-2)).toMatchObject({ type: 'round', ok: false, code: 'plan/doubtful' });
    expect(result).toMatchObject({ ok: false, rounds: 1, failed: 1 });
    expect(code).toBe(6);
  });

  it.each([
    ['a build that cannot be read', 5, [V1, V2.slice(0, 9_000)]],
    ['a good build, after one that cannot be read', 0, [V2.slice(0, 9_000), V1]],
  ])('ends with the exit code of its last round: %s', async (_, expected, builds) => {
    const { err, code } = await sureflash(`watch app.elf --rounds 2 ${ROM}`, building(builds));
    expect(err).toMatch(/^Ended {8}after 2 rounds, 1 of them failed$/m);
    expect(code).toBe(expected);
  });

  it('starts the program after each round where it is asked to', async () => {
    const { json } = await sureflash(`watch app.elf --rounds 2 --leave --json ${ROM}`, building([V1, V2]));
    expect(json.filter(({ type }) => type === 'round')).toMatchObject([{ left: true }, { left: true }]);
  });

  it('ends well when it is stopped between two rounds', async () => {
    const io = building([V1]);
    const before = io.out.onWrite;
    io.out.onWrite = (text) => {
      before(text);
      io.stop();
    };
    expect(await sureflash(`watch app.elf ${ROM}`, io)).toMatchObject({ code: 0 });
    expect(io.err.text).toMatch(/^Ended {8}after 1 round$/m);
  });

  it.each([
    ['watch -', /Standard input cannot be watched/],
    ['watch app.elf --rounds 0', /not a number of rounds/],
    ['watch app.bin', /--at 0x08000000/],
  ])('refuses "%s"', async (words, message) => {
    const io = fakeIo({ files: [['app.bin', Uint8Array.of(1, 2, 3)]] });
    const { err, code } = await sureflash(`${words} ${ROM}`, io);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
