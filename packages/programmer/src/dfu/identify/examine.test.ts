import { CHIPS, type Chip } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import type { ReadAnswer } from '../protocol/read-at.ts';
import { type Examination, examine } from './examine.ts';

function chipsOf(...ids: readonly string[]): Chip[] {
  return CHIPS.filter(({ id }) => ids.includes(id));
}

/** Bytes by address; whatever is not there is refused. */
type Memory = Readonly<Record<number, readonly number[]>>;

async function examined(
  chips: readonly Chip[],
  memory: Memory,
  {
    refusal = 'errTARGET',
    options,
    serial = '',
  }: { refusal?: string; options?: readonly number[]; serial?: string } = {},
): Promise<Examination & { asked: number[] }> {
  const asked: number[] = [];
  const readAt = async (address: number, length: number): Promise<ReadAnswer> => {
    asked.push(address);
    const bytes = memory[address];
    return bytes ? { bytes: Uint8Array.from({ length }, (_, i) => bytes[i] ?? 0xff) } : { refused: refusal };
  };
  const readOptions = options && { readOptions: async () => ({ bytes: Uint8Array.from(options) }) };
  return { ...(await examine({ chips, certain: false, serial, readAt, ...readOptions })), asked };
}

/** F401xE, F411 and F446 share a map; their identifiers stand at one address. */
const F4_512 = chipsOf('stm32f401xe', 'stm32f411', 'stm32f446');
const F4_ID = 0x1fff_76de;
const F4_SIZE = 0x1fff_7a22;
const F4_UID = 0x1fff_7a10;
const IDCODE = 0xe004_2000;

describe('examine', () => {
  it('names the chip by the identifier of its bootloader', async () => {
    const found = await examined(F4_512, { [F4_ID]: [0xd0, 0xff], [F4_SIZE]: [0, 2] });
    expect(found).toMatchObject({ certain: true, bootloader: 'V13.0', flashBytes: 512 * 1024 });
    expect(found.chips.map(({ id }) => id)).toEqual(['stm32f411']);
  });

  it('keeps all candidates when nothing can be read, and says what it does not know', async () => {
    const found = await examined(F4_512, {});
    expect(found.chips).toHaveLength(3);
    expect(found).toMatchObject({ certain: false, readProtected: false });
    expect(found.unknown).toEqual([
      'version of the bootloader: 0x1FFF76DE cannot be read (errTARGET)',
      'flash size: 0x1FFF7A22 cannot be read (errTARGET)',
      'unique id: 0x1FFF7A10 cannot be read (errTARGET)',
      'DEV_ID: 0xE0042000 cannot be read (errTARGET)',
    ]);
  });

  it('stops at the first refusal of a protected chip', async () => {
    const found = await examined(F4_512, {}, { refusal: 'errVENDOR' });
    expect(found.readProtected).toBe(true);
    expect(found.asked).toEqual([F4_ID]);
  });

  it('takes an identifier that is not listed for no evidence', async () => {
    const found = await examined(F4_512, { [F4_ID]: [0x12, 0xff] });
    expect(found.chips).toHaveLength(3);
    expect(found.unknown[0]).toContain('none that is listed');
  });

  it('leaves a chip out whose own identifier is refused, where another is read', async () => {
    const found = await examined(chipsOf('stm32g431', 'stm32g0b1'), { 536834046: [0xd4, 0xff] });
    expect(found).toMatchObject({ certain: true });
    expect(found.chips.map(({ id }) => id)).toEqual(['stm32g431']);
  });

  it('does not believe a flash size that the chip does not come in', async () => {
    const found = await examined(chipsOf('stm32f411'), { [F4_ID]: [0xd0, 0xff], [F4_SIZE]: [0xff, 0xff] });
    expect(found.flashBytes).toBeUndefined();
    expect(found.unknown[0]).toBe('flash size: 65535 KB at 0x1FFF7A22 is no size of this chip');
  });

  it('holds the serial number against the unique id', async () => {
    const uid = [0x34, 0xff, 0x6d, 0x06, 0x38, 0x53, 0x50, 0x36, 0x44, 0x46, 0x7e, 0x42];
    const memory = { [F4_ID]: [0xd0, 0xff], [F4_UID]: uid };
    const own = await examined(F4_512, memory, { serial: '48EC45783650' });
    expect(own).toMatchObject({ uid: '066DFF3436505338427E4644', serialMatches: true });
    const foreign = await examined(F4_512, memory, { serial: 'STM32FxSTM32' });
    expect(foreign).toMatchObject({ uid: '066DFF3436505338427E4644', serialMatches: false });
  });

  it('takes no unique id from a place that may be another chip, unless the serial number follows from it', async () => {
    const chips = chipsOf('stm32g474', 'stm32h743');
    const uid = [0x34, 0xff, 0x6d, 0x06, 0x38, 0x53, 0x50, 0x36, 0x44, 0x46, 0x7e, 0x42];
    const memory = { 536835472: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 535947264: uid };
    const open = await examined(chips, memory);
    expect(open.chips).toEqual(chips);
    expect([open.uid, open.serialMatches]).toEqual([undefined, undefined]);
    expect(open.unknown).toEqual(
      expect.arrayContaining([
        'unique id: 04030201080706050C0B0A09 at 0x1FFF7590 is not what the serial number is made of, and the chip is not certain',
        expect.stringContaining('unique id: 066DFF3436505338427E4644 at 0x1FF1E800 is not'),
      ]),
    );
    const matching = await examined(chips, memory, { serial: '48EC45783650' });
    expect(matching).toMatchObject({ uid: '066DFF3436505338427E4644', serialMatches: true });
    expect(matching.chips.map(({ id }) => id)).toEqual(['stm32h743']);
  });

  it('takes an erased unique id for none', async () => {
    const found = await examined(chipsOf('stm32f411'), { [F4_UID]: [] });
    expect(found.uid).toBeUndefined();
    expect(found.unknown).toContain('unique id: there is none at 0x1FFF7A10');
  });

  it('names the chip by its DEV_ID where a loader reads that, and asks for it only then', async () => {
    const found = await examined(F4_512, { [IDCODE]: [0x21, 0x64, 0, 0x10] });
    expect(found).toMatchObject({ certain: true, devId: 0x421 });
    expect(found.chips.map(({ id }) => id)).toEqual(['stm32f446']);
    const sure = await examined(F4_512, { [F4_ID]: [0xd0, 0xff] });
    expect(sure.asked).not.toContain(IDCODE);
  });

  it('reads the option bytes only where they decide how the flash is divided', async () => {
    const memory = { 535883198: [0x93, 0xff], 535884866: [0, 4] };
    const dual = await examined(chipsOf('stm32f767'), memory, {
      options: [0xff, 0xaa, 0, 0x55, 0, 0, 0, 0, 0xff, 0xdf],
    });
    expect(dual.optionBits).toEqual({ nDBANK: 0 });
    const single = await examined(chipsOf('stm32f767'), memory, {
      options: [0xff, 0xaa, 0, 0x55, 0, 0, 0, 0, 0xff, 0xff],
    });
    expect(single.optionBits).toEqual({ nDBANK: 1 });
    const short = await examined(chipsOf('stm32f767'), memory, { options: [0xff] });
    expect(short.optionBits).toEqual({});
    expect(short.unknown).toHaveLength(2);
  });
});
