/** Which devices get a request before they have answered the last one, and that none of them minds. */
import { connect, program, type UsbPort } from '@sureflash/programmer';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig } from './rig.ts';

/** Notes how many transfers are under way at once. */
function counting(port: UsbPort): { port: UsbPort; most: () => number } {
  let underWay = 0;
  let most = 0;
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    most = Math.max(most, ++underWay);
    return await work.finally(() => {
      underWay--;
    });
  };
  return {
    port: {
      identity: port.identity,
      interfaceNumber: port.interfaceNumber,
      alternates: port.alternates,
      configurationDescriptor: port.configurationDescriptor,
      gone: port.gone,
      selectAlternate: async (number) => await port.selectAlternate(number),
      controlIn: async (...call) => await counted(port.controlIn(...call)),
      controlOut: async (...call) => await counted(port.controlOut(...call)),
      bulkIn: async (...call) => await counted(port.bulkIn(...call)),
      bulkOut: async (...call) => await counted(port.bulkOut(...call)),
      reset: async () => await port.reset(),
      [Symbol.asyncDispose]: async () => await port[Symbol.asyncDispose](),
    },
    most: () => most,
  };
}

async function mostAtOnce(scenario: string, polite = false): Promise<number> {
  const address = scenario.endsWith('-rom') ? 0x0800_0000 : 0x0800_6000;
  const rig = new Rig(scenario, { flash: [{ address, bytes: noise(24_000, 3) }] });
  const { port, most } = counting(await rig.openPort());
  const device = await connect(port, { clock: rig.clock, polite });
  const image = imageAt(address, noise(24_000, 4));
  await program(device, image);
  expect(rig.holds(image)).toBe(true);
  return most();
}

describe('requests are queued', () => {
  it.each(['stm32f105-rom', 'stm32f407-rom', 'stm32h743-rom', 'stm32l476-rom-early-stall', 'stm32f105-custom'])(
    'to %s, so that it need not wait for the host',
    async (scenario) => {
      expect(await mostAtOnce(scenario)).toBeGreaterThan(2);
    },
  );

  it.each(['stm32f072-rom', 'stm32l152xe-rom', 'stm32f302x8-rom', 'black-magic-bootloader'])(
    'not to %s, which may miss what comes too quickly, or of which nothing is known',
    async (scenario) => {
      expect(await mostAtOnce(scenario)).toBe(1);
    },
  );

  it('not with --polite', async () => {
    expect(await mostAtOnce('stm32f407-rom', true)).toBe(1);
  });
});
