/** A debug probe without a protocol: memory of a chip's model through its debug port, time by the model's own clock. */
import { type Clock, FlashError, type Target } from '@sureflash/programmer';
import { connectThroughProbe, type DebugProbe, type ProbeChoices } from '@sureflash/programmer/probe';
import { createMicrocontroller, type Microcontroller, microcontrollerChips } from '@sureflash/virtual';

export interface ModelProbeOptions {
  readonly volts?: number;
  /** Called before each access with its running number. */
  readonly beforeAccess?: (index: number) => void;
}

export interface ModelProbe {
  readonly chip: Microcontroller;
  readonly probe: DebugProbe;
  readonly clock: Clock;
  /** Accesses so far, of any length. */
  readonly accesses: () => number;
}

/** A probe at 4 MHz takes about so long for a command, and for each word. */
const COMMAND_MS = 0.1;
const WORD_MS = 0.0115;

type Width = 1 | 2 | 4;

/** @throws Error for a chip that is not modelled to its registers */
export function modelProbe(name: string, options: ModelProbeOptions = {}): ModelProbe {
  const facts = microcontrollerChips.get(name);
  if (!facts) throw new Error(`no model of ${name}`);
  return probeOn(createMicrocontroller(facts, { cached: true }), options);
}

/** The same for a chip that goes on. */
export function probeOn(chip: Microcontroller, { volts = 3.3, beforeAccess }: ModelProbeOptions = {}): ModelProbe {
  const { debugPort } = chip.core;
  let accesses = 0;
  const each = (place: Extent, one: (at: number, width: Width) => void): void => {
    beforeAccess?.(accesses++);
    chip.run(COMMAND_MS + (place.length / 4) * WORD_MS);
    eachAccess(place, one);
  };
  const probe: DebugProbe = {
    title: 'a model probe',
    enterSwd: async () => undefined,
    voltage: async () => volts,
    useAp: async () => undefined,
    usePages: () => undefined,
    async readMemory(address, length, { width: wanted } = {}) {
      const view = new DataView(new ArrayBuffer(length));
      each({ address, length, wanted }, (at, width) => {
        const value = debugPort.read(at, width);
        if (width === 4) view.setUint32(at - address, value, true);
        else if (width === 2) view.setUint16(at - address, value, true);
        else view.setUint8(at - address, value);
      });
      return new Uint8Array(view.buffer);
    },
    async writeMemory(address, bytes, { width: wanted } = {}) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      each({ address, length: bytes.length, wanted }, (at, width) => {
        const offset = at - address;
        if (width === 4) debugPort.write(at, 4, view.getUint32(offset, true));
        else if (width === 2) debugPort.write(at, 2, view.getUint16(offset, true));
        else debugPort.write(at, 1, view.getUint8(offset));
      });
    },
    async driveReset(asserted) {
      if (asserted) chip.reset('pin');
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const clock: Clock = { now: () => chip.now(), sleep: async (ms) => chip.run(ms) };
  return { chip, probe, clock, accesses: () => accesses };
}

interface Extent {
  readonly address: number;
  readonly length: number;
  readonly wanted?: Width | undefined;
}

function eachAccess({ address, length, wanted }: Extent, one: (at: number, width: Width) => void): void {
  const end = address + length;
  for (let at = address; at < end; ) {
    const width = wanted ?? (at % 4 === 0 && end - at >= 4 ? 4 : 1);
    try {
      one(at, width);
    } catch {
      const facts = { operation: 'access memory', status: 'access port: FAULT', address: at };
      throw new FlashError('probe/refused', facts);
    }
    at += width;
  }
}

/** The chip behind the probe as a target. */
export async function targetBehind({ probe, clock }: ModelProbe, choices: ProbeChoices = {}): Promise<Target> {
  return await connectThroughProbe(probe, { clock, choices });
}
