import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../testing/scripted-port.ts';
import { findFunctionalDescriptor } from './functional.ts';

/** The configuration descriptor of ST's DFU class (stm32-mw-usb-device v2.5.3, CubeMX defaults). */
const CUBEMX = '09021b00010102c0320904000000fe01020609210bff0000041a01';

describe('findFunctionalDescriptor', () => {
  it("reads the one of ST's class: both directions, not manifestation tolerant, blocks of 1024 bytes, DfuSe 1.1a", () => {
    expect(findFunctionalDescriptor(bytesOf(CUBEMX), 0)).toEqual({
      canDownload: true,
      canUpload: true,
      manifestationTolerant: false,
      willDetach: true,
      detachTimeoutMs: 255,
      transferSize: 1024,
      version: 0x011a,
    });
  });

  it('reads the seven bytes of DFU 1.0', () => {
    expect(findFunctionalDescriptor(bytesOf('09040000000001020007210d0a000008'), 0)).toMatchObject({
      canUpload: false,
      manifestationTolerant: true,
      detachTimeoutMs: 10,
      transferSize: 2048,
      version: 0x0100,
    });
  });

  it.each([
    ['HID', '0904000001030000000921110100012233000705810308000a'],
    ['CCID', '09040000000b0000003621100100070300000000'.padEnd(18 + 2 * 0x36, '0')],
  ])('does not take a descriptor of %s for the one of the DFU interface', (_, foreign) => {
    const dfu = '0904010000fe01020609210bff0000041a01';
    for (const order of [foreign + dfu, dfu + foreign]) {
      expect(findFunctionalDescriptor(bytesOf(`09025000020100c032${order}`), 1)).toMatchObject({ transferSize: 1024 });
      expect(findFunctionalDescriptor(bytesOf(`09025000020100c032${foreign}`), 1)).toBeUndefined();
    }
  });

  it('keeps what a descriptor with blocks of 0 bytes says otherwise', () => {
    const found = findFunctionalDescriptor(bytesOf('0904000000fe010206092109ff0000001a01'), 0);
    expect(found).toMatchObject({ canUpload: false, version: 0x011a });
    expect(found?.transferSize).toBeUndefined();
  });

  it.each([
    ['there is none', '09021b00010102c0320904000000fe010206'],
    ['it ends too early', '0904000000fe01020609210bff00'],
    ['a descriptor before it says that it has 0 bytes', '0904000000fe010206000209210bff0000041a01'],
  ])('finds nothing where %s', (_, hex) => {
    expect(findFunctionalDescriptor(bytesOf(hex), 0)).toBeUndefined();
  });

  it('comes to an end on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const found = findFunctionalDescriptor(bytes, bytes[0] ?? 0);
        expect(found?.transferSize ?? 1).toBeGreaterThan(0);
      }),
    );
  });
});
