/** dfu-util and its companions against our ROM models: they see what they would see of real ones, and flash holds it. */
import assert from 'node:assert/strict';
import type { Board } from '@sureflash/virtual';
import type { Bench } from '../lib/bench.ts';
import { assertBlank, assertFlash, assertSame, FLASH_START } from '../lib/bytes.ts';
import type { Checks } from '../lib/checks.ts';
import { FIRMWARE, FOLDER, handOver, small, v1 } from '../lib/files.ts';
import type { Ended } from '../lib/guest.ts';
import { Transcript, type TranscriptOptions } from '../lib/transcript.ts';

interface BoardDefinition {
  readonly name: string;
  /** Alternates beside flash, with address and length of what is uploaded from them. */
  readonly other: readonly { readonly alternate: number; readonly title: string; readonly from: string }[];
  /**
   * The status request behind a mass erase is held for longer than the 5 s that dfu-util gives a transfer, so that it gives up,
   * and the chip is blank.
   */
  readonly outlastsDfuUtil?: boolean;
}

const JUDGED_BOARDS: readonly BoardDefinition[] = [
  { name: 'stm32f105-rom', other: [{ alternate: 1, title: 'option bytes', from: '0x1FFFF800:16' }] },
  {
    name: 'stm32f407-rom',
    other: [
      { alternate: 1, title: 'option bytes', from: '0x1FFFC000:16' },
      { alternate: 2, title: 'OTP', from: '0x1FFF7800:528' },
    ],
  },
  {
    name: 'stm32l476-rom',
    other: [
      { alternate: 1, title: 'option bytes', from: '0x1FFF7800:40' },
      { alternate: 2, title: 'OTP', from: '0x1FFF7000:1024' },
    ],
  },
  {
    name: 'stm32h743-rom',
    other: [{ alternate: 1, title: 'option bytes', from: '0x5200201C:128' }],
    outlastsDfuUtil: true,
  },
];

export async function strangers(bench: Bench, checks: Checks, options: TranscriptOptions): Promise<void> {
  await handOver(bench.guest, { 'small.bin': small });
  await bench.inPlaces(JUDGED_BOARDS, async (definition, busid) => {
    await checks.apart(`dfu-util and ${definition.name}`, async (own) => {
      const transcript = new Transcript(`dfu-util-${definition.name}`, options);
      await onBoard({ bench, checks: own, definition, transcript, busid });
      await bench.unplug(busid);
    });
  });
  checks.area('dfu-util and what is special');
  await wholeFirmware(bench, checks);
  await readProtected(bench, checks, new Transcript('dfu-util-stm32f105-rom-rdp1', options));
}

async function wholeFirmware(bench: Bench, checks: Checks): Promise<void> {
  const { board } = await bench.plug('stm32f105-rom');
  await checks.check('117 KB are downloaded, 59 pages erased, and flash is the image', async () => {
    const ended = await bench.guest.run(`dfu-util -a 0 -s 0x08000000 -D ${FIRMWARE}.bin`);
    assert.equal(ended.status, 0, ended.err);
    assert.equal(board.flash.statistics.erases, Math.ceil(v1.length / 2048));
    assertFlash(board, v1);
  });
}

/** AN3156 §§4–5: under read protection only Read Unprotect works, and it erases everything. */
async function readProtected(bench: Bench, checks: Checks, transcript: Transcript): Promise<void> {
  const { board, path } = await bench.plug('stm32f105-rom-rdp1', { flash: v1 });
  await checks.check('a read-protected F105 refuses a download', async () => {
    const command = `dfu-util -p ${path} -a 0 -s 0x08000000 -D ${FOLDER}/small.bin`;
    transcript.expect('download', command, await bench.guest.run(command));
    assertFlash(board, v1);
  });
  await checks.check(':unprotect:force erases it', async () => {
    const command = `dfu-util -p ${path} -a 0 -s :unprotect:force -D ${FOLDER}/small.bin`;
    transcript.expect('unprotect', command, await bench.guest.run(command));
    await bench.gone();
    await bench.attach();
    assertBlank(board, FLASH_START, v1.length);
  });
  await bench.unplug();
}

interface OnBoard {
  readonly bench: Bench;
  readonly checks: Checks;
  readonly definition: BoardDefinition;
  readonly transcript: Transcript;
  readonly busid: string;
}

/** One board that is plugged in, and a way to call dfu-util for it. */
interface Plugged extends OnBoard {
  readonly board: Board;
  /** `dfu-util` with the path of the board. */
  readonly dfu: string;
  /** The file that an upload makes. */
  readonly out: string;
  /** Runs a command, and holds what it says against the transcript. */
  readonly call: (name: string, command: string) => Promise<Ended>;
}

async function onBoard(where: OnBoard): Promise<void> {
  const { bench, definition, transcript, busid } = where;
  const { board, path } = await bench.plug(definition.name, { busid, flash: v1 });
  const out = `${FOLDER}/${definition.name}.bin`;
  const call = async (name: string, command: string): Promise<Ended> => {
    await bench.guest.must(`rm -f ${out}`);
    const ended = await bench.guest.run(command);
    transcript.expect(name, command, ended);
    return ended;
  };
  const plugged: Plugged = { ...where, board, dfu: `dfu-util -p ${path}`, out, call };
  await transfers(plugged);
  await erasesAll(plugged);
  await takesSuffix(plugged);
  await leavesAndReturns(plugged);
}

async function transfers({ bench, checks, definition, board, dfu, out, call }: Plugged): Promise<void> {
  const { guest } = bench;
  await checks.check('-l lists every alternate', async () => {
    const { out: said } = await call('list', `${dfu} -l`);
    assert.equal(
      said.match(/Found DFU/g)?.length,
      definition.other.length + (definition.name.includes('f407') ? 2 : 1),
    );
  });
  await checks.check('-D writes what it was given', async () => {
    await call('download', `${dfu} -a 0 -s 0x08000000 -D ${FOLDER}/small.bin`);
    assertFlash(board, small);
  });
  await checks.check('-U reads it back', async () => {
    await call('upload', `${dfu} -a 0 -s 0x08000000:${small.length} -U ${out}`);
    assertSame(await guest.read(`${out}`), small);
  });
  for (const { alternate, title, from } of definition.other) {
    await checks.check(`-U reads alternate ${alternate}, ${title}`, async () => {
      await call(`upload ${title}`, `${dfu} -a ${alternate} -s ${from} -U ${out}`);
      assert.equal((await guest.read(`${out}`)).length, Number(from.split(':')[1]));
    });
  }
}

async function erasesAll({ checks, definition, board, dfu, call }: Plugged): Promise<void> {
  await checks.check(':mass-erase without force is refused, and nothing is touched', async () => {
    const before = board.flash.statistics;
    await call('mass erase unforced', `${dfu} -a 0 -s 0x08000000:mass-erase -D ${FOLDER}/small.bin`);
    assert.deepEqual(board.flash.statistics, before);
  });
  const { outlastsDfuUtil = false } = definition;
  const then = outlastsDfuUtil ? 'takes longer than dfu-util waits' : 'then writes';
  await checks.check(`:mass-erase:force erases all, ${then}`, async () => {
    const { status } = await call('mass erase', `${dfu} -a 0 -s 0x08000000:mass-erase:force -D ${FOLDER}/small.bin`);
    assert.equal(status, outlastsDfuUtil ? 74 : 0);
    if (outlastsDfuUtil) assertBlank(board, FLASH_START, small.length);
    else assertFlash(board, small);
    assertBlank(board, FLASH_START + 0x18000, 0x1000);
  });
}

async function takesSuffix({ bench, checks, definition, board, dfu, call }: Plugged): Promise<void> {
  const { guest } = bench;
  await checks.check('dfu-suffix marks a file, and -D takes it without its suffix', async () => {
    await guest.must(`cp ${FOLDER}/small.bin ${FOLDER}/${definition.name}-suffixed.bin`);
    await call('suffix', `dfu-suffix -v 0483 -p df11 -a ${FOLDER}/${definition.name}-suffixed.bin`);
    await call('download suffixed', `${dfu} -a 0 -s 0x08000000 -D ${FOLDER}/${definition.name}-suffixed.bin`);
    assertFlash(board, small);
    assertBlank(board, FLASH_START + small.length, 16);
  });
}

async function leavesAndReturns({ bench, checks, board, dfu, busid, call }: Plugged): Promise<void> {
  await checks.check(':leave starts the program, and the device goes', async () => {
    await call('leave', `${dfu} -a 0 -s 0x08000000:leave -D ${FOLDER}/small.bin`);
    await bench.gone(busid);
    assertFlash(board, small);
    assert.match(board.program ?? '', /application/i);
  });
  await checks.check('a reset brings the bootloader back', async () => {
    board.reset();
    await bench.attach(busid);
  });
  // AN3156 §4 (Read Unprotect): without protection only RAM is cleared; the chip resets all the same.
  await checks.check(':unprotect:force resets a chip that is not protected, and keeps its flash', async () => {
    await call('unprotect', `dfu-util -a 0 -s :unprotect:force -D ${FOLDER}/small.bin -p ${bench.pathOf(busid)}`);
    await bench.gone(busid);
    await bench.attach(busid);
    assertFlash(board, small);
  });
}
