import { describe, expect, it } from 'vitest';
import { fakeIo, sureflash } from '../testing/harness.ts';

const ALTERNATE = {
  number: 0,
  interfaceClass: 254,
  interfaceSubclass: 1,
  interfaceProtocol: 2,
  name: '@Internal Flash  /0x08000000/128*002Kg',
};
const HEADER = {
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
  alternates: [ALTERNATE],
  configurationDescriptor: '09022400010100c0320904000000fe0102040904000100fe01020509210bff0000081a01',
};
const runs = (count: number): string => `@F/0x08000000/${Array.from({ length: count }, () => '9999*1 g').join(',')}`;

/** @returns exit code and code of the error for a trace with this header and these lines */
async function replayed(header: unknown, ...lines: readonly unknown[]): Promise<readonly [number, unknown]> {
  const text = [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
  const { code, result } = await sureflash('info --replay t.jsonl --json', fakeIo({ files: [['t.jsonl', text]] }));
  return [code, result['code']];
}

const FORGED = '\u001b[31m\nVerified     all\u202e';

it('a trace shows no text of its own as what this program says', async () => {
  const identity = { ...HEADER.identity, vendorId: 0x1209, productId: 1, product: FORGED, serial: FORGED };
  const alternates = [{ ...ALTERNATE, name: `@Flash /0x08000000/8*1Kg${FORGED}` }];
  const error = { code: 'usb/transfer', facts: { detail: FORGED } };
  const failed = {
    type: 'in',
    at: 0,
    ms: 0,
    setup: { requestType: 'class', recipient: 'interface', request: 3, value: 0, index: 0 },
    error,
  };
  const text = [{ ...HEADER, identity, alternates }, failed].map((line) => `${JSON.stringify(line)}\n`).join('');
  for (const verb of ['info', 'doctor', 'read out.bin']) {
    const { out, err } = await sureflash(`${verb} --replay t.jsonl`, fakeIo({ files: [['t.jsonl', text]] }));
    expect(out + err).not.toMatch(/^Verified|\p{Cf}/mu);
    expect(out + err).not.toContain('\u001b');
    expect(out + err).toContain('\\u{1b}');
  }
});

describe('a trace that nobody recorded', () => {
  it.each([
    ['an alternate that is null', { alternates: [null] }],
    ['an alternate that is a number', { alternates: [1] }],
    ['an alternate whose name is a number', { alternates: [{ ...ALTERNATE, name: 5 }] }],
    ['an alternate without a name', { alternates: [{ ...ALTERNATE, name: undefined }] }],
    ['an alternate without a class', { alternates: [{ number: 0, name: '' }] }],
    ['a name of 20 MB', { alternates: [{ ...ALTERNATE, name: 'x'.repeat(20_000_000) }] }],
    ['65,535 runs in one name', { alternates: [{ ...ALTERNATE, name: runs(65_535) }] }],
    ['20,000 alternates', { alternates: Array.from({ length: 20_000 }, () => ALTERNATE) }],
    ['a product that is a number', { identity: { ...HEADER.identity, product: 5 } }],
    ['an identity that is a list', { identity: [] }],
    ['an identity without ids', { identity: {} }],
    ['a configuration of 20 MB', { configurationDescriptor: '09'.repeat(20_000_000) }],
  ])('is refused with its line for %s', async (_, change) => {
    expect(await replayed({ ...HEADER, ...change })).toEqual([5, 'cli/trace']);
  });

  it.each([
    ['a setup packet that is text', { type: 'in', at: 0, ms: 0, setup: 'x', data: '' }],
    ['a setup packet that is null', { type: 'in', at: 0, ms: 0, setup: null, data: '' }],
    ['a time that is text', { type: 'in', at: '0', ms: 0, data: '' }],
    ['a negative time', { type: 'in', at: 0, ms: -5, data: '' }],
    ['an error that is nobody knows', { type: 'in', at: 0, ms: 0, error: { code: 'nobody/knows', facts: {} } }],
    ['an error without facts', { type: 'in', at: 0, ms: 0, error: { code: 'usb/stall', facts: null } }],
  ])('is refused with its line for %s', async (_, line) => {
    expect(await replayed(HEADER, line)).toEqual([5, 'cli/trace']);
  });

  it('is refused before it is taken apart where it is larger than any run', async () => {
    const io = fakeIo({ files: [['t.jsonl', new Uint8Array(32 * 1024 * 1024 + 1)]] });
    const { code, result } = await sureflash('info --replay t.jsonl --json', io);
    expect([code, result['code']]).toEqual([5, 'cli/trace']);
  });

  it.each([
    ['empty lines', '\n'.repeat(100_000), 2],
    ['a line longer than any', `${' '.repeat(1_100_000)}{}`, 2],
    ['brackets, a million deep', '['.repeat(1_000_000), 2],
    ['more transfers than any run', `${JSON.stringify({ type: 'reset', at: 0, ms: 0 })}\n`.repeat(200_001), 200_001],
  ])('is refused with its line for %s', async (_, more, line) => {
    const io = fakeIo({ files: [['t.jsonl', `${JSON.stringify(HEADER)}\n${more}x`]] });
    const { code, result } = await sureflash('info --replay t.jsonl --json', io);
    expect([code, result['code'], result['facts']]).toMatchObject([5, 'cli/trace', { line }]);
  });

  it('is a device of its map where the map has more sectors than any chip', async () => {
    const many = Array.from({ length: 200 }, (_, number) => ({ ...ALTERNATE, number, name: runs(13).slice(0, 126) }));
    const [code] = await replayed({ ...HEADER, alternates: many });
    expect([3, 6]).toContain(code);
  });
});
