/** nrf-intel-hex, another reader of Intel HEX, finds in our files what we find, and we in its. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import nrf from 'nrf-intel-hex';
import { describe, expect, it } from 'vitest';
import { ascii, sparseImage } from '../testing/support.ts';
import { formatFirmware } from './format.ts';
import { MemoryImage } from './memory-image.ts';
import { parseFirmware } from './parse.ts';

/** A file that another tool made: see fixtures/make.sh. */
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));

/** Its types promise an ES module; Node loads CommonJS, whose default export is the class itself. */
const MemoryMap = nrf as unknown as typeof nrf.default;

const theirs = (text: string) =>
  new MemoryImage([...MemoryMap.fromHex(text)].map(([address, bytes]) => ({ address, bytes })));

/** It takes addresses from 0x80000000 for negative ones. */
const images = () => sparseImage([0, 0xfff0, 0x0800_0000, 0x0801_fff8, 0x7fff_0000]);

describe('Intel HEX beside nrf-intel-hex', () => {
  it('our files mean the same to both', () => {
    fc.assert(
      fc.property(images(), (image) => {
        const text = new TextDecoder().decode(formatFirmware(image, 'intel-hex'));
        expect(theirs(text).segments).toEqual(image.segments);
      }),
    );
  });

  it('its files mean the same to both', () => {
    const cases = fc.tuple(images(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(cases, ([image, lineSize]) => {
        const text = new MemoryMap(image.segments.map(({ address, bytes }) => [address, bytes])).asHexString(lineSize);
        expect(parseFirmware(ascii(text)).image.segments).toEqual(image.segments);
      }),
    );
  });

  it.each(['app.hex', 'app-crlf.hex', 'srec-cat.hex'])('%s means the same to both', (name) => {
    const file = fixture(name);
    expect(parseFirmware(file).image.segments).toEqual(theirs(new TextDecoder().decode(file)).segments);
  });
});
