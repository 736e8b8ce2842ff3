import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsbIpError } from './usbip-error.ts';
import {
  decodeCommand,
  decodeOpHeader,
  decodeReturn,
  decodeText,
  encodeImportRequest,
  encodeOpHeader,
  encodeReturn,
  encodeSubmit,
  encodeText,
  encodeUnlink,
  MAX_TRANSFER,
  OP,
  SIZE,
} from './wire.ts';

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const setup = fc.record({ requestType: u8, request: u8, value: u16, index: u16, length: u16 });

/** The code of the UsbIpError that `act` throws. */
function codeOf(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (error) {
    return error instanceof UsbIpError ? error.code : 'another error';
  }
}

/** Words in hex, as usbip_protocol.rst prints its example. */
function words(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/.{8}(?=.)/g, '$& ');
}

describe('the wire format', () => {
  test('gives back every URB header that it encodes', () => {
    const direction = fc.constantFrom('in' as const, 'out' as const);
    const header = fc.record({
      seqnum: u32,
      devid: u32,
      direction,
      endpoint: fc.nat(15),
      length: fc.nat(MAX_TRANSFER),
      setup,
    });
    fc.assert(
      fc.property(header, (submit) => {
        expect(decodeCommand(encodeSubmit(submit, new Uint8Array(0)))).toEqual({ command: 'submit', ...submit });
      }),
    );
    fc.assert(
      fc.property(fc.record({ seqnum: u32, devid: u32, target: u32 }), (unlink) => {
        expect(decodeCommand(encodeUnlink(unlink))).toEqual({ command: 'unlink', ...unlink });
      }),
    );
  });

  test('gives back every answer that it encodes', () => {
    const status = fc.integer({ min: -133, max: 0 });
    fc.assert(
      fc.property(fc.record({ seqnum: u32, status, length: fc.nat(MAX_TRANSFER) }), (answer) => {
        expect(decodeReturn(encodeReturn({ command: 'submitted', ...answer }))).toEqual({
          command: 'submitted',
          ...answer,
        });
        const unlinked = { command: 'unlinked' as const, ...answer, length: 0 };
        expect(decodeReturn(encodeReturn(unlinked))).toEqual(unlinked);
      }),
    );
  });

  test('puts each field where the document has it', () => {
    const get = { requestType: 0x80, request: 6, value: 0x0100, index: 0, length: 18 };
    const urb = { seqnum: 0xd05, devid: 0x1000f, direction: 'in', endpoint: 0, length: 18, setup: get } as const;
    expect(words(encodeSubmit(urb, new Uint8Array(0)))).toBe(
      '00000001 00000d05 0001000f 00000001 00000000 00000200 00000012 00000000 ffffffff 00000000 80060001 00001200',
    );
    expect(words(encodeUnlink({ seqnum: 2, devid: 0x1000f, target: 1 }))).toMatch(
      /^00000002 00000002 0001000f 0{8} 0{8} 00000001 /,
    );
    const answer = encodeReturn({ command: 'submitted', seqnum: 0xd06, status: -32, length: 1 }, Uint8Array.of(0xaa));
    expect(words(answer)).toBe(
      '00000003 00000d06 00000000 00000000 00000000 ffffffe0 00000001 00000000 ffffffff 00000000 00000000 00000000 aa',
    );
    expect(words(encodeImportRequest('1-1'))).toBe(`01118003 00000000 312d3100${' 00000000'.repeat(7)}`);
  });

  test('reads the interrupt transfer of the document, which has 0 for "no packets"', () => {
    const example =
      '00000001 00000d05 0001000f 00000001 00000001 00000200 00000040 ffffffff 00000000 00000004 00000000 00000000';
    expect(decodeCommand(Buffer.from(example.replaceAll(' ', ''), 'hex'))).toMatchObject({ endpoint: 1, length: 64 });
  });

  test('answers arbitrary bytes with a header or a protocol error, and nothing else', () => {
    const bytes = fc.uint8Array({ minLength: SIZE.URB_HEADER, maxLength: SIZE.URB_HEADER });
    fc.assert(
      fc.property(bytes, fc.nat(4), (frame, command) => {
        frame.set([0, 0, 0, command]);
        for (const decode of [decodeCommand, decodeReturn, decodeOpHeader, decodeText]) {
          expect(codeOf(() => decode(frame))).toMatch(/^(none|protocol)$/);
        }
      }),
    );
  });

  test('refuses another version, an unknown command, isochronous packets and transfers beyond its bound', () => {
    const urb = { seqnum: 1, devid: 1, direction: 'in', endpoint: 1, length: 8 } as const;
    const changed = (at: number, value: number): Uint8Array => {
      const bytes = encodeSubmit(urb, new Uint8Array(0));
      new DataView(bytes.buffer).setUint32(at, value);
      return bytes;
    };
    expect(() => decodeOpHeader(Uint8Array.of(1, 6, 0x80, 5, 0, 0, 0, 0))).toThrow('0x0106');
    expect(() => decodeCommand(changed(0, 7))).toThrow('Command 7');
    expect(() => decodeCommand(changed(12, 2))).toThrow('direction 2');
    expect(() => decodeCommand(changed(16, 16))).toThrow('endpoint 16');
    expect(() => decodeCommand(changed(24, MAX_TRANSFER + 1))).toThrow('longer than');
    expect(() => decodeCommand(changed(32, 3))).toThrow('Isochronous');
  });

  test('closes texts with a zero byte, and refuses those that are not closed', () => {
    expect(decodeText(encodeText('1-1.4', 32))).toBe('1-1.4');
    expect(() => encodeText('x'.repeat(32), 32)).toThrow(RangeError);
    expect(() => decodeText(new Uint8Array(32).fill(0x41))).toThrow(UsbIpError);
    expect(decodeOpHeader(encodeOpHeader(OP.REP_IMPORT, 4))).toEqual({ code: OP.REP_IMPORT, status: 4 });
  });
});
