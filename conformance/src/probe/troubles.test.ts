/** Every virtual board with something in the way of its debug probe: what is named, and that work goes on where it can. */
import { program } from '@sureflash/programmer';
import type { CauseId } from '@sureflash/programmer/diagnosis';
import type { ProbeChoices } from '@sureflash/programmer/probe';
import { microcontrollerChips, troubledProbeScenarios, type VirtualStLink } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { causesOf, failureOf } from './failure.ts';
import { firmwareOf } from './firmware.ts';
import { ProbeRig, type StlinkRig, stlinkRig } from './probe-rig.ts';

type Bench = ProbeRig<'st-link', VirtualStLink, never>;

function benchOf(name: string): Bench {
  const scenario = troubledProbeScenarios.find((each) => each.name === name);
  if (!scenario) throw new Error(`no scenario ${name}`);
  const rig: Bench = new ProbeRig('st-link', (clock) => scenario.plugIn(clock).desk);
  // The program of the chip has come as far as it goes.
  rig.desk.target.pass(20);
  return rig;
}

interface Outcome {
  readonly because: string;
  readonly remarks: readonly string[];
  readonly holds: boolean;
}

async function programmed(rig: Bench, probe: ProbeChoices = {}, bytes = 3_000): Promise<Outcome> {
  const device = await rig.connect({ probe });
  try {
    const image = firmwareOf(1, bytes);
    await program(device, image);
    const holds = image.segments.every(({ address, bytes: wanted }) =>
      rig.chip.flash.peek(address, wanted.length).every((byte, at) => byte === wanted[at]),
    );
    const slowness = await device.target.slowness?.();
    const remarks = [...(device.target.remarks ?? []), ...(slowness ? [slowness.because] : [])];
    return { because: device.about.because, remarks, holds };
  } finally {
    await device.close();
  }
}

const REFUSED: readonly (readonly [scenario: string, code: string, causes: readonly CauseId[]])[] = [
  ['nucleo-f103rb-unpowered', 'probe/no-target', ['target-unpowered']],
  ['nucleo-f103rb-closed-no-nrst', 'probe/no-target', ['swd-closed', 'swd-unwired', 'debug-locked']],
  ['discovery-f407-rdp2', 'probe/no-target', ['swd-closed', 'swd-unwired', 'probe-copied', 'debug-locked']],
  ['nucleo-f103rb-disk-busy', 'probe/no-target', ['probe-taken']],
  ['nucleo-f103rb-rdp1', 'device/read-protected', ['read-protected']],
  ['nucleo-f103rb-wrp', 'plan/protected', ['write-protected']],
  ['nucleo-f103rb-nrst-shorted', 'core/stuck', ['held-in-reset']],
];

/** Work goes on, and this is said: in what is known of the device, or in what has turned out. */
const OVERCOME: readonly (readonly [scenario: string, said: string, probe: ProbeChoices])[] = [
  ['nucleo-f103rb-swd-closed', 'it answers under reset only', {}],
  ['nucleo-f103rb-no-nrst', 'NRST is not wired', { connect: 'under-reset' }],
  ['nucleo-f103rb-locked-up', 'its core was locked up', {}],
  ['stm32wb55-second-core', 'something else in the chip writes to its RAM', {}],
  ['discovery-f407-long-wires', 'slowed down from 4000 to', {}],
  ['discovery-f407-long-wires', 'at the second try only: the line to it is bad', {}],
  ['nucleo-f103rb-stop-mode', 'sleeps so deeply that its bus has no clock', {}],
  ['discovery-f407-runs-on', 'its core neither halts nor resets', {}],
  ['nucleo-f103rb-hw-watchdog', '', {}],
  ['nucleo-f103rb-hw-watchdog', '', { usesRam: false }],
  ['stlink-v2j17-f103', 'knows one speed alone', { kHz: 950 }],
];

describe('a board with something in the way of its probe', () => {
  it.each(REFUSED)('%s is refused with %s and its cause', async (scenario, code, causes) => {
    const bench = benchOf(scenario);
    const before = bench.chip.flash.peek(0x0800_0000, 8192);
    const error = await failureOf(programmed(bench, {}, 8_000));
    expect([error.code, causesOf(error)]).toEqual([code, causes]);
    expect(bench.chip.flash.peek(0x0800_0000, 8192)).toEqual(before);
  });

  it.each(OVERCOME)('%s is programmed, and what was in the way is said: %s', async (scenario, said, probe) => {
    const bench = benchOf(scenario);
    const { because, remarks, holds } = await programmed(bench, probe);
    expect(holds).toBe(true);
    expect([because, ...remarks].join('; ')).toContain(said);
    expect(bench.desk.target.notModelled).toEqual([]);
  });

  it('has a test each', () => {
    const tried = new Set([...REFUSED, ...OVERCOME].map(([scenario]) => scenario));
    expect(troubledProbeScenarios.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
  });
});

describe('a chip that closes its debug port', () => {
  it('is told to be reached under reset where the user wanted it to be reached as it runs', async () => {
    const bench = benchOf('nucleo-f103rb-swd-closed');
    const { diagnosis } = await failureOf(bench.connect({ probe: { connect: 'hot-plug' } }));
    expect(diagnosis?.cause).toBe('swd-closed');
    expect(diagnosis?.remedies[0]?.text).toContain('Connect under reset (without --connect');
    expect(diagnosis?.evidence.join(' ')).toContain('it was not asked under reset');
  });

  it('is not told so where it was tried', async () => {
    const { diagnosis } = await failureOf(benchOf('nucleo-f103rb-closed-no-nrst').connect());
    expect(diagnosis?.remedies[0]?.text).toContain('Connect NRST of the chip');
    expect(diagnosis?.evidence.join(' ')).not.toContain('under reset');
  });
});

describe('a chip in Stop mode', () => {
  it('is named as one that sleeps where the user wants it to be reached as it runs', async () => {
    const error = await failureOf(benchOf('nucleo-f103rb-stop-mode').connect({ probe: { connect: 'hot-plug' } }));
    expect([error.code, causesOf(error)]).toEqual(['probe/no-target', ['bus-asleep']]);
  });

  it('does not have its line slowed down', async () => {
    const bench = benchOf('nucleo-f103rb-stop-mode');
    await programmed(bench);
    expect(bench.desk.probe.khz).toBe(4000);
  });
});

describe('a word of flash that is not read', () => {
  const FLASH = { start: 0x0800_0000, end: 0x0810_0000 };
  const FIRST_WORD = { start: FLASH.start, end: FLASH.start + 4 };
  /** Of OPTCR of F4, with what stands around it. */
  const OPTIONS = { start: 0x4002_3c00, end: 0x4002_4000 };
  /** Words and blocks, as the commands of an ST-LINK read them. */
  const READS = [0x36, 0x07];

  function answering(code: number, ...ranges: readonly (typeof FLASH)[]): StlinkRig {
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F407' });
    rig.disturb = (command) => {
      if (command[0] !== 0xf2 || !READS.includes(command[1] ?? 0)) return undefined;
      const address = new DataView(command.buffer, command.byteOffset).getUint32(2, true);
      const isStruck = ranges.some(({ start, end }) => address >= start && address < end);
      return isStruck ? { kind: 'status', code } : undefined;
    };
    return rig;
  }

  it('is no read protection where the option bytes say level 0, and is named with its address', async () => {
    const rig = answering(0x11, FIRST_WORD);
    const device = await rig.connect({ probe: { usesRam: false } });
    expect(device.about.readings?.readProtected).toBe(false);
    expect(device.about.readings?.unknown.join()).toContain('its bus refuses to read 0x08000000');
    const error = await failureOf(program(device, firmwareOf(1, 3_000)));
    await device.close();
    expect([error.code, causesOf(error)]).toEqual(['probe/refused', ['flash-word-unreadable']]);
  });

  it('is no read protection where the option bytes cannot be read and other places of the flash can', async () => {
    const device = await answering(0x11, FIRST_WORD, OPTIONS).connect();
    expect(device.about.readings?.readProtected).toBe(false);
    await device.close();
  });

  it('is read protection where neither the option bytes nor any place of the flash can be read', async () => {
    const device = await answering(0x11, FLASH, OPTIONS).connect();
    expect(device.about.readings?.readProtected).toBe(true);
    await device.close();
  });

  it('is a bus that does not end the access where the chip answers WAIT', async () => {
    const error = await failureOf(answering(0x10, FIRST_WORD).connect());
    expect([error.code, causesOf(error)]).toEqual(['probe/refused', ['bus-asleep']]);
  });
});

describe('a probe that programs a file from its disk', () => {
  it('is used as soon as it has done so', async () => {
    const bench = benchOf('nucleo-f103rb-disk-busy');
    await failureOf(bench.connect());
    await bench.clock.sleep(10_000);
    expect((await programmed(bench)).holds).toBe(true);
  });
});

describe('firmware of a probe without 16-bit accesses', () => {
  it('is named with what it cannot do and what can, where half-words are the only way', async () => {
    const error = await failureOf(programmed(benchOf('stlink-v2j17-f103'), { usesRam: false }));
    expect([error.code, error.facts]).toEqual([
      'probe/firmware',
      { found: 'V2J17S4', least: 'V2J26', missing: 'access memory by half-words' },
    ]);
  });
});

describe('code in RAM that something else overwrites in the middle of a job', () => {
  it('is named, and the next job completes it by registers', async () => {
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F407' });
    const device = await rig.connect();
    let writes = 0;
    rig.disturb = (command) => {
      if (command[0] !== 0xf2 || command[1] !== 0x08 || ++writes !== 8) return undefined;
      // UDF all over the loader.
      for (let at = 0; at < 512; at += 2) rig.chip.bus.write16(0x2000_0000 + at, 0xdeff);
      return undefined;
    };
    const error = await failureOf(program(device, firmwareOf(1, 60_000)));
    expect([error.code, causesOf(error)]).toEqual(['core/ram-changed', ['ram-disturbed']]);
    rig.disturb = undefined;
    await device.close();
    const again = await rig.connect({ probe: { usesRam: false } });
    expect(await program(again, firmwareOf(1, 60_000))).toMatchObject({ outcome: 'programmed' });
    await again.close();
  });
});

describe('code in RAM that is overwritten where it does not run', () => {
  it('is found when the loader has proven its work, which is then read by the probe instead', async () => {
    const rig = stlinkRig({ probe: 'v3e', chip: 'STM32F407' });
    const device = await rig.connect();
    let [writes, read] = [0, 0];
    rig.disturb = (command) => {
      const view = new DataView(command.buffer, command.byteOffset);
      const [mode, name] = command;
      if (mode === 0xf2 && name === 0x07 && view.getUint16(4, true) === 0x0800) read += view.getUint16(6, true);
      // In the loop for a supply that allows one byte at once.
      if (mode === 0xf2 && name === 0x08 && ++writes === 8) rig.chip.bus.write8(0x2000_0081, 0);
      return undefined;
    };
    expect(await program(device, firmwareOf(1, 60_000))).toMatchObject({ outcome: 'programmed' });
    expect(read).toBeGreaterThanOrEqual(60_000);
    expect(await device.target.slowness?.()).toMatchObject({
      because: 'something else in the chip writes to its RAM',
    });
    await device.close();
  });
});

describe('a watchdog that hardware starts, on a chip whose debug unit cannot hold it', () => {
  const facts = microcontrollerChips.get('STM32F103');
  if (!facts) throw new Error('no model of STM32F103');
  const governance = { hardware: { byte: 2, bit: 0 } };
  const chip = { ...facts, watchdog: { ...facts.watchdog, governance } };
  const rigOf = (): StlinkRig =>
    stlinkRig({
      probe: 'v2-1',
      chip,
      longestRunMs: 25,
      setOptions: (options) => options.set([0xfe, 0x01], 2),
    });

  it('is named as what reset the chip in the middle of a job by registers', async () => {
    const device = await rigOf().connect({ probe: { usesRam: false } });
    const error = await failureOf(program(device, firmwareOf(1, 6_000)));
    await device.close();
    expect([error.code, causesOf(error)]).toEqual(['core/reset', ['watchdog-resets']]);
  });

  it('is fed by the loader, which completes the same job', async () => {
    const rig = rigOf();
    const device = await rig.connect();
    const image = firmwareOf(1, 6_000);
    expect(await program(device, image)).toMatchObject({ outcome: 'programmed' });
    await device.close();
  });
});
