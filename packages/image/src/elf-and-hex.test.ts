/** The ELF file of a link and the HEX file that objcopy makes of it hold the same program. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFirmware } from './parse.ts';

const read = (name: string) =>
  parseFirmware(readFileSync(new URL(`../../../examples/firmware/out/${name}`, import.meta.url)), { name });

describe.each(['dashboard-v1', 'dashboard-v2'])('%s', (name) => {
  it('has the same bytes as ELF and as Intel HEX, but for the padding that no section owns', () => {
    const elf = read(`${name}.elf`);
    const { image } = read(`${name}.hex`);
    expect(elf.padding?.length).toBeGreaterThan(0);
    expect(elf.image.equals(image)).toBe(false);
    expect(elf.image.without(elf.padding ?? []).equals(image)).toBe(true);
  });
});
