import { CHIPS, type Chip } from '@sureflash/chips';
import { crc32, MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { parseLayout } from '../dfu/memory/layout.ts';
import { recogniseFix } from './identity.ts';
import {
  applicationCheck,
  bootloaderJump,
  checkLayout,
  dfuMedia,
  LONGEST_LAYOUT,
  MARKS,
  makeLayout,
  parseTrigger,
  partitionOf,
  SLOT,
  sealForLoader,
} from './index.ts';

function chipOf(id: string): Chip {
  const chip = CHIPS.find((each) => each.id === id);
  if (!chip) throw new Error(`no chip ${id}`);
  return chip;
}

const F105 = chipOf('stm32f105');
const F407 = chipOf('stm32f405');
const code = (wanted: string): RegExp => new RegExp(`^${wanted} `);

describe('parseTrigger', () => {
  it('reads every form', () => {
    const pin = { kind: 'pin', pin: { port: 'A', number: 9 }, level: 'high', pull: 'none', holdMs: 5 };
    expect(parseTrigger('vbus:PA9')).toEqual(pin);
    expect(parseTrigger('pin:PC13=low')).toMatchObject({ pin: { port: 'C', number: 13 }, level: 'low', pull: 'up' });
    expect(parseTrigger('pin:pb8=high')).toMatchObject({ pin: { port: 'B', number: 8 }, level: 'high', pull: 'down' });
    expect(parseTrigger('button-hold:PC13=low:1500ms')).toMatchObject({ holdMs: 1500 });
    expect(parseTrigger('magic')).toEqual({ kind: 'magic' });
    expect(parseTrigger('never')).toEqual({ kind: 'never' });
  });

  it.each([
    '',
    'vbus',
    'vbus:PA16',
    'vbus:PA9=high',
    'pin:PC13',
    'pin:PC13=on',
    'button-hold:PC13=low',
    'button-hold:PC13=low:1s',
    'button-hold:PC13=low:99999ms',
    'always',
  ])('refuses "%s"', (text) => {
    expect(() => parseTrigger(text)).toThrow(code('fix/option'));
  });
});

describe('bootloaderJump', () => {
  it('refuses L0, whose ROM cannot be jumped to, with its source', () => {
    expect(() => bootloaderJump({ chip: chipOf('stm32l072'), when: 'magic' })).toThrow(code('fix/impossible'));
    expect(() => bootloaderJump({ chip: chipOf('stm32l072'), when: 'magic' })).toThrow(/STM32L072.*AN2606/);
  });

  it('refuses a port that the family does not have', () => {
    expect(() => bootloaderJump({ chip: F105, when: 'pin:PK1=low' })).toThrow(code('fix/option'));
  });

  it('takes a place for its word only in RAM that the ROM leaves alone', () => {
    const at = (magicAddress: number) => () => bootloaderJump({ chip: F105, when: 'magic', magicAddress });
    expect(at(0x2000_0800)).toThrow(code('fix/option'));
    expect(at(0x2000_1004)).toThrow(code('fix/option'));
    expect(at(0x3000_0000)).toThrow(code('fix/option'));
    expect(at(0x2000_1000)().files[1]?.text).toContain('(uintptr_t)0x20001000u');
  });

  it('warns of the slow crystal of F105, and lets nothing that is put in end a comment', () => {
    const { cautions } = bootloaderJump({ chip: F105, when: 'vbus:PA9' });
    expect(cautions.join(' ')).toContain('13.7 s');
    const chip = { ...F105, names: ['STM32*/ #error'] };
    expect(bootloaderJump({ chip, when: 'magic' }).files[1]?.text).not.toContain('*/ #error');
  });
});

describe('recogniseFix', () => {
  const textOf = (text: string) => /"(sureflash-fix [^"]*)"/.exec(text)?.[1] ?? '';
  const imageWith = (...texts: string[]) =>
    new MemoryImage([
      { address: 0x0800_0000, bytes: new TextEncoder().encode(`xx${texts.map((text) => `${text}\0`).join('s')}`) },
    ]);

  it('finds each module by its string, with what it says about itself', () => {
    const jump = textOf(bootloaderJump({ chip: F105, when: 'vbus:PA9' }).files[1]?.text ?? '');
    const media = textOf(dfuMedia({ chip: F407 }).files[0]?.text ?? '');
    const check = textOf(applicationCheck({ chip: F105 }).files[1]?.text ?? '');
    expect(recogniseFix(imageWith(jump, media, check))).toEqual([
      { kind: 'bootloader-jump', address: 0x0800_0002, chip: 'stm32f105', facts: { when: 'vbus:PA9' } },
      {
        kind: 'dfu-media',
        address: 0x0800_0002 + jump.length + 2,
        chip: 'stm32f405',
        facts: { application: '0x08008000', class: 'since-2.11.2' },
      },
      expect.objectContaining({
        kind: 'application-check',
        facts: { application: '0x08008000', end: '0x08040000', proof: 'crc32' },
      }),
    ]);
  });

  it('passes over strings of another version, kind or end', () => {
    const other = [
      'sureflash-fix bootloader-jump 9 chip=a',
      'sureflash-fix toaster 1 chip=a',
      'sureflash-fix bootloader-jump 1 when=a',
    ];
    expect(recogniseFix(imageWith(...other))).toEqual([]);
    const bytes = new TextEncoder().encode('sureflash-fix bootloader-jump 1 chip=a');
    expect(recogniseFix(new MemoryImage([{ address: 0, bytes }]))).toEqual([]);
  });
});

describe('layout strings', () => {
  it('are made so that they parse to the sectors of the chip, with the loader closed, for every chip and division', () => {
    const wrong: string[] = [];
    for (const chip of CHIPS.filter(({ usbDfu }) => usbDfu)) {
      for (const variant of chip.variants) {
        const first = variant.banks[0]?.runs[0]?.size ?? 0;
        if (variant.bytes === first) continue;
        const application = 0x0800_0000 + first;
        const text = makeLayout({ chip, variant, application });
        const { problems, fits } = checkLayout(text, { chip, application });
        if (problems.length > 0 || !fits.includes(variant))
          wrong.push(`${chip.id} ${variant.name}: ${text} ${problems[0]?.says}`);
        if (text.length > LONGEST_LAYOUT) wrong.push(`${chip.id}: ${text.length}`);
        if (parseLayout(text)?.sectors.some(({ start, erasable }) => erasable !== start >= application))
          wrong.push(text);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('of STM32CubeMX are told apart on a chip that they do not describe', () => {
    const generated = '@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg';
    const { problems, instead } = checkLayout(generated, { chip: F105 });
    expect(problems.map(({ kind }) => kind)).toEqual(['generated-default', 'other-sectors']);
    expect(instead).toBe('@Internal Flash   /0x08000000/16*002Ka,112*002Kg');
    expect(checkLayout(generated, { chip: chipOf('stm32f427'), application: 0x0800_c000 }).problems).toEqual([]);
  });

  it('are not wrong for the ways in which ROMs write them', () => {
    for (const text of ['@Internal Flash  /0x08000000/0256*0002Kg', '@Internal Flash   /0x08000000/1*128Ka,7*128Kg']) {
      expect(checkLayout(text).problems).toEqual([]);
    }
  });

  it.each([
    ['DFU MEDIA', 'no-layout'],
    ['@Internal Flash', 'syntax'],
    ['@Internal Flash /0x08000000/16*2Kz', 'syntax'],
    [`@${'x'.repeat(120)}/0x08000000/16*2Kg`, 'too-long'],
  ])('"%s" have the problem %s', (text, kind) => {
    expect(checkLayout(text).problems.map((problem) => problem.kind)).toEqual([kind]);
  });

  it('with an open loader or a closed application are wrong for that partition', () => {
    const open = checkLayout('@Internal Flash /0x08000000/128*2Kg', { chip: F105, application: 0x0800_5000 });
    expect(open.problems.map(({ kind }) => kind)).toEqual(['loader-open']);
    expect(open.instead).toContain('10*002Ka,118*002Kg');
    const closed = checkLayout('@Internal Flash /0x08000000/20*2Ka,108*2Kg', { chip: F105, application: 0x0800_5000 });
    expect(closed.problems.map(({ kind }) => kind)).toEqual(['application-closed']);
  });
});

describe('partitionOf', () => {
  it('wants the application at a sector border behind the loader', () => {
    expect(partitionOf({ chip: F407, application: 0x0800_8000 }).application).toEqual({
      start: 0x0800_8000,
      end: 0x0810_0000,
    });
    expect(() => partitionOf({ chip: F407, application: 0x0800_9000 })).toThrow(code('fix/option'));
    expect(() => partitionOf({ chip: F407, application: 0x0800_0000 })).toThrow(code('fix/option'));
    expect(() => partitionOf({ chip: chipOf('stm32h5e5') })).toThrow(code('fix/impossible'));
  });
});

describe('sealForLoader', () => {
  const at = 0x0800_8000;
  const image = new MemoryImage([
    { address: at, bytes: Uint8Array.of(1, 2, 3) },
    { address: at + 8, bytes: Uint8Array.of(9) },
  ]);

  it('fills gaps, describes length and checksum, and leaves every mark erased', () => {
    const { image: sealed, record, crc, marks } = sealForLoader(image, { chip: F105, imageVersion: 7 });
    const bytes = Uint8Array.of(1, 2, 3, 255, 255, 255, 255, 255, 9);
    expect(sealed.read({ start: at, end: at + 9 }, 0)).toEqual(bytes);
    expect(crc).toBe(crc32(bytes));
    const view = new DataView(sealed.read(record, 0).buffer);
    expect([0, 4, 8, 12].map((offset) => view.getUint32(offset, true))).toEqual([0x3141_4653, 9, crc, 7]);
    for (const offset of [SLOT.proven, SLOT.updating, SLOT.rejected])
      expect(view.getUint32(offset, true)).toBe(0xffff_ffff);
    expect(marks.proven.address).toBe(record.start + SLOT.proven);
    expect(new DataView(marks.proven.bytes.buffer).getUint32(28, true)).toBe(MARKS.proven);
  });

  it('signs exactly the bytes of the application', () => {
    let seen: Uint8Array | undefined;
    const sign = (bytes: Uint8Array) => {
      seen = bytes;
      return new Uint8Array(64).fill(0x42);
    };
    const { image: sealed, record } = sealForLoader(image, { chip: F105, sign });
    expect(seen?.length).toBe(9);
    expect(sealed.read({ start: record.start + 32, end: record.start + 96 })).toEqual(new Uint8Array(64).fill(0x42));
    expect(() => sealForLoader(image, { chip: F105, sign: () => new Uint8Array(63) })).toThrow(code('fix/option'));
  });

  it('refuses an image that does not begin where the application does, or reaches into the record', () => {
    const early = new MemoryImage([{ address: 0x0800_0000, bytes: new Uint8Array(4) }]);
    const late = new MemoryImage([{ address: at, bytes: new Uint8Array(0x3_8000 - 191) }]);
    expect(() => sealForLoader(early, { chip: F105 })).toThrow(code('plan/outside'));
    expect(() => sealForLoader(late, { chip: F105 })).toThrow(code('plan/outside'));
    expect(() => sealForLoader(new MemoryImage([]), { chip: F105 })).toThrow(code('plan/empty'));
  });
});
