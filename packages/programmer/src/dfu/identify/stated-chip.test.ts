import { type Chip, findChipByName } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../../testing/clocks.ts';
import { IDLE, readOf, refusedRead } from '../../../testing/dfu-script.ts';
import { alternate, scriptedPort } from '../../../testing/scripted-port.ts';
import type { UsbIdentity, UsbPort } from '../../ports/usb.ts';
import { connectByDescriptors, connectDfu } from '../connect.ts';
import type { DfuTarget } from '../target.ts';

const ST = { vendorId: 0x0483, productId: 0xdf11 };
const OLD_ROM: UsbIdentity = { ...ST, bcdDevice: 0x2200, product: 'STM32  BOOTLOADER' };
const NEW_ROM: UsbIdentity = { ...ST, bcdDevice: 0x0200, product: 'DFU in FS Mode' };
const F105_ROM: UsbIdentity = { ...ST, bcdDevice: 0x2200, product: 'STM32 0x418 DFU Bootloader' };
const CUBEMX: UsbIdentity = { ...ST, bcdDevice: 0x0200, product: 'STM32 DownLoad Firmware Update' };

const F407_MAP = '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg';
const F446_MAP = '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg';
const F4_OPTIONS = '@Option Bytes  /0x1FFFC000/01*016 g';
const F105_MAP = '@Internal Flash  /0x08000000/128*002Kg';
const F105_OPTIONS = '@Option Bytes  /0x1FFFF800/01*016 e';
const H7A3_WRONG = ['@Internal Flash   /0x08000000/256*02Kg', '@Option Bytes   /0x5200201C/01*297 e'];

function chipNamed(name: string): Chip {
  const chip = findChipByName(name);
  if (!chip) throw new Error(`no chip ${name}`);
  return chip;
}

const FUNCTIONAL = [9, 0x21, 0x0b, 255, 0, 0, 8, 0x1a, 1];

/** Where STM32F4 keep the identifier of their bootloader (some at `otherId`), their flash size and their unique id. */
const F4 = { id: 0x1fff_76de, otherId: 0x1fff_77de, size: 0x1fff_7a22, uid: 0x1fff_7a10 } as const;
/** An id that says nothing. */
const NO_UID = 'ff'.repeat(12);

function loader(identity: UsbIdentity, names: readonly string[], script: readonly string[] = []): UsbPort {
  const alternates = names.map((name, number) => alternate(name, number));
  return { ...scriptedPort(script), identity, alternates, configurationDescriptor: Uint8Array.from(FUNCTIONAL) };
}

function stated(identity: UsbIdentity, names: readonly string[], chip: string): DfuTarget {
  return connectByDescriptors(loader(identity, names), { clock: new QuickClock(), chip: chipNamed(chip) });
}

/** After the reads of `script`, one short read each. */
async function examined(
  { identity, names, chip }: { identity: UsbIdentity; names: readonly string[]; chip: string },
  ...script: readonly string[][]
): Promise<DfuTarget> {
  const port = loader(identity, names, [IDLE, ...script.flat()]);
  return await connectDfu(port, { clock: new QuickClock(), chip: chipNamed(chip), polite: true });
}

describe('a stated chip', () => {
  it.each([
    [
      'the DEV_ID in the product string',
      F105_ROM,
      [F105_MAP, F105_OPTIONS],
      'STM32F303CC',
      'its product string "STM32 0x418 DFU Bootloader" names the DEV_ID 0x418',
    ],
    [
      'a map that no such chip has',
      OLD_ROM,
      [F407_MAP],
      'STM32F072RB',
      'its map announces 4 × 16 KB, 1 × 64 KB, 7 × 128 KB, which no STM32F072 has',
    ],
    [
      'the place of its option bytes',
      OLD_ROM,
      [F446_MAP, F4_OPTIONS],
      'STM32F722RE',
      'it announces option bytes at 0x1FFFC000, and those of STM32F722 are at 0x1FFF0000',
    ],
    [
      'a product string without the DEV_ID that its ROM would name',
      OLD_ROM,
      [F407_MAP, F4_OPTIONS],
      'STM32F105RB',
      'the ROM of STM32F105 names its DEV_ID in its product string, and this one is "STM32  BOOTLOADER"',
    ],
    [
      'option bytes that only another chip announces so',
      NEW_ROM,
      H7A3_WRONG,
      'STM32H743ZI',
      'no other chip announces option bytes of this length there',
    ],
  ])('is refused where a ROM contradicts by %s', (_, identity, names, chip, because) => {
    const facts = expect.objectContaining({ because }) as unknown;
    expect(() => stated(identity, names, chip)).toThrow(expect.objectContaining({ code: 'device/other-chip', facts }));
  });

  it('is refused where the bootloader calls itself another chip', async () => {
    // AN2606: the identifier of F411, V13.0, at the address where F446 has its own.
    const device = { identity: OLD_ROM, names: [F446_MAP, F4_OPTIONS] };
    const reads = [readOf(F4.id, 'd0ff'), readOf(F4.size, 'ffff'), readOf(F4.uid, NO_UID)];
    const f411 = await examined({ ...device, chip: 'STM32F411' }, ...reads);
    expect(f411.about).toMatchObject({ certain: true });
    // Once for the stated chip, which has no such identifier, and once for all that fit.
    const f446 = examined({ ...device, chip: 'STM32F446' }, ...reads, [IDLE], readOf(F4.otherId, 'ffff'), ...reads);
    await expect(f446).rejects.toMatchObject({
      code: 'device/other-chip',
      facts: { stated: 'STM32F446', fits: ['STM32F411'], because: 'its bootloader calls itself V13.0' },
    });
  });

  it('narrows what fits several', () => {
    const { about } = stated(OLD_ROM, [F446_MAP, F4_OPTIONS], 'STM32F446');
    expect(about).toMatchObject({ certain: true, chips: [{ id: 'stm32f446' }] });
  });

  it('has its own sectors where its ROM is known to announce others, larger ones', () => {
    const { geometry, about } = stated(NEW_ROM, H7A3_WRONG, 'STM32H7A3');
    expect(geometry[0]?.sectors.map(({ start, end }) => end - start)).toEqual(Array.from({ length: 256 }, () => 8192));
    expect(about.differences[0]).toContain('announces 256 × 2 KB');
  });

  it('makes no sector smaller than announced as long as the device has not confirmed it', async () => {
    // DB1M reads as 1, which would cut the middle of an F427 with 1 MB into 16 KB; the bootloader names nobody.
    const device = { identity: OLD_ROM, names: [F407_MAP, F4_OPTIONS], chip: 'STM32F427' };
    const rest = [readOf(F4.size, '0004'), readOf(F4.uid, NO_UID), [IDLE], readOf(0x1fff_c000, 'ff'.repeat(16))];
    const ofAllThatFit = [readOf(F4.otherId, 'ffff'), readOf(F4.id, 'ffff'), ...rest.slice(0, 2)];
    const noDevId = refusedRead(0xe004_2000, 4, '01');
    const target = await examined(device, readOf(F4.id, 'ffff'), ...rest, [IDLE], ...ofAllThatFit, noDevId);
    expect(target.about.readings).toMatchObject({ flashBytes: 0x10_0000, optionBits: { DB1M: 1 } });
    expect(target.geometry[0]?.sectors).toHaveLength(12);
    // F427, V9.1 (AN2606).
    const sure = await examined(device, readOf(F4.id, '91ff'), ...rest);
    expect(sure.geometry[0]?.sectors).toHaveLength(16);
  });

  it('is not refused by what the table itself doubts, and changes nothing there', () => {
    const { geometry } = stated(NEW_ROM, ['@Internal Flash   /0x08000000/064*08Kg'], 'STM32C562RE');
    expect(geometry[0]?.sectors.map(({ start, end }) => end - start)).toEqual(Array.from({ length: 64 }, () => 8192));
  });

  it('changes no map of an application, whatever that says', () => {
    const { geometry, about } = stated(CUBEMX, [F407_MAP], 'STM32F105RB');
    expect(geometry[0]?.sectors).toHaveLength(12);
    expect(about.chips.map(({ id }) => id)).toEqual(['stm32f105']);
  });

  /** As owners of the devices have published them. */
  it.each([
    ['STM32F107VC', F105_ROM, [F105_MAP, F105_OPTIONS]],
    ['STM32F407VG', OLD_ROM, [F407_MAP, F4_OPTIONS]],
    ['STM32F722RE', OLD_ROM, [F446_MAP, '@Option Bytes  /0x1FFF0000/01*032 e']],
    ['STM32H743ZI', NEW_ROM, ['@Internal Flash   /0x08000000/16*128Kg', '@Option Bytes   /0x5200201C/01*128 e']],
    ['STM32G0B1KB', NEW_ROM, ['@Internal Flash   /0x08000000/64*02Kg']],
    ['STM32U585AI', NEW_ROM, ['@Internal Flash   /0x08000000/256*08Kg', '@Option Bytes   /0x40022040/01*64 e']],
  ])('is taken where it is the right one: %s', (name, identity, names) => {
    expect(stated(identity, names, name).about).toMatchObject({ certain: true, chips: [chipNamed(name)] });
  });
});
