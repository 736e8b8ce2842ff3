import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../testing/scripted-port.ts';
import { requestName, stateName, statusName } from './codes.ts';
import { parseStatus } from './status.ts';

describe('parseStatus', () => {
  it('reads status, the 24 bits of bwPollTimeout and state (DFU 1.1 §6.1.2)', () => {
    expect(parseStatus(bytesOf('000100000700'))).toEqual({ status: 0, pollTimeoutMs: 1, state: 7, text: 0 });
    expect(parseStatus(bytesOf('0e5634120a00'))).toEqual({ status: 14, pollTimeoutMs: 0x12_3456, state: 10, text: 0 });
    expect(parseStatus(bytesOf('ffffffffffff'))).toEqual({
      status: 255,
      pollTimeoutMs: 0xff_ffff,
      state: 255,
      text: 255,
    });
  });

  it.each(['', '00', '0000000002', '00000000020000'])('refuses a reply "%s" that is not six bytes', (hex) => {
    expect(() => parseStatus(bytesOf(hex))).toThrow(expect.objectContaining({ code: 'dfu/protocol' }));
  });
});

describe('names of codes', () => {
  it('are those of DFU 1.1, and a number that it does not know keeps its number', () => {
    expect([2, 3, 4, 5, 9, 10].map(stateName)).toEqual([
      'dfuIDLE',
      'dfuDNLOAD-SYNC',
      'dfuDNBUSY',
      'dfuDNLOAD-IDLE',
      'dfuUPLOAD-IDLE',
      'dfuERROR',
    ]);
    expect(stateName(8)).toBe('dfuMANIFEST-WAIT-RESET');
    expect(stateName(15)).toBe('unknown (15)');
    expect([0, 1, 11, 15, 77].map(statusName)).toEqual([
      'OK',
      'errTARGET',
      'errVENDOR',
      'errSTALLEDPKT',
      'unknown (77)',
    ]);
    expect([1, 3, 9].map(requestName)).toEqual(['DNLOAD', 'GETSTATUS', 'unknown (9)']);
  });
});
