/** docs/performance.md: the words around the tables of a race. */

export interface RacePage {
  readonly date: string;
  readonly machine: string;
  readonly dfuUtil: string;
  readonly load: string;
  /** A sentence, where the figures say less than they should. */
  readonly warning: string | undefined;
  readonly speed: string;
  readonly tracks: readonly {
    readonly title: string;
    readonly headline: string;
    readonly pauses: string;
    readonly figures: string;
  }[];
}

const IN_THE_GUEST = ` In a guest that QEMU emulates without KVM (TCG)
both stand behind Linux' own USB stack and libusb. This tells that strangers accept the boards; its times are those of an emulated processor.`;

export function pageOf({ date, machine, dfuUtil, load, warning, speed, tracks }: RacePage): string {
  return `# Performance

dfu-util and sureflash program the same images into the same boards. Measured on ${date}, all in one run: **modelled silicon**,
not real chips. ${dfuUtil}. ${machine}
Load average ${load}.
${warning ? `\n**${warning}**\n` : ''}
Written by \`npm run race -- --write\`, which repeats it.

On the machine's own processor both programs talk to the boards over USB/IP: sureflash with \`--usbip\`, dfu-util through a small
stand-in for libusb (\`testbed/libusb\`). This tells how quick the programs are.${tracks.length > 1 ? IN_THE_GUEST : ''}

${speed}

Another firmware is in flash before, different in every byte, so that both programs must erase and write all of it.

${tracks.map(({ title, headline }) => `## ${title}\n\n${headline}`).join('\n\n')}

## What the columns mean

- **time**: at the device, from the first DFU request to the last. The start of the programs is not in it.
- **cells**: how long the modelled cells were busy, with the times of recordings or the typical ones of the datasheets.
- **ROM**: what the ROM takes for each packet beyond the time on the bus, as recordings show. **bus**: the transfers' time on an
  ideal full-speed bus (USB 2.0, Table 5-3). [Sources](virtual-figures.md).
- **processor**: processor time of the programs, from their start to their end.
- **others busy**: processors that something else on the machine kept busy meanwhile, on average; bold where that is notable.
- **dfu-util + upload**: dfu-util does not verify, so it reads the image back and \`cmp\` compares. It does the same work
  whatever flash holds, and runs once for each board. Its start for the upload is not counted.
- One run of sureflash comes before the first row, so that no program is read from the disk while it races.
- Whatever the program, flash holds the image afterwards: that is checked.

## Where the time goes

**dfu-util waits as long as it is told.** After each block and each erase the ROM names a time, and dfu-util sleeps for it. The models
name the times of recordings where there are any, else the F4's: these rows of dfu-util are no better than that guess.

**sureflash asks at once.** A GETSTATUS that comes while the device erases or writes is held until that is done, in these models
as on ST's ROMs (micropython's pydfu relies on it; some L4 stall instead, which sureflash copes with), so neither the poll time nor
its guess matters. A device that answers "busy" instead is asked again after the time that it gives. \`--polite\` always waits
as it is told, as with devices that are not ST's; the row on the F105 shows what that costs.

**sureflash tells the supply.** The ROMs of F205, F407 (the same die as the F405) and F429 program byte by byte until they are told that
VDD allows four bytes at once. Where USB works from nothing but VDD, it does allow that, and sureflash says so to the ROM. The rows
with \`--supply none\` show the same jobs without it. dfu-util has no way to say it.

**The device does not wait for the host.** The polls of an operation are queued behind its download, the next block is queued
while one is written as soon as the device has shown that it holds its polls, and while one block is compared the next is under way. So
the cost of a round trip is mostly hidden behind the flash and the bus. What is left above cells + ROM + bus is the time in which
the device stands still because nothing is asked of it, seen at the device:

${tracks.map(({ title, pauses }) => `${title}:\n\n${pauses}`).join('\n\n')}

Before the first change the chip is examined, the file is checked, the flash is looked at and the work is planned; all of that
code runs for the first time then. The same code on the virtual clock, where computing takes no time: \`npm run bench\`.

**Skipping**: sureflash reads first and neither erases nor writes a sector that holds the right bytes already. An unchanged
image costs one read of the image, which proves it, too. A change of 2 KB costs the erase and the write of its sector, which is 2 KB
on F105, L476 and G431, 16 KB on the F407 and 128 KB on the H743, and a second read to verify. A sector that is erased already is
written without another erase on F105, F2 and F4. On L476, G431 and H743 it is erased again: a word with ECC that was begun once may
look erased and still refuse.

${tracks.map(({ title, figures }) => `## All figures: ${title.toLowerCase()}\n\n${figures}`).join('\n\n')}
`;
}
