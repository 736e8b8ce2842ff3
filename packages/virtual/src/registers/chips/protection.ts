/** Which sectors the option bytes protect against erasing and programming, by family. */

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** WRP0–3 of F1, F0 and F3: a cleared bit protects two pages of 2 KB, the last one all that follow (PM0075 §2.6, RM0316 §4.3). */
export function pairsOfPages(options: Uint8Array, pages: number): number[] {
  return groupsOfPages(options, { pages, pagesInGroup: 2 });
}

/** The same with groups of another size: four pages of 1 KB on medium-density F1 (PM0075 §2.6). */
export function groupsOfPages(
  options: Uint8Array,
  { pages, pagesInGroup }: { readonly pages: number; readonly pagesInGroup: number },
): number[] {
  return range(0, 31)
    .filter((bit) => (((options[8 + 2 * (bit >>> 3)] ?? 0xff) >>> (bit & 7)) & 1) === 0)
    .flatMap((bit) => range(pagesInGroup * bit, bit === 31 ? pages - 1 : pagesInGroup * (bit + 1) - 1));
}

/** nWRP of F2, F4 and F7: bits 16 and up of OPTCR, a cleared one protects a sector (RM0090 §3.9.8, RM0410 §3.7.6). */
export function protectedSectorBits(options: Uint8Array, sectors: number): number[] {
  const nwrp = (options[2] ?? 0xff) | ((options[3] ?? 0xff) << 8);
  return range(0, sectors - 1).filter((sector) => ((nwrp >>> sector) & 1) === 0);
}

/** Areas of pages from bits 7:0 to bits 23:16, of which smaller chips have fewer; none where the end is before the start (RM0351 §3.7.11, RM0444 §3.7.11). */
export function areas(
  options: Uint8Array,
  words: readonly { readonly word: number; readonly firstPage: number }[],
  pageMask = 0xff,
): number[] {
  return words.flatMap(({ word, firstPage }) => {
    const start = (options[4 * word] ?? 0xff) & pageMask;
    const end = (options[4 * word + 2] ?? 0) & pageMask;
    return range(firstPage + start, firstPage + end);
  });
}
