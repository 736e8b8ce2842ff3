/**
 * Several probes and boards at once on a real kernel's USB, most of them with something in the way: `list` has a line for each, and
 * one that never tells its name holds up none.
 */
import assert from 'node:assert/strict';
import { createVirtualStLink, type VirtualStLinkOptions } from '@sureflash/virtual';
import type { Bench } from '../lib/bench.ts';
import type { Checks } from '../lib/checks.ts';
import { SUREFLASH } from '../lib/files.ts';
import { sureflash } from '../lib/programmer.ts';

/** Of a core that waits by the wall; see the rung `probe`. */
const DESK_LOOK_MS = 20;
/** More than the 20 s that one device may take, on a busy machine. */
const LIST_LIMIT_MS = 300_000;
const GET_DESCRIPTOR = 6;
const STRING = 3;

type DeskOptions = Omit<VirtualStLinkOptions, 'clock' | 'longestRunMs'>;

const PLUGGED: readonly (readonly [busid: string, options: DeskOptions])[] = [
  // Starts in the mode for its own update.
  ['1-1', { probe: 'v2', chip: 'STM32F407' }],
  ['1-2', { probe: 'v3e', chip: 'STM32L476', supplyMv: 0 }],
  ['1-3', { probe: 'v2-1', chip: 'STM32F103', onCommand: () => ({ kind: 'mute' }) }],
];
const SILENT = '1-4';

export async function desk(bench: Bench, checks: Checks): Promise<void> {
  const { guest, rack } = bench;
  checks.area('a desk with three probes and a board that does not tell its name');
  for (const [busid, options] of PLUGGED) {
    const { connector } = createVirtualStLink({ ...options, clock: rack.clock, longestRunMs: DESK_LOOK_MS });
    rack.place(busid).show(connector);
    await bench.attach(busid);
  }
  const { path: silentPath, place } = await bench.plug('stm32f105-rom', { busid: SILENT });
  place.intercept = ({ request, value }) => request === GET_DESCRIPTOR && value >> 8 === STRING;
  const pathOf = (busid: string): string => bench.pathOf(busid) ?? '';
  await checks.check('list names the probes with their firmware and the supply of their chips', async () => {
    const { status, out, err } = await guest.run(`${SUREFLASH} list`, { limitMs: LIST_LIMIT_MS });
    assert.equal(status, 0, err.slice(-1500));
    const lineOf = (path: string): string => out.split('\n').find((line) => line.startsWith(`${path}  `)) ?? out;
    assert.match(lineOf(pathOf('1-1')), /ST-LINK V2J37S7, 3\.30 V at the chip$/);
    assert.match(lineOf(pathOf('1-2')), /ST-LINK V3J7M2, 0\.00 V at the chip, which is too low$/);
    assert.match(lineOf(pathOf('1-3')), /firmware not read \(probe\/mute\): it does not answer; unplug it/);
    assert.match(lineOf(silentPath), /^\S+ {2}0483:df11 {2}does not answer: unplug it and plug it in again$/);
  });
  await checks.check('program touches none, and lists each with the option that chooses it', async () => {
    const { status, result } = await sureflash(guest, 'info');
    assert.equal(status, 3);
    assert.equal(result.code, 'cli/several-devices');
    assert.match((result.remedy ?? []).join('\n'), new RegExp(`^--usb ${pathOf('1-1').replace('.', '\\.')} `, 'm'));
  });
  await checks.check('the one with a chip that answers is reached by its place', async () => {
    const { status, out, err } = await sureflash(guest, `info --usb ${pathOf('1-1')}`);
    assert.equal(status, 0, `${out.slice(-1500)}${err.slice(-1500)}`);
  });
  for (const [busid] of PLUGGED) await bench.unplug(busid);
  await bench.unplug(SILENT);
}
