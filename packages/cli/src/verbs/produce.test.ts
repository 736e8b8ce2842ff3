import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { example, type FakeIo, fakeIo, sureflash } from '../testing/harness.ts';

const schema: unknown = JSON.parse(await readFile(new URL('../../json-lines.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, strictRequired: false });
const fits = ajv.compile(Object(schema));

const ELF = example('dashboard-v1.elf');

/** Runs `work` beside `sureflash virtual …`, whose boards it finds at `address`. */
async function beside<T>(scenarios: string, work: (address: string, server: FakeIo) => Promise<T>): Promise<T> {
  const io = fakeIo();
  const listening = new Promise<string>((resolve) => {
    io.out.onWrite = () => {
      const found = /--usbip (\S+:\d+)\/1-1/.exec(io.out.text)?.[1];
      if (found !== undefined) resolve(found);
    };
  });
  const ended = sureflash(`virtual ${scenarios} --port 0`, io);
  try {
    return await work(await Promise.race([listening, ended.then(({ err }) => Promise.reject(new Error(err)))]), io);
  } finally {
    io.stop();
    await ended;
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const text = (io: FakeIo, path: string): string => new TextDecoder().decode(io.files.get(path));

describe('produce', () => {
  it('programs every board that is there, gives each a number of its own, and keeps a record', async () => {
    await beside('stm32g431-rom stm32l476-rom', async (address) => {
      const earlier = '{"type":"unit","earlier":true}\n';
      const data = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
      const io = fakeIo({
        files: [
          ['units.jsonl', earlier],
          ['data.bin', data],
        ],
      });
      const words = `produce data.bin --at 0x08008000 --boards 2 --usbip ${address} --log units.jsonl`;
      const { json, code } = await sureflash(`${words} --number-at 0x0801FF00 --number-from 1000 --json`, io);
      expect(code).toBe(0);
      for (const line of json) expect(fits(line) ? [] : [line, ajv.errorsText(fits.errors)]).toEqual([]);
      const units = json.filter(({ type }) => type === 'unit');
      expect(new Set(units.map(({ place }) => place))).toEqual(new Set(['1-1', '1-2']));
      expect(new Set(units.map(({ number }) => number))).toEqual(new Set([1000, 1001]));
      expect(units).toMatchObject([
        { ok: true, again: false, verifiedBytes: 8192 },
        { ok: true, again: false, verifiedBytes: 8192 },
      ]);
      expect(json.at(-1)).toMatchObject({ type: 'result', ok: true, boards: 2, failures: 0 });

      const lines = text(io, 'units.jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines).toHaveLength(3);
      expect(lines[1]).toMatchObject({ type: 'unit', ok: true, sha256: sha256(data) });

      for (const { place, number } of units) {
        const board = `--usbip ${address}/${String(place)}`;
        const held = await sureflash(`read 0x0801FF00+4 word.bin --format binary ${board}`, io);
        expect(held.code).toBe(0);
        expect(Buffer.from(io.files.get('word.bin') ?? []).readUInt32LE()).toBe(number);
        io.files.delete('word.bin');
        expect(await sureflash(`verify data.bin --at 0x08008000 ${board}`, io)).toMatchObject({ code: 0 });
      }
    });
  });

  it('goes on after a board that lies, says what it is, and ends with its exit code', async () => {
    await beside('stm32f105-cubemx-stub stm32f105-rom', async (address) => {
      const { out, err, code } = await sureflash(`produce ${ELF} --boards 2 --usbip ${address}`);
      expect(out).toMatch(/^Failed {7}1-1 .*\[plan\/doubtful\]$/m);
      expect(out).toMatch(/^Verified {5}1-2 {2}.*117\.1 KB read back and equal/m);
      expect(err).toMatch(/^Ended {8}after 1 proven board, 1 failure$/m);
      expect(code).toBe(6);
    });
  });

  it('ends well when it is stopped between two boards', async () => {
    await beside('stm32f105-rom', async (address) => {
      const io = fakeIo();
      io.out.onWrite = (said) => {
        if (said.includes('Verified')) io.stop();
      };
      const { err, code } = await sureflash(`produce ${ELF} --usbip ${address}`, io);
      expect(err).toMatch(/^Ended {8}after 1 proven board$/m);
      expect(code).toBe(0);
    });
  });

  it('brings a board to rest when it is stopped in the middle of it', async () => {
    await beside('stm32f105-rom', async (address, server) => {
      const io = fakeIo();
      server.err.onWrite = (said) => {
        if (said.includes('attached by')) io.stop();
      };
      const { err, code } = await sureflash(`produce ${ELF} --usbip ${address}`, io);
      expect(code).toBe(130);
      expect(err).toMatch(/Interrupted\. The device is at rest/);
      expect(await sureflash(`program ${ELF} --usbip ${address}`)).toMatchObject({ code: 0 });
    });
  });

  it.each([
    [`produce ${ELF} --boards 0`, /"0" is not a number of boards/, 2],
    [`produce ${ELF} --number-at 0x08020000`, /A number needs its address and its first value/, 2],
    [`produce ${ELF} --number-at 0x08000100 --number-from 1`, /cannot stand at 0x08000100/, 2],
    [`produce ${ELF} --number-at 0x08020002 --number-from 1`, /cannot stand at 0x08020002/, 2],
    [`produce ${ELF} --log /no/units.jsonl`, /\/no\/units\.jsonl cannot be written/, 5],
    ['produce app.hex --log app.hex', /app\.hex/, 2],
  ])('refuses "%s" before a board is touched', async (words, message, exitCode) => {
    const io = fakeIo({ files: [['app.hex', await readFile(example('dashboard-v1.hex'))]] });
    const { err, code } = await sureflash(words, io);
    expect(err).toMatch(message);
    expect(code).toBe(exitCode);
  });
});
