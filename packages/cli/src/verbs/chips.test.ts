import { CHIPS } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { sureflash } from '../testing/harness.ts';

describe('sureflash chips', () => {
  it('lists all of them, one line each', async () => {
    const { code, out } = await sureflash('chips');
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(CHIPS.length);
    expect(out).toMatch(/^STM32F105 +0x418 {2}DFU +64 KB\.\.256 KB +F107$/m);
  });

  it('shows one in full, with what is not certain', async () => {
    const { out } = await sureflash('chips STM32F105RBT6');
    expect(out).toMatch(/^Jump to {8}0x1FFFB000/m);
    expect(out).toMatch(/^Clock {10}for USB it needs an HSE crystal of 8, 14\.7456 or 25 MHz/m);
    expect(out).toMatch(/^Not certain {4}timing: /m);
  });

  it('lists those that a beginning may mean', async () => {
    const { json, result } = await sureflash('chips L0 --json');
    expect(json.slice(0, -1).every((line) => line['family'] === 'L0')).toBe(true);
    expect(result).toEqual({ type: 'result', schema: 1, ok: true, chips: json.length - 1 });
  });
});
