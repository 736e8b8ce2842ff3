import { describe, expect, it } from 'vitest';
import { type ErrorCode, type FactsOf, FlashError, hasCode } from './errors.ts';
import { ERROR_CODES, explain, remediesFor } from './hints.ts';

const setup = { requestType: 'class', recipient: 'interface', request: 3, value: 0, index: 0 } as const;

const FACTS: { readonly [C in ErrorCode]: FactsOf<C> } = {
  'usb/stall': { setup },
  'usb/timeout': { afterMs: 5000 },
  'usb/gone': {},
  'usb/access': { detail: 'Access denied.' },
  'usb/busy': { detail: 'Unable to claim interface.' },
  'usb/transfer': { detail: 'A transfer error has occurred.' },
  'usb/descriptor': { detail: 'a device descriptor of 3 bytes' },
  'device/not-programmable': { detail: 'it has no interface in DFU mode' },
  'device/unstable-read': { address: 0x08000100, first: 0x12, second: 0x92 },
  'device/read-protected': { operation: 'erase', address: 0x0800_0000 },
  'device/no-map': { alternates: 1 },
  'device/unreadable': {},
  'device/other-chip': { stated: 'STM32F105', because: 'its map announces 12 × 128 KB', fits: ['STM32F405'] },
  'device/not-back': { afterMs: 30_000 },
  'option-bytes/absent': { available: [] },
  'option-bytes/unknown': { chips: ['STM32F405', 'STM32F412'], address: 0x1fff_c000 },
  'option-bytes/field': { name: 'nWHAT', known: ['RDP'] },
  'option-bytes/value': { name: 'RDP', value: '3', allowed: ['level-0', 'level-1'] },
  'option-bytes/fixed': { name: 'SFSA' },
  'option-bytes/read-only': {},
  'option-bytes/for-ever': { name: 'RDP', value: 'level 2', caution: 'for ever' },
  'option-bytes/differ': { name: 'RDP', expected: 0xbb, found: 0xaa },
  'dfu/status': { operation: 'write', status: 'errTARGET', state: 'dfuERROR' },
  'dfu/protocol': { operation: 'leave', expected: 'dfuMANIFEST', found: 'dfuIDLE' },
  'dfu/stuck': { operation: 'erase', afterMs: 10_000 },
  'dfu/block-size': { announced: 4096 },
  'dfu/layout': { text: '@', offset: 1, expected: 'a "/"' },
  'probe/firmware': { found: 'V2J14S0', least: 'V2J15' },
  'probe/mute': { operation: 'read memory', afterMs: 3000 },
  'probe/protocol': { operation: 'read memory', expected: '8 bytes', found: '12 bytes' },
  'probe/refused': { operation: 'read memory', status: 'access port: FAULT', address: 0xf000_0000 },
  'probe/no-target': { status: 'the chip gives no ID code', volts: 0.02, tried: ['normal', 'under-reset'] },
  'core/stuck': { operation: 'halt', afterMs: 100, state: 'locked up' },
  'core/ram-changed': { operation: 'program', address: 0x2000_0020, expected: 0x70, found: 0xff },
  'core/fault': { operation: 'erase', pc: 0x2000_0000, faults: ['an instruction that does not exist'] },
  'core/reset': { operation: 'erase', address: 0x0800_0000 },
  'flash/refused': { operation: 'erase', address: 0x0800_0000, flags: ['WRPERR: it is write-protected'] },
  'flash/stuck': { operation: 'erase', address: 0x0800_0000, afterMs: 10_000 },
  'read/short': { address: 0, expected: 4, found: 2 },
  'preflight/danger': {
    concerns: [
      { kind: 'other-family', severity: 'danger', seen: 'it is for an F4', remedy: { text: 'Take another.' } },
    ],
  },
  'plan/outside': { start: 0, end: 4, available: [] },
  'plan/read-only': { start: 0, end: 0x1_0000_0000 },
  'plan/protected': { start: 0x080c_e000, end: 0x0810_0000, count: 50, by: 'SFSA' },
  'plan/one-time': { start: 0x1fff_7800, end: 0x1fff_7810 },
  'plan/spent': { address: 0x1fff_7800, expected: 0xff, found: 0 },
  'plan/supply': { volts: 5 },
  'plan/empty': {},
  'plan/doubtful': { cause: 'stub-media' },
  'plan/nothing-to-start': { address: 0x0800_0000 },
  'verify/mismatch': { address: 0x0800_01e4, expected: 0, found: 0xff, differing: 1, compared: 2 },
  'verify/too-quick': { tookMs: 364, leastMs: 4300, bytesWritten: 119_912 },
  'verify/erased-otherwise': {
    start: 0x0800_c000,
    end: 0x0801_0000,
    erasedStart: 0x0800_c000,
    erasedEnd: 0x0800_c800,
    restored: true,
  },
  'verify/changed-elsewhere': { address: 0x0803_ffc0, expected: 0x12, found: 0xff, differing: 60, looked: 512 },
  'verify/not-kept': { address: 0x0800_4000, expected: 0x12, found: 0xff, differing: 256, compared: 24_576 },
  'verify/not-erased': { address: 0, found: 0 },
  'fix/impossible': {
    chip: 'STM32L072',
    wanted: 'start the ROM bootloader',
    reason: 'it cannot',
    source: 'AN2606',
    instead: 'BOOT0 high at reset',
  },
  'fix/option': { option: 'when', value: 'PA99', expected: 'vbus:PA9' },
  'trace/diverged': { entry: 0, expected: 'a', found: 'b' },
};

function titleOf<C extends ErrorCode>(code: C): string {
  return explain(new FlashError<C>(code, FACTS[code])).title;
}

describe('hints', () => {
  it.each(ERROR_CODES)('say in a whole sentence what %s means', (code) => {
    const title = titleOf(code);
    expect(title).toMatch(/^\S.*\.$/);
    expect(title).not.toMatch(/undefined|NaN|\[object/);
  });

  it('say what to do for every code', () => {
    expect(ERROR_CODES.filter((code) => remediesFor(code).length === 0)).toEqual([]);
  });

  it('write places and values as people read them', () => {
    expect(titleOf('verify/mismatch')).toBe(
      'The device does not hold the image: 0x080001E4 holds 0xFF instead of 0x00; 1 of 2 bytes differ.',
    );
    expect(titleOf('plan/read-only')).toContain('0x00000000 to 0xFFFFFFFF');
    expect(titleOf('plan/outside')).toContain('There is: nothing.');
  });

  it.each([
    [0x9004_0000, /on an STM32 that is memory-mapped external flash\. There is/, /board's own bootloader/],
    [0x2000_c000, /on an STM32 that is the RAM\. There is/, /load address in flash \(AT> FLASH\)/],
    [0x0810_0000, /in the flash of this device\. There is/, /^Check the address/],
  ])('say what is at %i, where the file has bytes and the device no flash', (start, title, remedy) => {
    const told = explain(new FlashError('plan/outside', { start, end: start + 4, available: [] }));
    expect([told.title, told.remedies[0]?.text]).toEqual([expect.stringMatching(title), expect.stringMatching(remedy)]);
  });

  it('call a device that waits for a reset by what it waits for', () => {
    const facts = { operation: 'return to idle', expected: 'dfuIDLE', found: 'dfuMANIFEST-WAIT-RESET' };
    const { title, remedies } = explain(new FlashError('dfu/protocol', facts));
    expect(title).toContain('waits for a reset after an earlier download');
    expect(remedies[0]?.text).toContain('Unplug the device');
  });

  it('call a device that still runs its program so', () => {
    const facts = { operation: 'return to idle', expected: 'dfuIDLE', found: 'appDETACH' };
    const { title, remedies } = explain(new FlashError('dfu/protocol', facts));
    expect(title).toContain('still runs its program (appDETACH)');
    expect(remedies[0]?.text).toContain('Start its bootloader');
  });

  it('say nothing of option bytes where a device was only asked to restart', () => {
    const { title, remedies } = explain(new FlashError('device/not-back', { afterMs: 30_000, detached: true }));
    expect(title).toContain('nothing in DFU mode came');
    expect(remedies.map(({ text }) => text).join()).not.toMatch(/option bytes|written/);
  });
});

describe('FlashError', () => {
  it('carries code, facts and cause, and its message shows both', () => {
    const cause = new Error('why');
    const error = new FlashError('usb/timeout', { afterMs: 7 }, cause);
    expect(error).toMatchObject({ name: 'FlashError', message: 'usb/timeout {"afterMs":7}', cause });
    expect(hasCode(error, 'usb/timeout')).toBe(true);
    expect(hasCode(error, 'usb/gone')).toBe(false);
    expect(hasCode(cause, 'usb/gone')).toBe(false);
  });
});
