/** What a loader may do beside what it was asked to do: one function for each, around a ROM that is right otherwise. */
import type { Chip } from '../../chip/chip.ts';
import type { CommandContext, Download } from '../../roms/usb-dfu/commands.ts';
import type { RomDeviation } from '../../roms/usb-dfu/hooks.ts';
import { DfuseCommand } from '../../usb/dfu-words.ts';

/** Cells change past all rules and in no time: nothing of it shows in the answers. */
function blank({ flash }: Chip, address: number): void {
  const sector = flash.sectorAt(address);
  if (sector) flash.load(sector.start, new Uint8Array(sector.end - sector.start).fill(0xff));
}

function lastSectorOf({ flash }: Chip): number {
  return Math.max(...flash.memories.map(({ start, bytes }) => start + bytes.length)) - 1;
}

const flashStart = ({ flash }: Chip): number => Math.min(...flash.memories.map(({ start }) => start));
const sizeOf = (chip: Chip): number => lastSectorOf(chip) + 1 - flashStart(chip);

/** Where a block of data goes; `undefined` for commands. */
export function writtenAddress(
  { block, bytes }: Download,
  { pointer, blockAddress, chip }: CommandContext,
): number | undefined {
  const address = blockAddress(pointer, block, bytes.length);
  return block > 1 && chip.flash.contains(address, bytes.length) ? address : undefined;
}

/** Another erase with each erase of a sector. */
const alsoErasing =
  (also: (chip: Chip, address: number) => void): RomDeviation =>
  () => ({
    operation({ erased }, { chip }, next) {
      if (erased !== undefined && chip.flash.contains(erased)) also(chip, erased);
      return next();
    },
  });

/** The erase of a sector is a mass erase. */
export const erasesEverything = alsoErasing((chip) => {
  for (const { start, bytes } of chip.flash.memories) chip.flash.load(start, new Uint8Array(bytes.length).fill(0xff));
});

/** The last sector goes with each one. */
export const erasesLastSectorToo = alsoErasing((chip) => blank(chip, lastSectorOf(chip)));

/** The first sector goes with each one. */
export const erasesFirstSectorToo = alsoErasing((chip) => blank(chip, flashStart(chip)));

/** The same sector of the other half of the flash goes with each one. */
export const erasesOtherBankToo = alsoErasing((chip, address) => {
  const half = sizeOf(chip) / 2;
  const offset = address - flashStart(chip);
  blank(chip, flashStart(chip) + (offset < half ? offset + half : offset - half));
});

/** The option bytes are erased with the first sector: they read as erased, and take effect at the next reset. */
export const erasesOptionBytesToo = alsoErasing((chip) => {
  const { start, initial } = chip.profile.options;
  chip.write(start, new Uint8Array(initial.length).fill(0xff));
});

/** Some bits of OTP are programmed with each erase. */
export const programsOtpToo = alsoErasing((chip) => {
  const { otp } = chip.profile;
  if (otp) chip.write(otp.start, Uint8Array.of(0xa5, 0x5a));
});

/** Another write with each block of data. */
const alsoWriting =
  (placeOf: (chip: Chip, address: number) => number): RomDeviation =>
  () => ({
    operation(download, context, next) {
      const outcome = next();
      const address = writtenAddress(download, context);
      if (address !== undefined) {
        const { flash } = context.chip;
        const to = placeOf(context.chip, address);
        const old = flash.contains(to, download.bytes.length) ? flash.peek(to, download.bytes.length) : undefined;
        if (old)
          flash.load(
            to,
            old.map((byte, i) => byte & (download.bytes[i] ?? 0xff)),
          );
      }
      return outcome;
    },
  });

/** Every block lands in the last sector as well. */
export const writesLastSectorToo = alsoWriting((chip, address) => {
  const sector = chip.flash.sectorAt(lastSectorOf(chip));
  const size = sector ? sector.end - sector.start : 1;
  return (sector?.start ?? 0) + (address % size);
});

/** Every block lands with one line of its address inverted as well. */
export const writesAcrossLine = (line: number): RomDeviation =>
  alsoWriting((chip, address) => flashStart(chip) + ((address - flashStart(chip)) ^ line));

/** Every block goes to the first sector, at its offset in a sector. */
export const writesOneSectorOnly: RomDeviation = () => ({
  operation(download, context, next) {
    const address = writtenAddress(download, context);
    if (address === undefined) return next();
    const { flash } = context.chip;
    const first = flashStart(context.chip);
    const sector = flash.sectorAt(first);
    const size = sector ? sector.end - sector.start : 1;
    const to = first + (address % size);
    const outcome = next();
    const old = flash.peek(to, download.bytes.length);
    if (to !== address) flash.load(address, new Uint8Array(download.bytes.length).fill(0xff));
    flash.load(
      to,
      old.map((byte, i) => byte & (download.bytes[i] ?? 0xff)),
    );
    return outcome;
  },
});

/** Reads in the order of the writes come from a copy of the stream; any other read comes from flash, which nobody has written. */
export const answersFromStream: RomDeviation = () => {
  const stream: { readonly address: number; readonly bytes: Uint8Array }[] = [];
  let next = 0;
  return {
    operation(download, context, run) {
      const address = writtenAddress(download, context);
      const isErase = download.block === 0 && download.bytes[0] === DfuseCommand.ERASE;
      if (isErase && download.bytes.length === 5) next = 0;
      if (address === undefined) return run();
      stream.push({ address, bytes: download.bytes.slice() });
      const outcome = run();
      context.chip.flash.load(address, new Uint8Array(download.bytes.length).fill(0xff));
      return outcome;
    },
    request({ setup }, rom, run) {
      const reply = run();
      if (setup.request !== 2 || setup.value < 2 || reply.kind !== 'data') return reply;
      const address = rom.pointer + (setup.value - 2) * setup.length;
      if (address === stream[0]?.address) next = 0;
      const copy = stream[next];
      if (copy?.address !== address) return reply;
      next++;
      return { ...reply, bytes: copy.bytes.slice(0, setup.length) };
    },
  };
};
