import { findChipByName } from '@sureflash/chips';
import {
  type Device,
  doubtsOfReading,
  erase,
  eraseAll,
  type FlashError,
  inspect,
  isFlashError,
  leave,
  program,
  read,
  verify,
} from '@sureflash/programmer';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig } from './rig.ts';

const KB = 1024;
const FLASH = 0x0800_0000;
const BEHIND_8K = FLASH + 8 * KB;
const BEHIND_16K = FLASH + 16 * KB;
const BEHIND_32K = FLASH + 32 * KB;

/** Honest loaders, and where their programs begin. */
const HONEST: readonly (readonly [name: string, base: number])[] = [
  ['black-magic-native', BEHIND_8K],
  ['guarded-loader', BEHIND_8K],
  ['loader-named-otherwise', BEHIND_8K],
  ['micropython-mboot', BEHIND_32K],
  ['loader-hides-a-part', BEHIND_8K],
  ['loader-mute-in-error', BEHIND_32K],
  ['loader-refuses-set-interface', BEHIND_8K],
  ['loader-ignores-set-interface', BEHIND_8K],
  ['loader-needs-set-interface', BEHIND_8K],
  ['loader-waits-for-reset', BEHIND_8K],
  ['loader-beside-hid', BEHIND_8K],
  ['bootloader-large-map', FLASH + 48 * KB],
  ['bootloader-large-sectors', BEHIND_16K],
];

/** No honest loader here takes longer for anything than its flash does. */
const SOON_MS = 4_000;

async function errorOf(work: Promise<unknown>): Promise<FlashError> {
  const ended = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isFlashError(ended)) throw new Error(`no error of ours: ${String(ended)}`);
  return ended;
}

describe.each(HONEST)('the honest loader %s', (name, base) => {
  it('is programmed over another program, and again, and keeps what stands beside', async () => {
    const rig = new Rig(name, { flash: [{ address: base, bytes: noise(30 * KB, 1) }] });
    const image = imageAt(base, noise(20_003, 2));
    const started = rig.clock.now();
    const first = await rig.program(image);
    expect(first.report.outcome).toBe('programmed');
    expect(rig.holds(image)).toBe(true);
    expect(rig.holds(imageAt(base + 20_004, noise(30 * KB, 1).subarray(20_004)))).toBe(true);
    expect((await rig.program(image)).report.outcome).toBe('unchanged');
    expect(rig.clock.now() - started).toBeLessThan(SOON_MS);
  });

  it('is read and erased where its program is', async () => {
    const old = noise(10 * KB, 3);
    const rig = new Rig(name, { flash: [{ address: base, bytes: old }] });
    const device = await rig.connect();
    const found = await read(device, { start: base, end: base + 5000 });
    expect([...found.read({ start: base, end: base + 5000 })]).toEqual([...old.subarray(0, 5000)]);
    const started = rig.clock.now();
    await device.target.readCommands?.();
    expect(rig.clock.now() - started).toBeLessThan(1_000);
    await erase(device, { start: base, end: base + 10 * KB }, { keepBeside: false });
    expect(rig.holds(imageAt(base, new Uint8Array(10 * KB).fill(0xff)))).toBe(true);
  });
});

describe('a loader that says in its status that it does not give its flash back', () => {
  it('fails to be read, with its own words', async () => {
    const rig = new Rig('micropython-mboot-packed');
    const device: Device = await rig.connect();
    const error = await errorOf(read(device, { start: BEHIND_32K, end: BEHIND_32K + 30_000 }));
    expect(error).toMatchObject({
      code: 'dfu/status',
      facts: { status: 'errFILE', words: 'Read support disabled on encrypted bootloader' },
    });
  });

  it('fails to be read where a part of a long range is hidden', async () => {
    const rig = new Rig('loader-hides-a-part');
    const error = await errorOf(read(await rig.connect(), { start: BEHIND_8K, end: FLASH + 128 * KB }));
    expect(error).toMatchObject({ code: 'dfu/status', facts: { status: 'errADDRESS', words: 'Keys are not read' } });
  });
});

it('a loader that takes smaller blocks than it announces is found out before anything is erased', async () => {
  const old = noise(30 * KB, 1);
  const rig = new Rig('loader-takes-less', { flash: [{ address: BEHIND_8K, bytes: old }] });
  const error = await errorOf(rig.program(imageAt(BEHIND_8K, noise(20_000, 2))));
  expect(error).toMatchObject({ code: 'dfu/block-size', facts: { announced: 4096 } });
  expect(rig.holds(imageAt(BEHIND_8K, old))).toBe(true);
});

it('nothing is erased, and nothing called erased, on a device that names no flash', async () => {
  const device = await new Rig('loader-without-map').connect();
  expect(await errorOf(eraseAll(device))).toMatchObject({ code: 'device/no-map' });
});

it('a refusal is told with the words of the loader', async () => {
  const rig = new Rig('micropython-mboot');
  const error = await errorOf(rig.program(imageAt(FLASH, noise(20_000, 2))));
  expect(error).toMatchObject({ code: 'dfu/status', facts: { status: 'errADDRESS', words: "Can't overwrite mboot" } });
});

describe('a loader that refuses some of its places', () => {
  it('is no device whose functions do nothing, whether its ids are known or not', async () => {
    for (const name of ['black-magic-native', 'guarded-loader', 'bootloader-large-map']) {
      const rig = new Rig(name);
      const { diagnosis } = await inspect(await rig.connect());
      const named = [diagnosis?.cause, ...(diagnosis?.rivals.map(({ cause }) => cause) ?? [])];
      expect([name, named.includes('stub-media')]).toEqual([name, false]);
    }
  });

  it('has a smaller flash than its map says where the refusals lie beyond an address', async () => {
    const rig = new Rig('bootloader-large-map');
    expect((await inspect(await rig.connect())).diagnosis).toMatchObject({ cause: 'flash-smaller' });
  });

  it('is refused before anything is changed where the image goes into what it guards', async () => {
    const rig = new Rig('guarded-loader');
    const before = rig.board.flash.peek(FLASH, 128 * KB);
    const error = await errorOf(rig.program(imageAt(FLASH, noise(20_000, 2))));
    expect(error.code).toMatch(/^plan\/(doubtful|read-only)$/);
    expect(error.diagnosis?.cause).not.toBe('stub-media');
    expect([...rig.board.flash.peek(FLASH, 128 * KB)]).toEqual([...before]);
  });

  it('is left at the first address that may be written', async () => {
    const rig = new Rig('guarded-loader', { flash: [{ address: BEHIND_8K, bytes: noise(KB, 1) }] });
    expect(await leave(await rig.connect())).toBe(BEHIND_8K);
  });
});

describe('a loader that says that it gives nothing back', () => {
  const OLD = noise(10 * KB, 5);
  const IMAGE = imageAt(BEHIND_8K, noise(5_003, 6));
  const rigOf = (): Rig => new Rig('dfu-demo-no-upload', { flash: [{ address: BEHIND_8K, bytes: OLD }] });

  it('is told so before anything is erased, forced or not', async () => {
    for (const force of [false, true]) {
      const rig = rigOf();
      const error = await errorOf(rig.program(IMAGE, { force }));
      expect(error).toMatchObject({ code: 'device/unreadable', diagnosis: { cause: 'no-upload' } });
      expect(rig.holds(imageAt(BEHIND_8K, OLD))).toBe(true);
    }
  });

  it('is not erased: that could not be proven, and nothing is lost', async () => {
    const rig = rigOf();
    const error = await errorOf(erase(await rig.connect(), { start: BEHIND_8K, end: BEHIND_8K + 4 * KB }));
    expect(error).toMatchObject({ code: 'device/unreadable', diagnosis: { cause: 'no-upload' } });
    expect(rig.board.flash.statistics.erases).toBe(0);
    expect(rig.holds(imageAt(BEHIND_8K, OLD))).toBe(true);
  });

  it('is programmed without a proof where that is asked for, and the report says so', async () => {
    const rig = rigOf();
    const { report } = await rig.program(IMAGE, { unproven: true });
    expect(report).toMatchObject({ outcome: 'unproven', verifiedBytes: 0, sectorsErased: 5 });
    expect(rig.holds(IMAGE)).toBe(true);
  });

  it('is proven all the same where it can be read', async () => {
    const rig = new Rig('guarded-loader');
    expect((await rig.program(IMAGE, { unproven: true })).report.outcome).toBe('programmed');
  });
});

it('a loader for encrypted images is named as one that does not let its flash be read', async () => {
  const rig = new Rig('micropython-mboot-packed');
  const error = await errorOf(rig.program(imageAt(BEHIND_32K, noise(20_000, 2))));
  expect(error).toMatchObject({ code: 'plan/doubtful', diagnosis: { cause: 'reads-disabled', verdict: 'certain' } });
  expect(error.diagnosis?.evidence.join()).toContain('Read support disabled on encrypted bootloader');
});

it.each(['loader-without-words', 'bootloader-flash-fails'])(
  'the failing flash of %s is a refused operation',
  async (name) => {
    const rig = new Rig(name, { flash: [{ address: BEHIND_16K, bytes: noise(30 * KB, 1) }] });
    const error = await errorOf(rig.program(imageAt(BEHIND_16K, noise(20_000, 2))));
    expect(error).toMatchObject({ code: 'dfu/status', diagnosis: { cause: 'operation-refused' } });
    expect(error.diagnosis?.rivals).toEqual([]);
  },
);

describe('a map that is not that of the flash', () => {
  it.each(['bootloader-coarse-map', 'bootloader-coarse-map-2.11'])(
    'of %s is seen at the first erase, and nothing is lost',
    async (name) => {
      const base = FLASH + 48 * KB;
      const old = noise(40 * KB, 1);
      const rig = new Rig(name, { flash: [{ address: base, bytes: old }] });
      const error = await errorOf(rig.program(imageAt(base, noise(20_000, 2))));
      expect(error).toMatchObject({
        code: 'verify/erased-otherwise',
        facts: { start: base, erasedEnd: base + 2 * KB, restored: true },
        diagnosis: { cause: 'foreign-map' },
      });
      expect(rig.holds(imageAt(base, old))).toBe(true);
    },
  );

  it.each(['bootloader-coarse-map', 'bootloader-coarse-map-2.11'])(
    'of %s is seen where an earlier run has left the first page of the sector blank',
    async (name) => {
      const base = FLASH + 48 * KB;
      const old = noise(40 * KB, 1).fill(0xff, 0, 2 * KB);
      const rig = new Rig(name, { flash: [{ address: base, bytes: old }] });
      const error = await errorOf(rig.program(imageAt(base, noise(20_000, 2))));
      expect(error).toMatchObject({ code: 'verify/erased-otherwise', diagnosis: { cause: 'foreign-map' } });
      expect(rig.holds(imageAt(base, old))).toBe(true);
    },
  );

  it('with smaller sectors than the flash has is seen at the first erase, and the neighbour comes back', async () => {
    const base = FLASH + 20 * KB;
    const old = noise(40 * KB, 1);
    const rig = new Rig('faulty-neighbours-erased', { flash: [{ address: base, bytes: old }] });
    const error = await errorOf(rig.program(imageAt(base + 5 * KB, noise(3_000, 2))));
    expect(error).toMatchObject({ code: 'verify/erased-otherwise', diagnosis: { cause: 'neighbours-erased' } });
    expect(rig.holds(imageAt(base, old))).toBe(true);
  });
});

describe('a ROM whose strings cannot be read', () => {
  it('is programmed where the map of its flash is one that can', async () => {
    const rig = new Rig('stm32f407-rom-one-string');
    const image = imageAt(FLASH, noise(10 * KB, 2));
    expect((await rig.program(image)).report.outcome).toBe('programmed');
    expect(rig.holds(image)).toBe(true);
  });

  it('is said not to tell its memory, and nothing is changed', async () => {
    const old = noise(10 * KB, 1);
    const rig = new Rig('stm32f407-rom-no-strings', { flash: [{ address: FLASH, bytes: old }] });
    expect(await errorOf(rig.program(imageAt(FLASH, noise(10 * KB, 2))))).toMatchObject({ code: 'device/no-map' });
    expect(rig.holds(imageAt(FLASH, old))).toBe(true);
  });
});

describe('a chip whose option bytes close a part of its flash', () => {
  const CASES = [
    ['stm32wb55-rom-stack', 0x080c_8000, 'SFSA'],
    ['stm32g431-rom-pcrop', 0x0800_8000, 'PCROP1'],
    ['stm32u585-rom-secure', FLASH, 'SECWM1'],
    ['stm32l552-rom-secure', FLASH, 'SECWM1'],
    ['stm32f722-rom-pcrop', FLASH, 'PCROP'],
  ] as const;

  it.each(CASES)('%s refuses a plan that runs into it as a whole, and nothing is changed', async (name, base, by) => {
    const old = noise(24 * KB, 1);
    const rig = new Rig(name, { flash: [{ address: base, bytes: old }] });
    const error = await errorOf(rig.program(imageAt(base, noise(40 * KB, 2))));
    expect(error).toMatchObject({ code: 'plan/protected', facts: { by }, diagnosis: { cause: 'closed-area' } });
    expect(error.diagnosis?.remedies.map(({ action }) => action)).not.toContain('unprotect');
    expect(rig.holds(imageAt(base, old))).toBe(true);
  });

  it.each(CASES)('%s refuses to be erased as a whole, and nothing is changed', async (name, base) => {
    const old = noise(24 * KB, 1);
    const rig = new Rig(name, { flash: [{ address: base, bytes: old }] });
    expect(await errorOf(eraseAll(await rig.connect()))).toMatchObject({ code: 'plan/protected' });
    expect(rig.holds(imageAt(base, old))).toBe(true);
  });

  it('the wireless stack of a chip that only its map tells is told apart from a page that WRP protects elsewhere', async () => {
    const rig = new Rig('stm32wb55-rom-stack', { flash: [] });
    const device = await rig.connect();
    const unsure: Device = { ...device, about: { ...device.about, certain: false } };
    const error = await errorOf(eraseAll(unsure));
    expect(error).toMatchObject({ code: 'plan/protected', facts: { by: 'SFSA' }, diagnosis: { cause: 'closed-area' } });
    expect(rig.board.flash.statistics.erases).toBe(0);
  });

  it.each(CASES)('%s is examined with the same result', async (name, base) => {
    const { diagnosis } = await inspect(await new Rig(name).connect(), imageAt(base, noise(40 * KB, 2)));
    expect(diagnosis).toMatchObject({ cause: 'closed-area' });
  });

  it.each(CASES)('%s is programmed where it is open', async (name, base) => {
    const rig = new Rig(name);
    const image = imageAt(base, noise(10 * KB, 2));
    expect((await rig.program(image)).report.outcome).toBe('programmed');
    expect(rig.holds(image)).toBe(true);
  });

  it('write-protected pages are refused before anything is written', async () => {
    const rig = new Rig('stm32f105-rom-wrp');
    const error = await errorOf(rig.program(imageAt(FLASH, noise(40 * KB, 2))));
    expect(error).toMatchObject({
      code: 'plan/protected',
      facts: { by: 'WRP', count: 4 },
      diagnosis: { cause: 'write-protected' },
    });
    expect(rig.board.flash.statistics.erases).toBe(0);
  });
});

describe('an operation that fails on a device whose functions do nothing', () => {
  it.each([
    ['read', async (device: Device) => await read(device, { start: FLASH, end: FLASH + 4 * KB })],
    ['verify', async (device: Device) => await verify(device, imageAt(FLASH, noise(4 * KB, 1)))],
    ['erase', async (device: Device) => await erase(device, { start: FLASH + 48 * KB, end: FLASH + 64 * KB })],
  ] as const)('%s fails with the cause', async (_, work) => {
    const error = await errorOf(work(await new Rig('stm32f105-cubemx-stub-2.11').connect()));
    expect(error.diagnosis?.cause).toBe('stub-media');
  });

  it('reading is doubted where every address gives the same', async () => {
    const device = await new Rig('stm32f105-cubemx-stub').connect();
    const doubts = await doubtsOfReading(device, [{ start: FLASH, end: FLASH + 4 * KB }]);
    expect(doubts.map(({ kind }) => kind)).toEqual(['reads-same']);
    expect(await doubtsOfReading(await new Rig('guarded-loader').connect(), [])).toEqual([]);
  });
});

describe.each(['loader-without-map', 'loader-plain-name'])('%s, which does not describe its memory,', (name) => {
  it('is told so, by a job and by an examination', async () => {
    const rig = new Rig(name);
    const image = imageAt(BEHIND_8K, noise(5_000, 1));
    expect(await errorOf(rig.program(image))).toMatchObject({ code: 'device/no-map', diagnosis: { cause: 'no-map' } });
    expect((await inspect(await rig.connect(), image)).diagnosis?.cause).toBe('no-map');
  });

  it('is programmed with the sectors of the chip that is stated', async () => {
    const rig = new Rig(name);
    const image = imageAt(BEHIND_8K, noise(5_000, 1));
    const chip = findChipByName('STM32F103CB') ?? findChipByName('STM32F103');
    const device = await rig.connect({ chip });
    expect((await program(device, image)).outcome).toBe('programmed');
    expect(rig.holds(image)).toBe(true);
  });
});
