import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { JSON_SCHEMA_VERSION } from './render/json-line.ts';
import { example, fakeIo, sureflash } from './testing/harness.ts';

const schema: unknown = JSON.parse(readFileSync(new URL('../json-lines.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, strictRequired: false });
const fits = ajv.compile(Object(schema));

const ELF = example('dashboard-v2.elf');
const OLD = example('dashboard-v1.hex');
const ROM = '--virtual stm32f105-rom --instant';

/** One of every kind of run, with the types of its lines that must be among them. */
const RUNS: readonly (readonly [words: string, ...types: string[]])[] = [
  [
    `program ${ELF} ${ROM} --load ${OLD} --report r.html`,
    'file',
    'device',
    'check',
    'evidence',
    'plan',
    'progress',
    'report',
  ],
  [`program ${ELF} --virtual stm32f105-cubemx-stub --instant`, 'result'],
  [`program ${ELF} --virtual stm32f105-cubemx-stub --instant --force`, 'progress', 'result'],
  [`program ${ELF} --virtual stm32f407-rom --instant --supply 3.3 --force`, 'supply'],
  ['program settings.bin --at 0x08080000 --virtual stm32l072-rom --instant', 'memory'],
  [`plan ${ELF} ${ROM}`, 'plan'],
  [`verify ${ELF} ${ROM} --load ${OLD}`, 'result'],
  [`doctor ${ELF} ${ROM}`, 'result'],
  ['doctor --virtual stm32f105-cubemx-stub --instant', 'result'],
  [`info ${ROM}`, 'device'],
  [`read x.bin --range 0x08000000+1K ${ROM}`, 'progress'],
  [`read 0x08000000+64 ${ROM}`, 'result'],
  [`write 0x08003000 0x12345678 ${ROM}`, 'progress', 'result'],
  [`fill 0x08003000+64 0x55 ${ROM}`, 'result'],
  [`blank-check ${ROM}`, 'result'],
  [`blank-check ${ROM} --load ${OLD}`, 'result'],
  [`watch ${ELF} --rounds 1 ${ROM}`, 'round', 'result'],
  [`dfu-util -s 0x08000000:leave -D settings.bin ${ROM} --load ${OLD}`, 'plan', 'result'],
  [`erase --sectors 1-2 ${ROM}`, 'plan'],
  [`erase --range 0x08000010+16 ${ROM}`, 'plan'],
  [`compare ${ELF} ${OLD}`, 'result'],
  [`checksum ${ELF}`, 'result'],
  [`leave ${ROM} --load ${OLD}`, 'result'],
  [`option-bytes show ${ROM}`, 'result'],
  ['option-bytes set BOR_LEV=0 --yes --virtual stm32f407-rom --instant', 'plan'],
  ['unprotect --yes --virtual stm32f105-rom-rdp1 --instant', 'plan'],
  [`check ${ELF}`, 'file'],
  ['convert settings.bin x.hex --at 0x08000000', 'result'],
  ['merge settings.bin@0x08000000 settings.bin@0x08000100 x.hex', 'file'],
  ['chips', 'chip'],
  ['explain', 'cause'],
  ['explain stub-media', 'result'],
  ['virtual --all', 'scenario'],
  ['demo --instant', 'times', 'executed'],
  ['program settings.bin --at 0x08008000 --for-loader --virtual stm32f105-rom --instant', 'seal', 'result'],
  ['list', 'result'],
  ['program', 'result'],
];

describe('the lines of --json', () => {
  it.each(RUNS)('of "%s" are as the schema says', async (words, ...types) => {
    const io = fakeIo({ files: [['settings.bin', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)]] });
    const { json } = await sureflash(`${words} --json`, io);
    for (const line of json) expect(fits(line) ? [] : [line, ajv.errorsText(fits.errors)]).toEqual([]);
    expect(json.map(({ type }) => type)).toEqual(expect.arrayContaining(types));
    expect(json.at(-1)).toMatchObject({ type: 'result', schema: JSON_SCHEMA_VERSION });
  });

  it('have no progress with --quiet', async () => {
    const { json } = await sureflash(`program ${ELF} ${ROM} --json --quiet`);
    expect(json.map(({ type }) => type)).toEqual(['file', 'device', 'check', 'evidence', 'plan', 'result']);
  });

  it('round times to a thousandth', async () => {
    const { result } = await sureflash(`program ${ELF} ${ROM} --json --quiet`);
    expect(String(result['tookMs'])).toMatch(/^\d+(\.\d{1,3})?$/);
  });
});
