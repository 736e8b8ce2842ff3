import { expect, it } from 'vitest';
import { bulkTransferMs, controlTransferMs } from './full-speed-bus.ts';

it('takes 30 microseconds for a control transfer without data', () => {
  expect(controlTransferMs(0)).toBeCloseTo(0.03, 6);
});

it('fits 13 control transfers of 64 bytes into a frame of 1 ms, as Table 5-3 says', () => {
  expect(Math.floor(1 / controlTransferMs(64))).toBe(13);
});

it('fits 19 bulk packets of 64 bytes into a frame, as Table 5-9 says', () => {
  expect(Math.floor(1 / bulkTransferMs(64))).toBe(19);
  expect(bulkTransferMs(64 * 19)).toBeLessThan(1);
});

it('takes 1.66 ms for 2048 bytes through endpoint 0', () => {
  expect(controlTransferMs(2048)).toBeCloseTo(1.664, 3);
});
