/** sureflash through npm `usb`, libusb and the kernel: every verb, re-enumeration, and what libusb hears of plugging. */

import assert from 'node:assert/strict';
import { type Board, CLASS_V2_5_3, cubeMxStub } from '@sureflash/virtual';
import type { Bench } from '../lib/bench.ts';
import { assertBlank, assertFlash, assertSame, FLASH_START } from '../lib/bytes.ts';
import type { Checks } from '../lib/checks.ts';
import { FIRMWARE, FOLDER, handOver, imageOf, small, v1 } from '../lib/files.ts';
import { quote } from '../lib/guest.ts';
import { here } from '../lib/here.ts';
import { assertEnd, sureflash } from '../lib/programmer.ts';

/** Fills the F407's four 16 KB sectors. */
const f407 = imageOf(64 * 1024, 7);

export async function programs(bench: Bench, checks: Checks): Promise<void> {
  await handOver(bench.guest, { 'small.bin': small, 'f407.bin': f407 });
  checks.area('sureflash through libusb: F105');
  await f105(bench, checks);
  checks.area('sureflash through libusb: F407');
  await onF407(bench, checks);
  checks.area('plugging');
  await hotPlug(bench, checks);
}

async function f105(bench: Bench, checks: Checks): Promise<void> {
  const application = cubeMxStub(CLASS_V2_5_3, '2052356D5652');
  const { board, path } = await bench.plug('stm32f105-rom', { application });
  await shown(bench, checks, path);
  await programmed(bench, checks, board);
  await left(bench, checks, board);
  await bench.unplug();
}

async function shown({ guest }: Bench, checks: Checks, path: string): Promise<void> {
  await checks.check('list names the board and its bus path', async () => {
    const { lines, result } = await sureflash(guest, 'list');
    assert.equal(result.ok, true);
    assert.equal(result.devices, 1);
    const [first = {}] = lines;
    const { vendorId, productId, serial } = first;
    assert.deepEqual({ path: first.path, vendorId, productId }, { path, vendorId: 0x0483, productId: 0xdf11 });
    assert.equal(serial, 'STM32');
  });
  await checks.check('info knows the chip and its 128 pages', async () => {
    const ended = await sureflash(guest, 'info');
    assertEnd(ended, 0);
    assert.equal(ended.result.regions?.find(({ kind }) => kind === 'flash')?.sectors, 128);
  });
}

async function programmed({ guest }: Bench, checks: Checks, board: Board): Promise<void> {
  await checks.check('program writes the ELF and proves it', async () => {
    const ended = await sureflash(guest, `program ${FIRMWARE}.elf`);
    assertEnd(ended, 0);
    assertFlash(board, v1);
  });
  await checks.check('program again writes nothing', async () => {
    const before = board.flash.statistics;
    assertEnd(await sureflash(guest, `program ${FIRMWARE}.elf`), 0);
    assert.deepEqual(board.flash.statistics, before);
  });
  await checks.check('verify agrees, and disagrees with another image', async () => {
    assertEnd(await sureflash(guest, `verify ${FIRMWARE}.hex`), 0);
    assertEnd(await sureflash(guest, `verify ${FIRMWARE.replace('v1', 'v2')}.hex`), 7, 'verify/mismatch');
  });
  await checks.check('read gives the bytes of flash', async () => {
    assertEnd(await sureflash(guest, `read ${FOLDER}/read.bin --range 0x08000000+32K`), 0);
    assertSame(await guest.read(`${FOLDER}/read.bin`), v1.subarray(0, 32 * 1024));
  });
  await checks.check('erase --range erases these sectors and no others', async () => {
    assertEnd(await sureflash(guest, 'erase --range 0x08004000+16K'), 0);
    assertBlank(board, FLASH_START + 0x4000, 0x4000);
    assertFlash(board, v1.subarray(0, 0x4000));
    assertFlash(board, v1.subarray(0x8000), FLASH_START + 0x8000);
  });
}

async function left(bench: Bench, checks: Checks, board: Board): Promise<void> {
  const { guest } = bench;
  await checks.check('program --leave starts the program, which shows up as another device', async () => {
    assertEnd(await sureflash(guest, `program ${FIRMWARE}.elf --leave`), 0);
    assertFlash(board, v1);
    await bench.gone();
    await bench.attach();
    assert.equal(board.program, 'application');
    const { lines } = await sureflash(guest, 'list');
    assert.equal(lines[0]?.product, 'STM32 DownLoad Firmware Update');
  });
  await checks.check('a reset with BOOT0 high brings the bootloader back', async () => {
    board.reset();
    await bench.gone();
    await bench.attach();
    assertEnd(await sureflash(guest, `verify ${FIRMWARE}.elf`), 0);
  });
}

async function onF407(bench: Bench, checks: Checks): Promise<void> {
  const { guest } = bench;
  const { board } = await bench.plug('stm32f407-rom');
  await checks.check('an F407 that starts in dfuERROR is programmed', async () => {
    assertEnd(await sureflash(guest, `program ${FOLDER}/f407.bin --at 0x08000000`), 0);
    assertFlash(board, f407);
  });
  await checks.check('with two boards nothing is touched, and both are named', async () => {
    const second = await bench.plug('stm32f105-rom', { busid: '1-2' });
    const ended = await sureflash(guest, `program ${FOLDER}/small.bin --at 0x08000000`);
    assertEnd(ended, 3, 'cli/several-devices');
    assert.ok(ended.result.facts?.devices?.some(({ path }) => path === second.path));
    assertEnd(await sureflash(guest, `program ${FOLDER}/small.bin --at 0x08000000 --usb ${second.path}`), 0);
    assertFlash(second.board, small);
    assertFlash(board, f407);
    await bench.unplug('1-2');
  });
  await bench.unplug();
}

async function hotPlug(bench: Bench, checks: Checks): Promise<void> {
  const { guest } = bench;
  await checks.check('libusb in the guest hears of plugging in and out', async () => {
    const heard = guest.run(`${quote(process.execPath)} ${quote(here('testbed/dist/guest/hotplug.js'))}`);
    await guest.must('until [ -e /run/hotplug-listens ]; do sleep 0.1; done');
    await bench.plug('stm32f105-rom');
    await bench.unplug();
    const { out, err } = await heard;
    assert.equal(out, 'listens\nattach 0483:df11\ndetach 0483:df11\n', err);
  });
}
