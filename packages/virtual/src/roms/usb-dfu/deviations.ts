/** What single ROM bootloaders, and clones of them, do otherwise than AN3156 has it: one function for each. */

import { guess, recorded } from '../../provenance.ts';
import { DescriptorType } from '../../usb/descriptors.ts';
import { DfuRequest, DfuState, DfuStatus, DfuseCommand, statusBytes } from '../../usb/dfu-words.ts';
import { type Reply, STALL } from '../../usb/model.ts';
import { answer, StandardRequest } from '../../usb/standard.ts';
import { ended, failed } from './commands.ts';
import type { HookedRequest, RomDeviation, RomView } from './hooks.ts';

const isRequestNumber = ({ setup }: HookedRequest, request: number): boolean => setup.request === request;
const isPoll = (request: HookedRequest, rom: RomView): boolean =>
  isRequestNumber(request, DfuRequest.GETSTATUS) && rom.state === DfuState.DNBUSY;
/** An empty download, which AN3156 §5.5 has for leaving. */
const asksToLeave = (request: HookedRequest): boolean =>
  isRequestNumber(request, DfuRequest.DNLOAD) && request.setup.length === 0;

/** A GET_DESCRIPTOR for the functional descriptor alone is never answered (C5: betaflight-configurator #5300). */
export const hidesFunctionalDescriptor: RomDeviation = () => ({
  standard(setup, next) {
    const asks = setup.request === StandardRequest.GET_DESCRIPTOR && setup.value >> 8 === DescriptorType.DFU_FUNCTIONAL;
    return asks ? { kind: 'silent' } : next();
  },
});

/** Strings are stalled, as USB 2.0 §9.6.7 allows it: a host that needs one has to say so. `given`: all but this one. */
export const stallsStrings =
  (given?: number): RomDeviation =>
  () => ({
    standard(setup, next) {
      const index = setup.value & 0xff;
      const asks = setup.request === StandardRequest.GET_DESCRIPTOR && setup.value >> 8 === DescriptorType.STRING;
      return asks && index !== 0 && index !== given ? STALL : next();
    },
  });

/**
 * Under read protection it acknowledges what it does not do, and shows its option bytes (U5: inertial-sense-sdk #1186).
 * What flash reads as then is not told: here, as erased.
 */
export const silentWhenProtected: RomDeviation = () => ({
  operation({ block, bytes }, context, next) {
    const changes = block > 0 || bytes[0] === DfuseCommand.ERASE;
    const { chip, profile } = context;
    return changes && chip.level > 0 ? ended(context, profile.poll.program) : next();
  },
  request(request, rom, next) {
    const { setup } = request;
    const ready = rom.state === DfuState.IDLE || rom.state === DfuState.UPLOAD_IDLE;
    if (!isRequestNumber(request, DfuRequest.UPLOAD) || setup.value < 2 || rom.chip.level === 0 || !ready)
      return next();
    const address = rom.pointer + (setup.value - 2) * setup.length;
    const hidden = rom.chip.memoryAt(address, setup.length) === 'flash';
    const bytes = hidden ? new Uint8Array(setup.length).fill(0xff) : rom.chip.read(address, setup.length);
    if (!bytes) return next();
    rom.enter(DfuState.UPLOAD_IDLE);
    return answer(setup, bytes);
  },
});

/** Erases from this address on are acknowledged and not done (F42x V7.0 in two banks: AN2606). */
export const ignoresErasesFrom =
  (first: number): RomDeviation =>
  () => ({
    operation(download, context, next) {
      const { erased } = download;
      return erased !== undefined && erased >= first ? ended(context, context.profile.poll.erase) : next();
    },
  });

/** Flash from this address on belongs to another core: erases and writes there are refused with errVENDOR. */
export const closesFlashFrom =
  (first: number): RomDeviation =>
  () => ({
    operation(download, context, next) {
      const { block, bytes, erased } = download;
      const written = block > 1 ? context.blockAddress(context.pointer, block, bytes.length) + bytes.length - 1 : 0;
      const isClosed =
        Math.max(erased ?? 0, written) >= first && context.chip.memoryAt(Math.max(erased ?? 0, written)) === 'flash';
      return isClosed ? failed(context, context.profile.poll.erase, DfuStatus.ERR_VENDOR) : next();
    },
  });

/** Erases from this address on stay in dfuDNBUSY until CLRSTATUS (H743 V9.1: AN2606, betaflight-configurator #1861). */
export const staysBusyAfterErasesFrom =
  (first: number): RomDeviation =>
  () => {
    let stuck = false;
    return {
      operation(download, _, next) {
        stuck = download.erased !== undefined && download.erased >= first;
        return next();
      },
      request(request, rom, next) {
        if (isRequestNumber(request, DfuRequest.CLRSTATUS)) stuck = false;
        const busy = stuck && isPoll(request, rom);
        return busy ? answer(request.setup, statusBytes(DfuStatus.OK, rom.pollMs, DfuState.DNBUSY)) : next();
      },
    };
  };

/** Mass erase is no command that it knows. */
export const refusesMassErase: RomDeviation = () => ({
  operation({ block, bytes }, context, next) {
    const isMassErase = block === 0 && bytes.length === 1 && bytes[0] === DfuseCommand.ERASE;
    return isMassErase ? failed(context, context.profile.poll.erase, DfuStatus.ERR_STALLEDPKT) : next();
  },
});

/** bState behind Read Unprotect; the chip is not reset then (AT32: flashfloppy #584). */
export const endsUnprotectIn =
  (state: number): RomDeviation =>
  () => {
    let unprotects = false;
    return {
      operation({ block, bytes }, _, next) {
        unprotects = block === 0 && bytes[0] === DfuseCommand.READ_UNPROTECT;
        const outcome = next();
        return unprotects ? { ...outcome, reset: false } : outcome;
      },
      request(request, rom, next) {
        const reply = next();
        if (!unprotects || !isRequestNumber(request, DfuRequest.GETSTATUS) || rom.state !== DfuState.DNBUSY)
          return reply;
        unprotects = false;
        rom.enter(state);
        return answer(request.setup, statusBytes(DfuStatus.OK, rom.pollMs, state));
      },
    };
  };

/**
 * This many polls find an operation that has ended still busy (Black Magic, without a time to wait: dfu-util's dfuse.c;
 * F072 behind some host controllers: dfu-util tickets 25, 78).
 * @param pollMs bwPollTimeout of these answers; absent, that of the operation
 */
export const staysBusyForPolls =
  (polls: number, pollMs?: number): RomDeviation =>
  () => {
    let left = 0;
    return {
      operation(_download, _context, next) {
        left = polls;
        return next();
      },
      request(request, rom, next) {
        if (!isPoll(request, rom) || left === 0) return next();
        left -= 1;
        return answer(request.setup, statusBytes(DfuStatus.OK, pollMs ?? rom.pollMs, DfuState.DNBUSY));
      },
    };
  };

/** Addresses count in blocks of this size, whatever the length of a block, as ST's class does it. */
export const countsBlocksOf =
  (bytes: number): RomDeviation =>
  () => ({ blockAddress: (pointer, block) => pointer + (block - 2) * bytes });

/** An upload brings this many bytes at most. */
export const uploadsAtMost =
  (most: number): RomDeviation =>
  () => ({
    request(request, _, next) {
      const reply = next();
      const cut = isRequestNumber(request, DfuRequest.UPLOAD) && request.setup.value >= 2 && reply.kind === 'data';
      return cut ? { ...reply, bytes: reply.bytes.subarray(0, most) } : reply;
    },
  });

/** A download longer than it takes ends in dfuERROR/errSTALLEDPKT (G431: web-stm32-updater #3). */
export const longDownloadIsError =
  (most: number): RomDeviation =>
  () => ({
    request(request, rom, next) {
      const ready = rom.state === DfuState.IDLE || rom.state === DfuState.DNLOAD_IDLE;
      if (!ready || !isRequestNumber(request, DfuRequest.DNLOAD) || request.setup.length <= most) return next();
      rom.enter(DfuState.ERROR, DfuStatus.ERR_STALLEDPKT);
      return STALL;
    },
  });

/** A request that comes before the operation is done is stalled instead of held (some L4: dfu-util's dfuse.c). */
export const stallsEarlyRequests: RomDeviation = () => ({
  holds: () => false,
  request: (_, rom, next) => (rom.board.now() < rom.endsAt ? STALL : next()),
});

/** CLRSTATUS outside dfuERROR makes dfuERROR/errUNKNOWN, as ST's class does it (H743: betaflight-configurator #1861). */
export const clearStatusMakesError: RomDeviation = () => ({
  request(request, rom, next) {
    if (!isRequestNumber(request, DfuRequest.CLRSTATUS) || rom.state === DfuState.ERROR) return next();
    rom.enter(DfuState.ERROR, DfuStatus.ERR_UNKNOWN);
    return { kind: 'ack' };
  },
});

/** CLRSTATUS outside dfuERROR is stalled (C5). */
export const stallsClearStatus: RomDeviation = () => ({
  request: (request, rom, next) =>
    isRequestNumber(request, DfuRequest.CLRSTATUS) && rom.state !== DfuState.ERROR ? STALL : next(),
});

/** It is gone before it answers the last GETSTATUS of a leave (seen on G0B1, U5 and H7). */
export const vanishesOnLeave: RomDeviation = () => ({
  request(request, rom, next) {
    const leaving = isRequestNumber(request, DfuRequest.GETSTATUS) && rom.state === DfuState.MANIFEST_SYNC;
    if (!leaving) return next();
    rom.enter(DfuState.MANIFEST);
    rom.board.jumpIn(0, rom.pointer);
    return { kind: 'silent' };
  },
});

/** It leaves at the empty download and does not wait for a GETSTATUS (GD32: riscv-mcu/gd32-dfu-utils). */
export const leavesAtOnce: RomDeviation = () => ({
  request(request, rom, next) {
    const reply = next();
    if (asksToLeave(request) && reply.kind === 'ack') rom.board.jumpIn(0, rom.pointer);
    return reply;
  },
});

/**
 * An UPLOAD beyond the end of a memory makes the ROM crash: it answers nothing more until its next start (F107,
 * GD32VF103: dfu-util mailing list, October 2020).
 */
export const crashesBeyondMemory: RomDeviation = () => {
  let crashed = false;
  const dead: Reply = { kind: 'silent' };
  return {
    standard: (_, next) => (crashed ? dead : next()),
    request(request, rom, next) {
      const { value, length } = request.setup;
      const ready = rom.state === DfuState.IDLE || rom.state === DfuState.UPLOAD_IDLE;
      const reads = isRequestNumber(request, DfuRequest.UPLOAD) && value >= 2 && ready && rom.chip.level === 0;
      if (reads && !rom.chip.read(rom.pointer + (value - 2) * length, length)) crashed = true;
      return crashed ? dead : next();
    },
  };
};

const EARLY_POLLS_BETWEEN_STALLS = guess(6, 'the recording shows the seventh page, and not at each try');
const HARMLESS_BLOCK = recorded(1024, 'L43x: no stall with blocks of this length (dfu-util ticket 40)');

/**
 * Now and then a GETSTATUS that comes before an erase or write is done is stalled instead of held, on a ROM that was
 * given blocks of 2048 bytes (L43x: dfu-util ticket 40, community.st.com td-p/413773).
 */
export const stallsSomeEarlyPolls: RomDeviation = () => {
  let longBlocks = false;
  let early = 0;
  return {
    holds: () => false,
    operation(download, _, next) {
      if (download.bytes.length > HARMLESS_BLOCK) longBlocks = true;
      return next();
    },
    request(request, rom, next) {
      const { endsAt } = rom;
      if (rom.board.now() >= endsAt) return next();
      if (isPoll(request, rom)) early += 1;
      if (longBlocks && early > EARLY_POLLS_BETWEEN_STALLS) {
        early = 0;
        return STALL;
      }
      const reply = next();
      return reply.kind === 'silent' ? reply : { ...reply, heldUntil: endsAt };
    },
  };
};
