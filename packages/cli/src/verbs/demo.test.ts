import { describe, expect, it } from 'vitest';
import { fakeIo, sureflash } from '../testing/harness.ts';

describe('the demo', () => {
  it('tells the whole story: refused, forced and found out, programmed, unchanged, and the times', async () => {
    const { code, out, err } = await sureflash('demo --instant');
    expect(code).toBe(0);
    expect(out.match(/^Exit code {4}\d/gm)).toEqual(['Exit code    6', 'Exit code    7']);
    expect(err).toMatch(/Error {8}Stopped before writing: /);
    expect(err).toContain('0x080001E4 holds 0xFF instead of 0x00');
    expect(err.match(/^Why {10}An application answers here/gm)).toHaveLength(2);
    expect(err).toMatch(/needs at least [\d.]+ s, so nothing was programmed/);
    expect(out.match(/^(Verified|Unchanged|Started) /gm)).toHaveLength(11);
    expect(out.match(/^Executed .*/gm)).toEqual([
      'Executed     PA9 high: the core is in the ROM bootloader',
      'Executed     PA9 high: the core is in the ROM bootloader',
      'Executed     PA9 low: the core is in the application',
      'Executed     PA9 high: the core is in the ROM bootloader; nobody touched BOOT0',
    ]);
    expect(out.match(/^Entered .*SysTick off, clocks as after a reset$/gm)).toHaveLength(2);
    expect(out).toMatch(/ {2}run +outcome +we took +flash +ROM +USB +ratio\n {2}version 1 +programmed/);
    expect(err.match(/^Warning {6}once it runs, this firmware cannot be updated/gm)).toHaveLength(2);
  });

  it('costs hardly more than the silicon and the bus', async () => {
    const { json, err } = await sureflash('demo --instant --json');
    expect(err).toBe('');
    const times = json.filter(({ type }) => type === 'times');
    expect(times.map(({ name }) => name)).toEqual(['version 1', 'version 1 to 2', 'again']);
    for (const { tookMs, siliconMs, romMs, busMs } of times) {
      expect(Number(tookMs) / (Number(siliconMs) + Number(romMs) + Number(busMs))).toBeLessThan(1.1);
    }
    expect(json.at(-1)).toMatchObject({ type: 'result', ok: true });
  });

  it('ends with 130 when it is stopped', async () => {
    const io = fakeIo();
    io.err.onWrite = (text) => {
      if (text.startsWith('Programming')) io.stop();
    };
    const { code, err } = await sureflash('demo --instant', io);
    expect(code).toBe(130);
    expect(err).toMatch(/Stopped {6}Interrupted/);
  });
});
