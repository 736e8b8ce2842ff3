import { formatFirmware, MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { example, fakeIo, sureflash } from '../testing/harness.ts';

const BOARD = '--virtual stm32f105-rom --instant --force';
const bytes = (length: number, step: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * step) & 0xff);
const hexAt = (address: number, content: Uint8Array): Uint8Array =>
  formatFirmware(new MemoryImage([{ address, bytes: content }]), 'intel-hex');
const BOOT = hexAt(0x0800_0000, bytes(3000, 3));
const APP = hexAt(0x0800_4000, bytes(5000, 7));
const files = [
  ['boot.hex', BOOT],
  ['app.hex', APP],
  ['app.bin', bytes(5000, 7)],
  ['clash.hex', hexAt(0x0800_0b00, bytes(400, 11))],
] as const;

describe('several files in one job', () => {
  it.each(['app.hex', 'app.bin@0x08004000'])('are programmed and proven together: boot.hex and %s', async (app) => {
    const { code, json } = await sureflash(`program boot.hex ${app} ${BOARD} --json`, fakeIo({ files }));
    expect(code).toBe(0);
    expect(json.filter(({ type }) => type === 'file')).toMatchObject([
      { path: 'boot.hex' },
      { path: app.split('@')[0] },
    ]);
    expect(json.at(-1)).toMatchObject({ ok: true, verifiedBytes: 8000 });
  });

  it.each(['program', 'plan', 'verify', 'check', 'doctor'])(
    'are refused by %s where two have different bytes, with both names and the address',
    async (name) => {
      const device = name === 'check' ? '' : ' --virtual stm32f105-rom --instant';
      const { code, result } = await sureflash(`${name} boot.hex clash.hex --json${device}`, fakeIo({ files }));
      expect([code, result['code']]).toEqual([5, 'cli/overlap']);
      expect(result['title']).toMatch(/^boot\.hex and clash\.hex have different bytes at 0x08000B0\d to /);
    },
  );

  it('take each its own address, and not one for all', async () => {
    const { code, err } = await sureflash(`program boot.hex app.bin --at 0x08004000 ${BOARD}`, fakeIo({ files }));
    expect(code).toBe(2);
    expect(err).toContain('write app.bin@0x08004000 for a raw binary');
  });

  it('are verified as one', async () => {
    const load = `--virtual stm32f105-rom --instant --load ${example('dashboard-v1.elf')}`;
    const { code } = await sureflash(`verify ${example('dashboard-v1.elf')} app.hex ${load}`, fakeIo({ files }));
    expect(code).toBe(5);
    expect((await sureflash(`verify ${example('dashboard-v1.elf')} ${load}`)).code).toBe(0);
  });
});

describe('the ids in a DFU suffix', () => {
  const image = new MemoryImage([{ address: 0x0800_4000, bytes: bytes(500, 7) }]);
  const dfu = (vendor: number, product: number): Uint8Array =>
    formatFirmware(image, 'dfuse', { dfuse: { vendor, product } });
  const told = async (file: Uint8Array): Promise<string> =>
    (await sureflash('program a.dfu --virtual stm32f105-rom --instant', fakeIo({ files: [['a.dfu', file]] }))).err;

  it.each([
    [0x0483, 0xdf11],
    [0xffff, 0xffff],
    [0x0483, 0xffff],
    [0x0483, 0],
  ])('%i:%i fit a ROM bootloader of ST', async (vendor, product) => {
    expect(await told(dfu(vendor, product))).not.toContain('says that it is for');
  });

  it('are told where a ROM bootloader has others: it is in products of all vendors', async () => {
    expect(await told(dfu(0x1209, 0x0001))).toContain(
      'a.dfu says that it is for 1209:0001, and this device is 0483:df11.',
    );
  });

  it('refuse a loader that has ids of its own and another vendor, unless forced', async () => {
    const line = 'program a.dfu --virtual black-magic-bootloader --instant --json';
    const io = () => fakeIo({ files: [['a.dfu', dfu(0x1209, 0x0001)]] });
    const { code, result } = await sureflash(line, io());
    expect([code, result['code']]).toEqual([5, 'cli/other-device']);
    const forced = await sureflash(`${line} --force`, io());
    expect(forced.result['code']).not.toBe('cli/other-device');
  });
});
