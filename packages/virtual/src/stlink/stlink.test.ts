/** An ST-LINK over USB, command by command, against answers that public clients expect and recordings show. */

import { describe, expect, test } from 'vitest';
import { block, desk, enter, hex, word } from '../../testing/stlink-desk.ts';

const DHCSR = 0xe000_edf0;
const DEMCR = 0xe000_edfc;

/** A program that counts in R0: movs r0,#0; adds r0,#1; b back. */
function program(start = 0x2000_0400): Uint8Array {
  const image = new Uint8Array(0x48);
  const view = new DataView(image.buffer);
  view.setUint32(0, start, true);
  view.setUint32(4, 0x0800_0041, true);
  [0x2000, 0x3001, 0xe7fd].forEach((code, index) => {
    view.setUint16(0x40 + 2 * index, code, true);
  });
  return image;
}
const counting = new Map([[0x0800_0000, program()]]);

describe('the identity of a virtual ST-LINK', () => {
  test('a V2J37M27 tells its version, its mode and the voltage', async () => {
    const { ask } = await desk({ supplyMv: 3250 });
    expect(hex(await ask([0xf1], 6))).toBe('29 5b 83 04 4b 37');
    expect(hex(await ask([0xf5], 2))).toBe('01 00');
    const view = new DataView((await ask([0xf7], 8)).buffer);
    expect((2400 * view.getUint32(4, true)) / view.getUint32(0, true)).toBeCloseTo(3250, -1);
  });

  test('a V2 begins in DFU mode and does not answer F7 before it has left it', async () => {
    const { ask } = await desk({ probe: 'v2', firmware: 'V2J28S7' });
    expect(hex(await ask([0xf1], 6))).toBe('27 07 83 04 48 37');
    expect(hex(await ask([0xf5], 2))).toBe('00 00');
    await expect(ask([0xf7], 8)).rejects.toThrow('cancelled');
    await ask([0xf3, 0x07], 0);
    expect(hex(await ask([0xf5], 2))).toBe('01 00');
    expect(await ask([0xf7], 8)).toHaveLength(8);
  });

  test('a V3 tells its generation alone in F1 and everything in FB', async () => {
    const { ask, connector } = await desk({ probe: 'v3set', firmware: 'V3J7M2B4' });
    expect(hex(await ask([0xf1], 6))).toBe('30 00 83 04 4f 37');
    expect(hex(await ask([0xfb], 12))).toBe('03 00 07 02 04 00 00 00 83 04 4f 37');
    const configuration = connector.configurationDescriptor;
    expect([configuration.length, configuration[4], configuration[8]]).toEqual([151, 5, 250]);
  });

  test('old firmware does not know what came later', async () => {
    const { ask } = await desk({ firmware: 'V2J17M2' });
    for (const code of [0x43, 0x45, 0x47, 0x4b, 0x61]) expect((await ask([0xf2, code], 2))[0]).toBe(0x42);
    expect((await ask([0xf2, 0x3e], 12))[0]).toBe(0x80);
  });
});

describe('a target behind a virtual ST-LINK', () => {
  test('is entered, and tells its DPIDR, CPUID, DEV_ID and flash size', async () => {
    const { ask, readDebug } = await desk();
    expect(hex(await ask(enter, 2))).toBe('80 00');
    expect(hex(await ask([0xf5], 2))).toBe('02 00');
    expect(hex(await ask([0xf2, 0x31], 12))).toBe('80 00 00 00 77 14 a0 2b 00 00 00 00');
    expect(await readDebug(0xe000_ed00)).toBe(0x410f_c241);
    expect((await readDebug(0xe004_2000)) & 0xfff).toBe(0x413);
    expect((await readDebug(0x1fff_7a20)) >>> 16).toBe(1024);
  });

  test('without power is no target: entering ends with GET_IDCODE error', async () => {
    const { ask } = await desk({ supplyMv: 0 });
    expect((await ask(enter, 2))[0]).toBe(0x09);
  });

  test('with RDP level 2 is no target, with level 1 its flash cannot be read', async () => {
    const closed = await desk({ protection: 2 });
    expect((await closed.ask(enter, 2))[0]).toBe(0x09);
    const { ask, status } = await desk({ protection: 1, flash: counting });
    expect((await ask(enter, 2))[0]).toBe(0x80);
    expect(hex(await ask(block(0x07, 0x0800_0000, 4), 4))).toBe('00 00 00 00');
    expect(await status()).toBe(0x11);
    await ask(block(0x07, 0x2000_0000, 4), 4);
    expect(await status()).toBe(0x80);
  });

  test('is halted, stepped and resumed through DHCSR, and shows its registers', async () => {
    const { ask, writeDebug, readDebug, virtualClock } = await desk({ flash: counting });
    await ask(enter, 2);
    expect((await ask([0xf2, 0x33, 0], 8))[0]).toBe(0x08);
    await writeDebug(DHCSR, 0xa05f_0003);
    expect((await readDebug(DHCSR)) & 0x2_0000).toBe(0x2_0000);
    const register = async (number: number) =>
      new DataView((await ask([0xf2, 0x33, number], 8)).buffer).getUint32(4, true);
    const before = await register(0);
    expect(await register(15)).toBeGreaterThanOrEqual(0x0800_0040);
    await writeDebug(DHCSR, 0xa05f_0001);
    await virtualClock.sleep(1);
    await writeDebug(DHCSR, 0xa05f_0003);
    // 16 MHz, an addition and a branch taken: a few cycles each.
    const counted = (await register(0)) - before;
    expect(counted).toBeGreaterThan(2000);
    expect(counted).toBeLessThan(20_000);
    expect(await ask([0xf2, 0x3a], 88)).toHaveLength(88);
    expect((await ask([0xf2, 0x34, 0, ...word(77)], 2))[0]).toBe(0x80);
    expect(await register(0)).toBe(77);
  });

  test('is held at its first instruction by NRST and vector catch', async () => {
    const { ask, writeDebug, readDebug } = await desk({ flash: counting });
    await ask([0xf2, 0x3c, 0], 2);
    expect((await ask(enter, 2))[0]).toBe(0x80);
    await writeDebug(DHCSR, 0xa05f_0001);
    await writeDebug(DEMCR, 1);
    expect((await readDebug(DHCSR)) & 0x200_0000).toBe(0x200_0000);
    expect((await readDebug(DHCSR)) & 0x200_0000).toBe(0x200_0000);
    await ask([0xf2, 0x3c, 1], 2);
    expect((await readDebug(DHCSR)) & 0x202_0000).toBe(0x202_0000);
    expect((await readDebug(DHCSR)) & 0x202_0000).toBe(0x002_0000);
    const pc = await ask([0xf2, 0x33, 15], 8);
    expect(hex(pc.subarray(4))).toBe('40 00 00 08');
  });

  test('is not reset by a line that is not wired, which S_RESET_ST tells', async () => {
    const { ask, readDebug } = await desk({ flash: counting, nrstWired: false });
    await ask(enter, 2);
    await readDebug(DHCSR);
    await ask([0xf2, 0x3c, 0], 2);
    await ask([0xf2, 0x3c, 1], 2);
    expect((await readDebug(DHCSR)) & 0x200_0000).toBe(0);
  });
});

describe('memory behind a virtual ST-LINK', () => {
  test('is written and read by bytes, half-words and words, across a page of TAR', async () => {
    const { ask, status } = await desk();
    await ask(enter, 2);
    const bytes = Uint8Array.from({ length: 3000 }, (_, index) => index * 7);
    await ask(block(0x08, 0x2000_0100, 3000), 0, bytes);
    expect(await status()).toBe(0x80);
    expect(await ask(block(0x07, 0x2000_0100, 3000), 3000)).toEqual(bytes);
    expect(await ask(block(0x47, 0x2000_0102, 6), 6)).toEqual(bytes.slice(2, 8));
    expect(await ask(block(0x0c, 0x2000_0101, 5), 5)).toEqual(bytes.slice(1, 6));
    await ask(block(0x0d, 0x2000_0103, 2), 0, Uint8Array.of(0xaa, 0xbb));
    await ask(block(0x48, 0x2000_0106, 2), 0, Uint8Array.of(0xcc, 0xdd));
    expect(hex(await ask(block(0x07, 0x2000_0100, 8), 8))).toBe('00 07 0e aa bb 23 cc dd');
    expect(await ask(block(0x0c, 0x2000_0101, 1), 2)).toHaveLength(2);
  });

  test('that is not there is refused with the address, and the next access is good', async () => {
    const { ask } = await desk();
    await ask(enter, 2);
    await ask(block(0x07, 0x2001_fff8, 16), 16);
    expect(hex(await ask([0xf2, 0x3e], 12))).toBe('11 00 00 00 00 00 02 20 00 00 00 00');
    expect(hex(await ask([0xf2, 0x36, ...word(DHCSR)], 8))).toMatch(/^80 /);
  });

  test('blocks have a longest length and an alignment', async () => {
    const { ask, status } = await desk();
    await ask(enter, 2);
    await ask(block(0x07, 0x2000_0000, 6148), 6148);
    expect(await status()).toBe(0x08);
    await ask(block(0x0c, 0x2000_0000, 65), 65);
    expect(await status()).toBe(0x08);
    await ask(block(0x07, 0x2000_0002, 4), 4);
    expect(await status()).toBe(0x0a);
  });

  test('is read at the recorded pace: 150 to 159 KB/s at 4 MHz', async () => {
    const { ask, virtualClock } = await desk({ firmware: 'V2J46M33' });
    await ask(enter, 2);
    expect((await ask([0xf2, 0x43, 0, 0], 2))[0]).toBe(0x80);
    const start = virtualClock.now();
    for (let count = 0; count < 10; count += 1) await ask(block(0x07, 0x2000_0000, 6144), 6144);
    const rate = (10 * 6144) / (virtualClock.now() - start);
    expect(rate).toBeGreaterThan(150);
    expect(rate).toBeLessThan(159);
  });

  test('flash takes words at its own pace while the probe repeats what was answered by WAIT', async () => {
    const { ask, writeDebug, status, microcontroller } = await desk({ probe: 'v3set' });
    await ask(enter, 2);
    await ask([0xf2, 0x61, 0, 0, ...word(24_000)], 8);
    await writeDebug(DHCSR, 0xa05f_0003);
    for (const key of [0x4567_0123, 0xcdef_89ab]) await writeDebug(0x4002_3c04, key);
    await writeDebug(0x4002_3c10, 0x201);
    const bytes = Uint8Array.from({ length: 1024 }, (_, index) => index * 3);
    await ask(block(0x08, 0x0800_0000, 1024), 0, bytes);
    expect(await status()).toBe(0x80);
    expect(await ask(block(0x07, 0x0800_0000, 1024), 1024)).toEqual(bytes);
    expect(microcontroller.flash.memories[0]?.bytes.subarray(0, 1024)).toEqual(bytes);
  });
});

describe('access ports behind a virtual ST-LINK', () => {
  test('tell who they are, and have to be opened from J28 on for more', async () => {
    const { ask } = await desk();
    await ask(enter, 2);
    const [idr, base] = [
      [0xf2, 0x45, 0, 0, 0xfc, 0],
      [0xf2, 0x45, 0, 0, 0xf8, 0],
    ];
    expect(hex(await ask(idr, 8))).toBe('80 00 00 00 11 00 77 24');
    expect((await ask(base, 8))[0]).toBe(0x1d);
    expect((await ask([0xf2, 0x4b, 0], 2))[0]).toBe(0x80);
    expect(hex(await ask(base, 8))).toBe('80 00 00 00 03 f0 0f e0');
    expect((await ask([0xf2, 0x45, 3, 0, 0xfc, 0], 8))[0]).toBe(0x1d);
    expect((await ask([0xf2, 0x4b, 3], 2))[0]).toBe(0x1d);
  });

  test('keep a bus error until ABORT clears it', async () => {
    const { ask } = await desk();
    await ask(enter, 2);
    await ask([0xf2, 0x4b, 0], 2);
    await ask([0xf2, 0x46, 0, 0, 4, 0, ...word(0x3000_0000)], 2);
    expect((await ask([0xf2, 0x45, 0, 0, 0x0c, 0], 8))[0]).toBe(0x11);
    const status = async () => new DataView((await ask([0xf2, 0x45, 0xff, 0xff, 4, 0], 8)).buffer).getUint32(4, true);
    expect((await status()) & 0x20).toBe(0x20);
    expect((await ask([0xf2, 0x45, 0, 0, 0, 0], 8))[0]).toBe(0x11);
    await ask([0xf2, 0x46, 0xff, 0xff, 0, 0, ...word(0x1e)], 2);
    expect((await status()) & 0x20).toBe(0);
    expect((await ask([0xf2, 0x45, 0, 0, 0, 0], 8))[0]).toBe(0x80);
  });
});

describe('a fault at a virtual ST-LINK', () => {
  test('a lost reply leaves the host waiting, and the command is done', async () => {
    const { ask, readDebug } = await desk({
      onCommand: (command) => (command[1] === 0x35 ? { kind: 'lost reply' } : undefined),
    });
    await ask(enter, 2);
    await expect(ask([0xf2, 0x35, ...word(DHCSR), ...word(0xa05f_0003)], 2)).rejects.toThrow('cancelled');
    expect((await readDebug(DHCSR)) & 0x2_0000).toBe(0x2_0000);
  });

  test('a probe that is mute answers again when it has been plugged in anew', async () => {
    const { ask, connector } = await desk({
      onCommand: (_, count) => (count === 1 ? { kind: 'mute' } : undefined),
    });
    await ask(enter, 2);
    await expect(ask([0xf5], 2)).rejects.toThrow('cancelled');
    await expect(ask([0xf5], 2)).rejects.toThrow('cancelled');
    connector.unplug();
    connector.plug();
    expect(connector.device?.bulkOut?.(1, Uint8Array.of(0xf5)).kind).toBe('ack');
    expect(connector.device?.bulkIn?.(0x81, 2)).toEqual({ kind: 'data', bytes: Uint8Array.of(1, 0) });
  });
});
