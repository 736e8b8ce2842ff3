/** Chips with TrustZone on, or a product state, behind a virtual ST-LINK: each is programmed rightly, or refused with its cause. */
import { MemoryImage } from '@sureflash/image';
import { type Device, type FlashError, program, read, verify } from '@sureflash/programmer';
import { unprotect } from '@sureflash/programmer/option-bytes';
import { secureChipScenarios, type VirtualStLink } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { causesOf, failureOf } from './failure.ts';
import { ProbeRig } from './probe-rig.ts';

type Bench = ProbeRig<'st-link', VirtualStLink, never>;

function benchOf(name: string): Bench {
  const scenario = secureChipScenarios.find((each) => each.name === name);
  if (!scenario) throw new Error(`no scenario ${name}`);
  return new ProbeRig('st-link', (clock) => scenario.plugIn(clock).desk);
}

const SECURE = 0x0c00_0000;
const PLAIN = 0x0800_0000;
const BYTES = 3_000;

/** A program with its vectors, by the address that it is linked for. */
function programAt(address: number, seed = 1): MemoryImage {
  const bytes = Uint8Array.from({ length: BYTES }, (_, i) => (i * 7 + seed * 31 + (i >>> 8)) & 0xff);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, address >= SECURE ? 0x3000_8000 : 0x2000_8000, true);
  for (let at = 4; at < 0x200; at += 4) view.setUint32(at, address + 0x201, true);
  view.setUint16(0x200, 0xe7fe, true);
  return new MemoryImage([{ address, bytes }]);
}

const bank2Of = ({ chip }: Bench): number => chip.flash.memories[1]?.start ?? 0;
const heldAt = ({ chip }: Bench, image: MemoryImage): boolean =>
  image.segments.every(({ address, bytes }) => {
    const at = address >= SECURE ? address - SECURE + PLAIN : address;
    return chip.flash.peek(at, bytes.length).every((byte, i) => byte === bytes[i]);
  });

async function using<T>(bench: Bench, work: (device: Device) => Promise<T>, connect?: 'hot-plug'): Promise<T> {
  const device = await bench.connect(connect ? { probe: { connect } } : {});
  try {
    return await work(device);
  } finally {
    await device.close();
  }
}

/** What a job that must not be carried out ends with; the cells are as they were. */
async function refused(bench: Bench, image: MemoryImage): Promise<FlashError> {
  const wear = (): number[] => bench.chip.flash.sectors.map(({ index }) => bench.chip.flash.wear(index));
  const before = [wear(), bench.chip.flash.statistics.programmedBytes];
  const error = await failureOf(using(bench, async (device) => await program(device, image)));
  expect([wear(), bench.chip.flash.statistics.programmedBytes]).toEqual(before);
  return error;
}

const OPEN = ['nucleo-l552-secure', 'stm32u585-secure', 'nucleo-h563-secure'];
const HALF_OPEN = ['nucleo-l552-rdp05', 'stm32u585-rdp05', 'nucleo-h563-tz-closed'];

describe.each(OPEN)('%s', (name) => {
  it('shows its flash by world, and says so', async () => {
    const bench = benchOf(name);
    await using(bench, async ({ target, about }) => {
      const shown = target.geometry.filter(({ kind }) => kind === 'flash').map((region) => [region.name, region.start]);
      expect(shown).toEqual([
        ['Secure flash', SECURE],
        ['Non-secure flash', bank2Of(bench)],
      ]);
      expect(about.because).toContain('a debugger reaches both worlds');
      await Promise.resolve();
    });
  });

  it.each(['with code in RAM', 'by registers'])('takes programs of both worlds %s, and changes them', async (how) => {
    const bench = benchOf(name);
    const usesRam = how === 'with code in RAM';
    for (const seed of usesRam ? [1, 2] : [2]) {
      for (const address of [SECURE, bank2Of(bench)]) {
        const image = programAt(address, seed);
        const device = await bench.connect({ probe: { usesRam } });
        expect(await program(device, image)).toMatchObject({ outcome: 'programmed' });
        expect((await device.target.slowness?.()) === undefined).toBe(usesRam);
        await device.close();
        expect(heldAt(bench, image)).toBe(true);
      }
    }
    expect(heldAt(bench, programAt(SECURE, 2))).toBe(true);
    expect(bench.desk.target.notModelled).toEqual([]);
  });

  it('leaves no page secure that was not, once the work is done', async () => {
    const bench = benchOf(name);
    const image = programAt(bank2Of(bench));
    await using(bench, async (device) => await program(device, image));
    const { zone, flash } = bench.chip;
    expect(flash.sectors.filter(({ index }) => zone?.isSecure(index)).length).toBe(flash.sectors.length / 2);
  });

  it('is verified and read as it is, under the names of its worlds', async () => {
    const bench = benchOf(name);
    const image = programAt(bank2Of(bench));
    bench.chip.load(bank2Of(bench), image.segments[0]?.bytes ?? new Uint8Array());
    await using(bench, async (device) => {
      expect(await verify(device, image)).toBe(BYTES);
      const range = { start: bank2Of(bench), end: bank2Of(bench) + 16 };
      expect((await read(device, range)).read(range)).toEqual(image.read(range));
    });
  });

  it('has no zeros taken for its non-secure flash while its secure program runs on', async () => {
    const bench = benchOf(name);
    const image = programAt(bank2Of(bench));
    bench.chip.load(bank2Of(bench), image.segments[0]?.bytes ?? new Uint8Array());
    const error = await failureOf(using(bench, async (device) => await verify(device, image), 'hot-plug'));
    expect(error.code).toBe('device/not-programmable');
  });

  it('refuses a program that stands in pages of the other world, and names that', async () => {
    const bench = benchOf(name);
    for (const address of [PLAIN, bank2Of(bench) - PLAIN + SECURE]) {
      const error = await refused(bench, programAt(address));
      expect([error.code, causesOf(error)]).toEqual(['plan/outside', ['other-world']]);
    }
  });

  it('is erased as a whole', async () => {
    const bench = benchOf(name);
    for (const start of [PLAIN, bank2Of(bench)]) bench.chip.load(start, Uint8Array.of(1, 2, 3, 4));
    await using(bench, async ({ target }) => await target.eraseAll?.());
    for (const start of [PLAIN, bank2Of(bench)])
      expect(bench.chip.flash.peek(start, 4)).toEqual(new Uint8Array(4).fill(0xff));
  });

  it('goes on after a cut in the middle of a job', async () => {
    const bench = benchOf(name);
    const image = programAt(bank2Of(bench));
    const whole = benchOf(name);
    await using(whole, async (device) => await program(device, image));
    for (const part of [0.5, 0.8]) {
      bench.cutAt = Math.floor(bench.transfers + whole.transfers * part);
      await failureOf(using(bench, async (device) => await program(device, image)));
      bench.cutAt = Number.POSITIVE_INFINITY;
    }
    await using(bench, async (device) => await program(device, image));
    expect(heldAt(bench, image)).toBe(true);
  });
});

describe.each(HALF_OPEN)('%s', (name) => {
  it('takes a program of the non-secure world', async () => {
    const bench = benchOf(name);
    const image = programAt(bank2Of(bench));
    await using(bench, async (device) => await program(device, image));
    expect(heldAt(bench, image)).toBe(true);
  });

  it.each([SECURE, PLAIN])('refuses one for secure pages at %i before anything is written', async (address) => {
    const bench = benchOf(name);
    const error = await refused(bench, programAt(address));
    expect([error.code, causesOf(error)]).toEqual(['plan/outside', ['secure-closed']]);
  });

  it('has its non-secure flash erased, and that alone', async () => {
    const bench = benchOf(name);
    for (const start of [PLAIN, bank2Of(bench)]) bench.chip.load(start, Uint8Array.of(1, 2, 3, 4));
    const device = await bench.connect({ probe: { usesRam: false } });
    await device.target.eraseAll?.();
    await device.close();
    expect(bench.chip.flash.peek(PLAIN, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(bench.chip.flash.peek(bank2Of(bench), 4)).toEqual(new Uint8Array(4).fill(0xff));
  });
});

describe('a core that stays in secure code', () => {
  it('does not keep non-secure flash from being programmed, by registers', async () => {
    const bench = benchOf('nucleo-l552-rdp05-in-secure');
    const image = programAt(bank2Of(bench));
    await using(bench, async (device) => {
      expect(device.about.because).toContain('neither halts nor resets');
      await program(device, image);
    });
    expect(heldAt(bench, image)).toBe(true);
  });
});

describe('a chip that lets a debugger reach nothing but its debug unit', () => {
  it.each([
    ['nucleo-l552-secure-rdp1', 'STM32L552'],
    ['nucleo-h563-closed', 'STM32H56'],
  ])('%s is named, with what closes it', async (name, chip) => {
    const error = await failureOf(benchOf(name).connect());
    expect([error.code, causesOf(error)]).toEqual(['probe/no-target', ['debug-closed']]);
    expect(error.message + JSON.stringify(error.facts)).toContain(chip);
  });
});

describe('read protection of a chip with TrustZone', () => {
  const unprotected = async (bench: Bench): Promise<void> => {
    let device = await bench.connect();
    const reopen = async (): Promise<Device> => {
      await device.close();
      device = await bench.connect();
      return device;
    };
    try {
      await unprotect(device, { reopen });
    } finally {
      await device.close();
    }
  };

  it('is removed from level 1, with everything in the flash', async () => {
    const bench = benchOf('nucleo-l552-rdp1');
    for (const start of [PLAIN, bank2Of(bench)]) bench.chip.load(start, Uint8Array.of(1, 2, 3, 4));
    await unprotected(bench);
    for (const start of [PLAIN, bank2Of(bench)]) {
      expect(bench.chip.flash.peek(start, 4)).toEqual(new Uint8Array(4).fill(0xff));
    }
    expect(bench.chip.options[0]).toBe(0xaa);
  });

  it.each(['nucleo-l552-rdp05', 'nucleo-h563-tz-closed'])('is not tried where no step leads back: %s', async (name) => {
    const bench = benchOf(name);
    const before = bench.chip.options.slice();
    const error = await failureOf(unprotected(bench));
    expect(error.code).toBe('device/not-programmable');
    expect(bench.chip.options).toEqual(before);
  });
});
