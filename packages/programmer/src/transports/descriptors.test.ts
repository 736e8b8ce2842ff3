import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONFIGURATION, dfuDescriptors, stringDescriptor } from '../../testing/descriptors.ts';
import { bytesOf } from '../../testing/scripted-port.ts';
import { FlashError, hasCode } from '../errors.ts';
import { type ControlIn, describeDevice, parseInterfaces, readAlternates } from './descriptors.ts';

const answering =
  (descriptors: ReadonlyMap<number, Uint8Array>): ControlIn =>
  async (setup, length) => {
    const found = descriptors.get(setup.value);
    if (!found) throw new FlashError('usb/stall', { setup });
    return found.slice(0, length);
  };

/** How many were found; any other error than `usb/descriptor` comes through. */
function interfacesOrRefusal(bytes: Uint8Array): number {
  try {
    return parseInterfaces(bytes).length;
  } catch (error) {
    if (hasCode(error, 'usb/descriptor')) return 0;
    throw error;
  }
}

describe('describeDevice', () => {
  it("reads who the device is and its strings, as ST's class has them", async () => {
    const description = await describeDevice(answering(dfuDescriptors()), '1-4');
    expect(description.identity).toEqual({
      vendorId: 0x0483,
      productId: 0xdf11,
      bcdDevice: 0x0200,
      manufacturer: 'STMicroelectronics',
      product: 'STM32 DownLoad Firmware Update',
      serial: '00000000001A',
      path: '1-4',
    });
    expect(description).toMatchObject({ configurationValue: 1, language: 0x0409 });
    expect(description.configurationDescriptor).toEqual(bytesOf(CONFIGURATION));
  });

  it('does without strings where the device stalls them', async () => {
    const descriptors = dfuDescriptors();
    for (const value of [0x0300, 0x0301, 0x0302, 0x0303]) descriptors.delete(value);
    const { identity, language } = await describeDevice(answering(descriptors));
    expect(identity).toEqual({ vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x0200 });
    expect(language).toBe(0x0409);
  });

  it.each([
    ['a tail behind its stated length', stringDescriptor('Boot', [0x52, 0, 0x53]), 'Boot'],
    ['a length beyond its end', Uint8Array.of(40, 3, 0x42, 0, 0x6f, 0), 'Bo'],
    ['half a letter at its end', Uint8Array.of(5, 3, 0x42, 0, 0x6f), 'B'],
    ['rubbish behind a NUL', stringDescriptor('Boot\0xyz'), 'Boot'],
    ['no letters', Uint8Array.of(2, 3), undefined],
    ['no bytes', new Uint8Array(0), undefined],
  ])('takes a string with %s', async (_, bytes, product) => {
    const descriptors = dfuDescriptors().set(0x0302, bytes);
    expect((await describeDevice(answering(descriptors))).identity.product).toBe(product);
  });

  it.each([
    ['a short device descriptor', 0x0100, '120100'],
    ['a short configuration descriptor', 0x0200, '0902'],
    ['a configuration that ends before its own length', 0x0200, '0902ff00010102c032'],
  ])('refuses %s', async (_, value, hex) => {
    const descriptors = dfuDescriptors().set(value, bytesOf(hex));
    await expect(describeDevice(answering(descriptors))).rejects.toMatchObject({ code: 'usb/descriptor' });
  });

  it('does not hide that the device has left', async () => {
    const gone: ControlIn = async () => await Promise.reject(new FlashError('usb/gone', {}));
    await expect(describeDevice(gone)).rejects.toMatchObject({ code: 'usb/gone' });
  });
});

describe('parseInterfaces', () => {
  it('finds every alternate and the interface in DFU mode', () => {
    const two = `${CONFIGURATION.slice(0, 18)}0904000000fe01010509040101000000000609040200 00fe010207`.replaceAll(
      ' ',
      '',
    );
    const interfaces = parseInterfaces(bytesOf(two));
    expect(interfaces.map(({ interfaceNumber, number }) => [interfaceNumber, number])).toEqual([
      [0, 0],
      [1, 1],
      [2, 0],
    ]);
  });

  it('refuses a descriptor of no length rather than to look at it for ever', () => {
    expect(() => parseInterfaces(bytesOf('09021b00010102c0320004'))).toThrow(
      expect.objectContaining({ facts: { detail: 'a descriptor of 0 bytes at offset 9 of the configuration' } }),
    );
  });

  it('ends on any bytes, with interfaces or with a usb/descriptor error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const found = interfacesOrRefusal(bytes);
        expect(found).toBeLessThanOrEqual(bytes.length / 9);
      }),
    );
  });

  it('reads the names of one interface only', async () => {
    const controlIn = answering(dfuDescriptors());
    const description = await describeDevice(controlIn);
    expect(await readAlternates(controlIn, description, 0)).toEqual([
      {
        number: 0,
        interfaceClass: 0xfe,
        interfaceSubclass: 1,
        interfaceProtocol: 2,
        name: '@Internal Flash   /0x08000000/128*002Kg',
      },
    ]);
    expect(await readAlternates(controlIn, description, 1)).toEqual([]);
  });
});
