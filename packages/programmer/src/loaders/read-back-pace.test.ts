import { describe, expect, it } from 'vitest';
import { ReadBackPace } from './read-back-pace.ts';

describe('the pace of reading back', () => {
  it('knows nothing of the wire before a buffer was filled', () => {
    expect(new ReadBackPace().isWireFull).toBeUndefined();
  });

  it('takes the wire as full while the loader has done all but the buffer that was filled last', () => {
    const pace = new ReadBackPace();
    pace.filled(1);
    expect(pace.isWireFull).toBe(true);
    pace.filled(2);
    expect(pace.isWireFull).toBe(false);
  });

  it('pays where fetching took longer than a CRC of everything would take', () => {
    const pace = new ReadBackPace();
    pace.crcTook(100, { bytes: 524_288, uniform: 0 });
    expect([pace.pays(99), pace.pays(101)]).toEqual([false, true]);
  });

  it('reckons with eight times as long for a flash that was blank before', () => {
    const pace = new ReadBackPace();
    pace.crcTook(15, { bytes: 524_288, uniform: 524_288 });
    expect([pace.pays(119), pace.pays(121)]).toEqual([false, true]);
  });

  it('pays where no CRC was ever computed', () => {
    expect(new ReadBackPace().pays(0)).toBe(true);
  });
});
