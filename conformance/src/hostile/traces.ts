/** Traces that nobody recorded. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostileCase } from './hostile-case.ts';

const ALTERNATE = { number: 0, interfaceClass: 254, interfaceSubclass: 1, interfaceProtocol: 2 };
const NAME = '@Internal Flash  /0x08000000/128*002Kg';
const portLine = (more: object = {}): object => ({
  type: 'port',
  version: 1,
  identity: {
    vendorId: 0x0483,
    productId: 0xdf11,
    bcdDevice: 0x2200,
    product: 'STM32 0x418 DFU Bootloade',
    serial: 'x',
  },
  interfaceNumber: 0,
  alternates: [{ ...ALTERNATE, name: NAME }],
  configurationDescriptor: '09022400010100c0320904000000fe0102040904000100fe01020509210bff0000081a01',
  ...more,
});
const alternatesNamed = (...names: readonly string[]): object => ({
  alternates: names.map((name, number) => ({ ...ALTERNATE, number, name })),
});
const runs = (count: number): string => `@F/0x08000000/${Array.from({ length: count }, () => '9999*1 g').join(',')}`;
const status = {
  type: 'in',
  at: 0,
  ms: 0,
  setup: { requestType: 'class', recipient: 'interface', request: 3, value: 0, index: 0 },
  length: 6,
  data: '000000000200',
};
const lines = (...all: readonly object[]): string => all.map((each) => `${JSON.stringify(each)}\n`).join('');

const TEXTS: Readonly<Record<string, () => string>> = {
  'one name of 65,535 runs': () => lines(portLine(alternatesNamed(runs(65_535)))),
  '20,000 settings': () => lines(portLine(alternatesNamed(...Array.from({ length: 20_000 }, () => NAME)))),
  '250 settings of 120,000 sectors': () =>
    lines(portLine(alternatesNamed(...Array.from({ length: 250 }, () => runs(12))))),
  'a name of 20 MB': () => lines(portLine(alternatesNamed('x'.repeat(20_000_000)))),
  'a product of 20 MB of blanks': () =>
    lines(portLine({ identity: { vendorId: 1, productId: 2, product: ' '.repeat(20_000_000) } })),
  'a line of 30 MB without an end': () => `{"type":"port","x":"${'y'.repeat(30_000_000)}`,
  '30 MB of empty lines': () => `${lines(portLine())}${'\n'.repeat(30_000_000)}`,
  'brackets, ten million deep': () => '['.repeat(10_000_000),
  'objects, a million deep': () => '{"a":'.repeat(1_000_000),
  'an answer of 14 MB': () => lines(portLine(), { ...status, data: '00'.repeat(14_000_000) }),
  '200,000 transfers': () => lines(portLine()) + lines(status).repeat(200_000),
  'a million resets': () => lines(portLine()) + lines({ type: 'reset', at: 0, ms: 0 }).repeat(1_000_000),
  '33 MB': () => lines(portLine()) + ' '.repeat(33 * 1024 * 1024),
};

export const HOSTILE_TRACES: readonly HostileCase[] = Object.entries(TEXTS).map(([name, text]) => ({
  name: `a trace with ${name}`,
  verbs: ['info --replay t.jsonl'],
  make: (folder: string) => writeFileSync(join(folder, 't.jsonl'), text()),
}));
