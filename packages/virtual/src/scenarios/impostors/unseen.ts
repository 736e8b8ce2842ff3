/** What a loader may do that nobody sees while it answers: its copies, and cells that change after they were read. */
import type { Chip } from '../../chip/chip.ts';
import type { RomDeviation, RomView } from '../../roms/usb-dfu/hooks.ts';
import { DfuRequest } from '../../usb/dfu-words.ts';
import { writtenAddress } from './strays.ts';

const COPIED_BLOCK = 256;

const readAddress = (rom: RomView, value: number, length: number): number => rom.pointer + (value - 2) * length;

/**
 * Writes take the time that cells take and go to a copy in RAM, which answers reads. `kept`: which blocks go to flash as well.
 * The copy is lost when the loader ends, unless `copies` keeps it: in a memory that outlives the loader.
 */
const keepsCopy =
  (kept: (block: number) => boolean, copies?: WeakMap<Chip, Map<number, Uint8Array>>): RomDeviation =>
  () => {
    const inRam = new Map<number, Uint8Array>();
    const copyOf = (chip: Chip): Map<number, Uint8Array> => {
      if (copies && !copies.has(chip)) copies.set(chip, inRam);
      return copies?.get(chip) ?? inRam;
    };
    return {
      operation(download, context, next) {
        const { flash } = context.chip;
        const copy = copyOf(context.chip);
        const { erased } = download;
        const sector = erased === undefined ? undefined : flash.sectorAt(erased);
        for (const at of sector ? copy.keys() : [])
          if (sector && at >= sector.start && at < sector.end) copy.delete(at);
        const address = writtenAddress(download, context);
        if (address === undefined) return next();
        const before = flash.peek(address, download.bytes.length);
        const outcome = next();
        for (let at = 0; at < download.bytes.length; at += COPIED_BLOCK) {
          copy.set(address + at, download.bytes.slice(at, at + COPIED_BLOCK));
          if (!kept(copy.size)) flash.load(address + at, before.slice(at, at + COPIED_BLOCK));
        }
        return outcome;
      },
      request({ setup }, rom, next) {
        const reply = next();
        if (setup.request !== DfuRequest.UPLOAD || setup.value < 2 || reply.kind !== 'data') return reply;
        const bytes = reply.bytes.slice();
        const copy = copyOf(rom.chip);
        const start = readAddress(rom, setup.value, setup.length);
        for (const [at, held] of copy) {
          for (let i = 0; i < held.length; i++)
            if (at + i >= start && at + i < start + bytes.length) bytes[at + i - start] = held[i] ?? 0;
        }
        return { ...reply, bytes };
      },
    };
  };

/** Nothing is written at all. */
export const answersFromRam = keepsCopy(() => false);

/** Nothing is written, and the copy lies in a memory of its own. */
export const answersFromElsewhere = keepsCopy(() => false, new WeakMap());

/** One block of 256 bytes stays in a cache that is to be flushed at the end, and is not. */
export const losesItsCache = keepsCopy((count) => count !== 9);

/**
 * Cells at the beginning of what was written last lose their charge some time after the last write. They do so whatever runs
 * on the chip; here it is done before somebody can look.
 */
export function cellsThatFade(afterMs: number): RomDeviation {
  const last = new WeakMap<Chip, { readonly address: number; readonly fadesAt: number }>();
  const fade = ({ chip, board }: RomView): void => {
    const cells = last.get(chip);
    if (!cells || board.now() < cells.fadesAt) return;
    chip.flash.load(
      cells.address,
      chip.flash.peek(cells.address, 2).map((byte) => byte ^ 0x11),
    );
    last.delete(chip);
  };
  return () => ({
    operation(download, context, next) {
      const outcome = next();
      const address = writtenAddress(download, context);
      if (address !== undefined) last.set(context.chip, { address, fadesAt: outcome.endsAt + afterMs });
      return outcome;
    },
    request(_, rom, next) {
      fade(rom);
      return next();
    },
  });
}

/** It changes the program when it is told to start it. */
export const changesAtLeave: RomDeviation = () => ({
  request(request, rom, next) {
    const isLeave = request.setup.request === DfuRequest.DNLOAD && request.setup.length === 0;
    if (isLeave && rom.chip.flash.contains(rom.pointer + 0x400, 4))
      rom.chip.flash.load(rom.pointer + 0x400, Uint8Array.of(0, 0, 0, 0));
    return next();
  },
});

/** Each block lands in a place as well that nobody looks at. */
export const writesSomewhereElse =
  (place: number): RomDeviation =>
  () => ({
    operation(download, context, next) {
      const outcome = next();
      if (writtenAddress(download, context) !== undefined) context.chip.flash.load(place, download.bytes.slice(0, 64));
      return outcome;
    },
  });
