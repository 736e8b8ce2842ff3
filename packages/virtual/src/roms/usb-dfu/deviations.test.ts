import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../testing/drive.ts';
import { makeRom, OK_DNLOAD_IDLE, OK_IDLE } from '../../../testing/make-rom.ts';
import { romRowOf } from '../../table/table.ts';
import { F105_ROM, H743_ROM, STM32F105, STM32H743 } from '../../table/well-known.ts';
import {
  countsBlocksOf,
  crashesBeyondMemory,
  endsUnprotectIn,
  hidesFunctionalDescriptor,
  ignoresErasesFrom,
  leavesAtOnce,
  refusesMassErase,
  silentWhenProtected,
  stallsClearStatus,
  staysBusyForPolls,
  uploadsAtMost,
} from './deviations.ts';
import type { RomDeviation } from './hooks.ts';

const { profile: STM32L433, rom: L433_ROM } = romRowOf('STM32L433');

function deviating(deviations: readonly RomDeviation[], level: 0 | 1 = 0) {
  return makeRom(STM32F105, { ...F105_ROM, deviations }, { level });
}

/** DNLOAD block 0: Set Address Pointer to 0x08000000, erase there, mass erase (AN3156 §5). */
const SET_ADDRESS = '2100000008';
const ERASE = '4100000008';
const MASS_ERASE = '41';
const READ_UNPROTECT = '92';
const ERR_STALLEDPKT = '0f0000000a00';
const FUNCTIONAL = 0x2100;

describe('a ROM that is silent when it is protected', () => {
  it('acknowledges erases and writes and does nothing, and shows its option bytes', () => {
    const { dfu, run, chip } = deviating([silentWhenProtected], 1);
    chip.flash.load(0x0800_0000, fromHex('01020304'));
    expect(run(0, SET_ADDRESS)[2]).toBe(OK_DNLOAD_IDLE);
    expect(run(0, ERASE)[2]).toBe(OK_DNLOAD_IDLE);
    expect(run(2, '0a0b0c0d')[2]).toBe(OK_DNLOAD_IDLE);
    expect([...chip.flash.peek(0x0800_0000, 4)]).toEqual([1, 2, 3, 4]);
    dfu.abort();
    expect(dfu.upload(2, 4)).toBe('ffffffff');
    dfu.abort();
    run(0, '2100f8ff1f');
    dfu.abort();
    // RDP of a protected F1 is not 0xA5.
    expect(dfu.upload(2, 16).slice(0, 4)).toBe('00ff');
  });
});

describe('a ROM without a mass erase', () => {
  it('takes it for a command that it does not know', () => {
    const { run } = deviating([refusesMassErase]);
    expect(run(0, MASS_ERASE)[2]).toBe(ERR_STALLEDPKT);
    expect(deviating([]).run(0, MASS_ERASE)[2]).toBe(OK_DNLOAD_IDLE);
  });
});

describe('a ROM that does not erase its second bank', () => {
  it('acknowledges the erase all the same', () => {
    const { run, chip } = deviating([ignoresErasesFrom(0x0800_0800)]);
    chip.flash.load(0x0800_0000, new Uint8Array(4096));
    expect(run(0, ERASE)[2]).toBe(OK_DNLOAD_IDLE);
    expect(run(0, '4100080008')[2]).toBe(OK_DNLOAD_IDLE);
    expect([...chip.flash.peek(0x0800_07fe, 4)]).toEqual([0xff, 0xff, 0, 0]);
  });
});

describe('CLRSTATUS outside dfuERROR', () => {
  it('is stalled by a C5, and works in dfuERROR', () => {
    const { dfu, run } = deviating([stallsClearStatus]);
    expect(dfu.clearStatus()).toBe('stall');
    run(0, '55');
    expect(dfu.clearStatus()).toBe('ack');
    expect(dfu.status()).toBe(OK_IDLE);
  });
});

describe('the functional descriptor', () => {
  it('is answered, unless the ROM hides it', () => {
    expect(deviating([]).dfu.descriptor(FUNCTIONAL, 0, 9)).toBe('09210bff0000081a01');
    expect(deviating([hidesFunctionalDescriptor]).dfu.descriptor(FUNCTIONAL, 0, 9)).toBe('silent');
  });

  it('may announce another block size than the loader takes', () => {
    const { dfu } = makeRom(STM32F105, { ...F105_ROM, announcedTransferSize: 4096 });
    expect(dfu.descriptor(FUNCTIONAL, 0, 9)).toBe('09210bff0000101a01');
    expect(dfu.upload(2, 4096)).toBe('stall');
  });
});

describe('Read Unprotect of an AT32', () => {
  it('works, ends in another state, and does not reset the chip', () => {
    const { dfu, board, chip } = deviating([endsUnprotectIn(2)], 1);
    expect(dfu.download(0, READ_UNPROTECT)).toBe('ack');
    expect(dfu.status().slice(8, 10)).toBe('02');
    expect(board.notes).toEqual([]);
    chip.loadOptions();
    expect(chip.level).toBe(0);
  });
});

describe('polls of a Black Magic Probe', () => {
  it('find it busy for a while without a time to wait', () => {
    const { dfu, run } = deviating([staysBusyForPolls(2, 0)]);
    expect(run(0, SET_ADDRESS)[2]).toBe('000000000400');
    expect(dfu.status()).toBe('000000000400');
    expect(dfu.status()).toBe(OK_DNLOAD_IDLE);
  });
});

describe('the blocks of a ROM', () => {
  it('are counted in a size of the loader’s own, where it has one', () => {
    const { dfu, run, chip } = deviating([countsBlocksOf(2048)]);
    chip.flash.load(0x0800_0800, fromHex('01020304'));
    expect(dfu.upload(3, 4)).toBe('01020304');
    dfu.abort();
    run(3, '00000000');
    expect([...chip.flash.peek(0x0800_0800, 4)]).toEqual([0, 0, 0, 0]);
    expect([...deviating([]).chip.flash.peek(0x0800_0800, 4)]).toEqual([255, 255, 255, 255]);
  });

  it('are uploaded no longer than the loader sends them', () => {
    expect(deviating([uploadsAtMost(3)]).dfu.upload(2, 8)).toBe('ffffff');
  });
});

describe('a ROM that leaves at once', () => {
  it('does not wait for GETSTATUS', () => {
    const { dfu, board } = deviating([leavesAtOnce]);
    dfu.download(0, '');
    expect(board.notes).toEqual(['jump in 0 to 8000000']);
  });
});

describe('a ROM of another maker', () => {
  it('has ids and a name of its own', () => {
    const { dfu, device } = makeRom(STM32F105, {
      ...F105_ROM,
      maker: { vendorId: 0x28e9, productId: 0x0189, name: 'GD' },
    });
    expect([...device.deviceDescriptor.subarray(8, 12)]).toEqual([0xe9, 0x28, 0x89, 0x01]);
    expect(dfu.descriptor(0x0301, 0x0409, 255)).toBe('060347004400');
  });
});

describe('an upload beyond the end of memory', () => {
  it('makes an F105 answer nothing more, to standard requests neither', () => {
    const { dfu } = deviating([crashesBeyondMemory]);
    expect(dfu.upload(2 + 127, 2048)).toBe('ff'.repeat(2048));
    expect(dfu.upload(2 + 128, 2048)).toBe('silent');
    expect([dfu.status(), dfu.descriptor(0x0100, 0, 18)]).toEqual(['silent', 'silent']);
  });
});

describe('an L43x that is polled too early', () => {
  /** Erases a page and writes a block, `pages` times; the polls come `after` ms. */
  function statusesOf(pages: number, blockBytes: number, after: number): string[] {
    const { dfu, clock } = makeRom(STM32L433, L433_ROM);
    dfu.clearStatus();
    const answers: string[] = [];
    const again: string[] = [];
    const polls = new Set<string>();
    const wait = () => {
      polls.add(dfu.status().slice(2, 4));
      clock.time += after;
      answers.push(dfu.status());
      clock.time += 10;
      // A stalled poll leaves the ROM where it was: another one ends the operation.
      if (answers.at(-1) === 'stall') again.push(dfu.status());
    };
    for (let page = 0; page < pages; page += 1) {
      dfu.download(0, `4100${(page * 8).toString(16).padStart(2, '0')}0008`);
      wait();
      dfu.download(2, new Uint8Array(blockBytes));
      wait();
    }
    expect([...polls]).toEqual(['15']);
    expect(again.filter((answer) => answer !== OK_DNLOAD_IDLE)).toEqual([]);
    return answers;
  }

  it('stalls the poll behind the seventh erase, and answers the others at the end of the operation', () => {
    const answers = statusesOf(7, 2048, 21);
    expect(answers.indexOf('stall')).toBe(12);
    expect(new Set(answers)).toEqual(new Set([OK_DNLOAD_IDLE, 'stall']));
  });

  it('stalls nothing with blocks of 1024 bytes, and nothing when it is left alone for long enough', () => {
    expect(new Set(statusesOf(20, 1024, 21))).toEqual(new Set([OK_DNLOAD_IDLE]));
    expect(new Set(statusesOf(20, 2048, 23))).toEqual(new Set([OK_DNLOAD_IDLE]));
  });
});

describe('the first GETSTATUS of an H743', () => {
  it('is answered at the end of an erase, and the second at once', () => {
    const { device, run, clock } = makeRom(STM32H743, H743_ROM);
    clock.time = 100;
    device.control({ requestType: 0x21, request: 1, value: 0, index: 0, length: 5 }, fromHex('4100000008'));
    const poll = { requestType: 0xa1, request: 3, value: 0, index: 0, length: 6 };
    const first = device.control(poll, new Uint8Array());
    expect(first).toEqual({ kind: 'data', bytes: fromHex('00e803000400'), heldUntil: 1004 });
    clock.time = 1004;
    expect(run(0, '2100000008')[0]).toBe('stall');
  });
});
