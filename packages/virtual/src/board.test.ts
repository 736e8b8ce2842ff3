import { describe, expect, it } from 'vitest';
import { drive } from '../testing/drive.ts';
import { cubeMxStub, fillerProgram } from './applications/class-applications.ts';
import { CLASS_V2_5_3 } from './applications/class-version.ts';
import type { Board } from './board.ts';
import type { Application } from './boot.ts';
import { VirtualClock } from './clock.ts';
import { findScenario } from './scenarios/by-name.ts';
import type { ScenarioOptions } from './scenarios/make-board.ts';

function makeBoard(name: string, options: ScenarioOptions = {}) {
  const clock = new VirtualClock();
  const board = findScenario(name)?.create(clock, options);
  if (!board) throw new Error(name);
  return { clock, board };
}

function dfuOf(board: Board) {
  if (!board.device) throw new Error('no device');
  return drive(board.device);
}

const program = { address: 0x0800_0000, bytes: fillerProgram(0x0800_0000, 4096, 0x2001_0000) };

describe('a board', () => {
  it('is on the bus when it is made', () => {
    const { board } = makeBoard('stm32f105-rom');
    expect([board.program, board.device !== undefined]).toEqual(['rom', true]);
  });

  it('disappears with the plug and comes back after the ROM’s start-up time', async () => {
    const { clock, board } = makeBoard('stm32f105-rom');
    const first = board.device;
    let changes = 0;
    const end = board.subscribe(() => {
      changes += 1;
    });
    board.unplug();
    expect([board.device, board.program]).toEqual([undefined, undefined]);
    board.plug();
    await clock.sleep(459);
    expect(board.device).toBeUndefined();
    await clock.sleep(2);
    expect(board.device).not.toBe(first);
    expect(changes).toBe(2);
    end();
    board.unplug();
    expect(changes).toBe(2);
  });

  it('cuts a flash operation when it loses power', async () => {
    const { clock, board } = makeBoard('stm32f407-rom', { flash: [{ ...program, bytes: program.bytes.slice() }] });
    const dfu = dfuOf(board);
    dfu.clearStatus();
    dfu.download(0, '41 00000008');
    dfu.status();
    await clock.sleep(125);
    board.unplug();
    const left = board.flash.peek(0x0800_0000, 4096);
    expect(left).not.toEqual(program.bytes);
    expect(left.every((byte) => byte === 0xff)).toBe(false);
  });

  it('starts an application without USB when the bootloader is left, and the ROM again after a reset', async () => {
    const { clock, board } = makeBoard('stm32f105-rom', { flash: [program] });
    const dfu = dfuOf(board);
    dfu.download(0, '');
    dfu.status();
    await clock.sleep(10);
    expect([board.program, board.device]).toEqual(['application', undefined]);
    board.reset();
    await clock.sleep(500);
    expect(board.program).toBe('rom');
  });

  it('resets into the ROM when it is left without a program in flash', async () => {
    const { clock, board } = makeBoard('stm32f105-rom');
    dfuOf(board).download(0, '');
    dfuOf(board).status();
    await clock.sleep(10);
    expect([board.program, board.device]).toEqual(['rom', undefined]);
    await clock.sleep(460);
    expect(board.device).toBeDefined();
  });

  it('jumps to where the pointer points', async () => {
    const at: string[] = [];
    const application: Application = (_, address) => {
      at.push(address.toString(16));
      return { name: 'application', connectMs: 0 };
    };
    const flash = [{ address: 0x0800_5000, bytes: fillerProgram(0x0800_5000, 1024, 0x2001_0000) }];
    const { clock, board } = makeBoard('stm32f105-rom', { flash, application });
    const dfu = dfuOf(board);
    dfu.download(0, '21 00500008');
    dfu.status();
    dfu.status();
    dfu.download(0, '');
    dfu.status();
    await clock.sleep(10);
    expect(at).toEqual(['8005000']);
  });

  it('shows the device of an application that has one', async () => {
    const { clock, board } = makeBoard('stm32f105-rom', {
      flash: [program],
      application: cubeMxStub(CLASS_V2_5_3, '48EC45783650'),
    });
    dfuOf(board).download(0, '');
    dfuOf(board).status();
    await clock.sleep(200);
    expect(board.program).toBe('application');
    expect(dfuOf(board).upload(0, 64)).toBe('002141');
  });

  it('starts from flash with BOOT0 low, and crashes there without a program', async () => {
    const { clock, board } = makeBoard('stm32f105-rom');
    board.setPins({ boot0: false });
    board.reset();
    await clock.sleep(1000);
    expect([board.program, board.device]).toEqual(['crashed', undefined]);
  });

  it('keeps the F105’s ROM off the bus while it sees no VBUS', async () => {
    const { clock, board } = makeBoard('stm32f105-rom');
    board.setPins({ vbus: false });
    board.reset();
    await clock.sleep(20_000);
    expect([board.program, board.device]).toEqual(['rom', undefined]);
  });

  it('is open and empty after Read Unprotect', async () => {
    const { clock, board } = makeBoard('stm32f105-rom-rdp1', { flash: [program] });
    expect(board.chip.level).toBe(1);
    dfuOf(board).download(0, '92');
    dfuOf(board).status();
    await clock.sleep(21);
    expect(board.device).toBeUndefined();
    await clock.sleep(470);
    expect(board.chip.level).toBe(0);
    expect(dfuOf(board).upload(2, 4)).toBe('ffffffff');
  });

  it('ignores writes to the protected pages of its scenario', async () => {
    const { clock, board } = makeBoard('stm32f105-rom-wrp', { flash: [{ ...program, address: 0x0800_2000 }] });
    const before = board.flash.peek(0x0800_2000, 2048);
    dfuOf(board).download(0, '41 00200008');
    dfuOf(board).status();
    await clock.sleep(100);
    expect(dfuOf(board).status()).toBe('000000000500');
    expect(board.flash.peek(0x0800_2000, 2048)).toEqual(before);
  });
});

describe('the board with the generated class', () => {
  it('answers every address with the start of its own program', () => {
    const { board } = makeBoard('stm32f105-cubemx-stub', { flash: [program] });
    const dfu = dfuOf(board);
    const first = dfu.upload(2, 1024);
    expect(dfu.upload(99, 1024)).toBe(first);
    expect(first.slice(0, 16)).toBe('00000120e5010008');
  });

  it('comes back as itself after a leave', async () => {
    const { clock, board } = makeBoard('stm32f105-cubemx-stub');
    dfuOf(board).download(0, '');
    expect(dfuOf(board).status()).toBe('000100000700');
    await clock.sleep(2);
    expect(board.device).toBeUndefined();
    await clock.sleep(200);
    expect(board.program).toBe('application');
    expect(board.device).toBeDefined();
  });

  it('becomes the ROM with BOOT0 high', async () => {
    const { clock, board } = makeBoard('stm32f105-cubemx-stub');
    board.setPins({ boot0: true });
    board.reset();
    await clock.sleep(500);
    expect(dfuOf(board).upload(0, 64)).toBe('00214192');
  });

  it('re-enumerates as the same device after a detach', async () => {
    const { clock, board } = makeBoard('stm32f105-cubemx-stub');
    const { device } = board;
    dfuOf(board).detach(1000);
    await clock.sleep(2);
    expect(board.device).toBeUndefined();
    await clock.sleep(200);
    expect(board.device).toBe(device);
  });
});

describe('the board with a bootloader of its own', () => {
  it('programs an application and starts it when it is left', async () => {
    const { clock, board } = makeBoard('stm32f105-custom');
    const application = fillerProgram(0x0800_5000, 1024, 0x2001_0000);
    dfuOf(board).download(0, '41 00500008');
    expect(dfuOf(board).status()).toBe('003200000400');
    await clock.sleep(20);
    dfuOf(board).status();
    dfuOf(board).download(2, application);
    dfuOf(board).status();
    await clock.sleep(30);
    expect(dfuOf(board).status()).toBe('000000000500');
    expect(board.flash.peek(0x0800_5000, 1024)).toEqual(application);
    dfuOf(board).download(0, '');
    dfuOf(board).status();
    await clock.sleep(10);
    expect(board.program).toBe('application');
    board.setPins({ key: true });
    board.reset();
    await clock.sleep(200);
    expect(board.program).toBe('bootloader');
  });

  it('does not let itself be erased', async () => {
    const { clock, board } = makeBoard('stm32f105-custom');
    const before = board.flash.peek(0x0800_0000, 2048);
    dfuOf(board).download(0, '41 00000008');
    dfuOf(board).status();
    await clock.sleep(100);
    expect(dfuOf(board).status()).toBe('003200000400');
    expect(board.flash.peek(0x0800_0000, 2048)).toEqual(before);
  });
});
