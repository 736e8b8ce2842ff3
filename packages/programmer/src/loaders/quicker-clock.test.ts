import { describe, expect, it } from 'vitest';
import type { DebugAccess } from '../cortex/debug-access.ts';
import { takeSteps } from './quicker-clock.ts';

const CR = 0x4002_3800;
const CFGR = 0x4002_3808;
const STEPS = [
  { register: CR, clear: 0, set: 1 << 24, ready: 1 << 25 },
  { register: CFGR, clear: 3, set: 2 },
];

/** Registers whose PLL is ready after so many looks. */
function registers(looksUntilReady: number): { access: DebugAccess; values: Map<number, number> } {
  const values = new Map([
    [CR, 0x83],
    [CFGR, 0x1001],
  ]);
  let looks = 0;
  const access: DebugAccess = {
    async readMemory(address) {
      const value = values.get(address) ?? 0;
      const isReady = address === CR && (value & (1 << 24)) !== 0 && ++looks > looksUntilReady;
      const found = new Uint8Array(4);
      new DataView(found.buffer).setUint32(0, isReady ? value | (1 << 25) : value, true);
      return found;
    },
    async writeMemory(address, data) {
      values.set(address, new DataView(data.buffer, data.byteOffset).getUint32(0, true));
    },
    driveReset: async () => undefined,
  };
  return { access, values };
}

describe('steps to a quicker clock', () => {
  it('change their bits alone, each when the one before has had its effect', async () => {
    const { access, values } = registers(3);
    expect(await takeSteps(access, STEPS)).toBe(true);
    expect([values.get(CR), values.get(CFGR)]).toEqual([0x100_0083, 0x1002]);
  });

  it('end at one that has no effect: the clock is not switched to a PLL that does not run', async () => {
    const { access, values } = registers(1000);
    expect(await takeSteps(access, STEPS)).toBe(false);
    expect(values.get(CFGR)).toBe(0x1001);
  });
});
