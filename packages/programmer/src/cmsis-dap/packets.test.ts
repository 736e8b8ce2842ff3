import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, hexOf } from '../../testing/scripted-port.ts';
import {
  blockReadPacket,
  type DapTransfer,
  outcomeOf,
  readsInBlock,
  readsInPacket,
  transferPacket,
  writesInPacket,
} from './packets.ts';

const TAR: DapTransfer = { port: 'access', register: 4, value: 0xe000_edf0 };
const DRW: DapTransfer = { port: 'access', register: 0xc };

describe('a packet of transfers', () => {
  it('has a byte for a read, and five for a write', () => {
    expect(hexOf(transferPacket([TAR, DRW]))).toBe('05000205f0ed00e00f');
    expect(hexOf(transferPacket([{ port: 'debug', register: 0 }]))).toBe('05000102');
    expect(hexOf(transferPacket([{ port: 'debug', register: 8, value: 0x0100_0000 }]))).toBe('0500010800000001');
  });

  it('counts the reads of one register in two bytes', () => {
    expect(hexOf(blockReadPacket(DRW, 0x105))).toBe('060005010f');
  });

  it('fits with its reply into every size of a probe', () => {
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 1024 }), fc.constantFrom(1, 2), (size, writes) => {
        const head = Array.from({ length: writes }, () => TAR);
        const reads = readsInPacket(size, writes);
        const written = writesInPacket(size, writes);
        expect(Math.min(reads, written, readsInBlock(size))).toBeGreaterThan(0);
        const read = [...head, ...Array.from({ length: reads }, () => DRW)];
        expect(read.length).toBeLessThan(256);
        expect(transferPacket(read).length).toBeLessThanOrEqual(size);
        expect(3 + 4 * reads).toBeLessThanOrEqual(size);
        const write = [...head, ...Array.from({ length: written }, () => TAR)];
        expect(write.length).toBeLessThan(256);
        expect(transferPacket(write).length).toBeLessThanOrEqual(size);
        expect(4 + 4 * readsInBlock(size)).toBeLessThanOrEqual(size);
      }),
    );
  });
});

describe('a reply to transfers', () => {
  it.each([
    ['05020178563412', { done: 2, acknowledge: 'ok', words: [0x1234_5678] }],
    ['06020001ffffffff00000080', { done: 2, acknowledge: 'ok', words: [0xffff_ffff, 0x8000_0000] }],
    ['050102', { done: 1, acknowledge: 'wait', words: [] }],
    ['050004', { done: 0, acknowledge: 'fault', words: [] }],
    ['050007', { done: 0, acknowledge: 'none', words: [] }],
    ['050000', { done: 0, acknowledge: 'none', words: [] }],
    ['050009', { done: 0, acknowledge: 'parity', words: [] }],
  ])('%s says how many were done, and how the last was acknowledged', (reply, outcome) => {
    expect(outcomeOf(bytesOf(reply))).toEqual(outcome);
  });

  it('says nothing where it is too short', () => {
    expect([outcomeOf(bytesOf('0501')), outcomeOf(bytesOf('060100'))]).toEqual([undefined, undefined]);
  });
});
