import { describe, expect, it } from 'vitest';
import { sureflash } from '../testing/harness.ts';

describe('sureflash detach', () => {
  it.each(['runtime-detaches-itself', 'runtime-detaches-at-reset'])('sends %s to its bootloader', async (board) => {
    const { code, out } = await sureflash(`detach --virtual ${board} --instant`);
    expect(code).toBe(0);
    expect(out).toMatch(/^Bootloader +DFU device "Board loader"/m);
  });

  it('leaves a device as it is that is in its bootloader already', async () => {
    expect((await sureflash('detach --virtual stm32f105-rom --instant')).code).toBe(0);
  });

  it('fails where the program refuses, with what it refused', async () => {
    const { code, err } = await sureflash('detach --virtual runtime-refuses --instant');
    expect(code).toBe(3);
    expect(err).toContain('DFU_DETACH');
  });
});

describe('--detach', () => {
  it('restarts a running program before the work, and nothing does without it', async () => {
    expect((await sureflash('info --virtual runtime-detaches-itself --instant')).code).toBe(3);
    const { code, out } = await sureflash('info --virtual runtime-detaches-itself --instant --detach');
    expect([code, out.includes('1209:0001')]).toEqual([0, true]);
  });

  it('is refused together with a recorded device', async () => {
    expect((await sureflash('info --replay trace.jsonl --detach')).code).toBe(2);
  });
});
