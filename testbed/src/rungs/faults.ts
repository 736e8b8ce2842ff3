/**
 * The faults of the campaign on a real kernel, put to dfu-util: how often does it report success over wrong flash? Where it
 * does, sureflash gets the same fault, and must not. `--update` writes what came of it to `expectations/faults.json`.
 */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import {
  type Fault,
  type FaultKind,
  FaultyConnector,
  faultKinds,
  type Request,
  seedOf,
  type Transfer,
} from '@sureflash/virtual';
import type { Bench } from '../lib/bench.ts';
import { FLASH_START } from '../lib/bytes.ts';
import type { Checks } from '../lib/checks.ts';
import { FOLDER, handOver, imageOf, v1 } from '../lib/files.ts';
import type { Guest } from '../lib/guest.ts';
import { here } from '../lib/here.ts';
import { sureflash } from '../lib/programmer.ts';
import type { TranscriptOptions } from '../lib/transcript.ts';

/** Four blocks and four pages. */
const image = v1.slice(0, 8 * 1024);
const FAULTY_BOARD = 'stm32f105-rom';
const RESULTS = here('testbed/expectations/faults.json');

type Where = (request: Request) => boolean;

const carriesBlock: Where = ({ setup }) => setup.value >= 2;
const isAny: Where = () => true;

/** Kinds, and at which of the transfers they may strike: each does so at the middle one. */
type StrikeRow = readonly [kind: string, where: Where];

const STRIKES: readonly StrikeRow[] = [
  ['stall', isAny],
  ['data-flipped', carriesBlock],
  ['data-short', carriesBlock],
  ['request-swallowed', carriesBlock],
  ['block-number-high', carriesBlock],
  ['erase-skipped', isAny],
  ['write-skipped', isAny],
  ['changes-skipped', isAny],
  ['dead-sector', isAny],
  ['cells-stuck-at-0', isAny],
  ['reset-in-operation', isAny],
  ['restart-unseen', carriesBlock],
];

/** A run of ours takes 7 s in the guest, most of it Node's start. */
const MOST_OF_OURS = 4;

/** What a program says: whether it succeeded. */
type Run = (guest: Guest, path: string) => Promise<boolean>;

const PROGRAMS = {
  'dfu-util': async (guest: Guest, path: string) => {
    const ended = await guest.run(`dfu-util -p ${path} -a 0 -s 0x08000000 -D ${FOLDER}/faults.bin`, {
      limitMs: 60_000,
    });
    return ended.status === 0;
  },
  sureflash: async (guest: Guest, path: string) => {
    const ended = await sureflash(guest, `program ${FOLDER}/faults.bin --at 0x08000000 --usb ${path}`);
    return ended.status === 0;
  },
} satisfies Record<string, Run>;

type ProgramName = keyof typeof PROGRAMS;

/** A fault of a kind, and the transfer that it strikes. */
interface Strike {
  readonly kind: FaultKind;
  readonly at: number;
}

interface Outcome {
  readonly success: boolean;
  readonly holds: boolean;
}

interface FaultResult extends Outcome {
  readonly kind: string;
  readonly at: number;
  readonly program: ProgramName;
}

interface Attempt {
  readonly busid: string;
  readonly fault?: Fault;
  readonly onTransfer?: (transfer: Transfer) => void;
}

export async function faults(bench: Bench, checks: Checks, { update = false }: TranscriptOptions): Promise<void> {
  checks.area('the same faults for dfu-util and sureflash');
  await handOver(bench.guest, { 'faults.bin': image });
  const results = await judged(bench, checks, 'dfu-util', (transfers) => strikesOf(transfers, STRIKES));
  const fooled = results.filter(({ success, holds }) => success && !holds);
  await checks.check(`dfu-util is fooled in ${fooled.length} of ${results.length} runs`, async () => {
    assert.ok(fooled.length > 0, 'no fault has an effect that goes unseen: the faults do not strike');
  });
  const same = STRIKES.filter(([name]) => fooled.some(({ kind }) => kind === name)).slice(0, MOST_OF_OURS);
  const ours = await judged(bench, checks, 'sureflash', (transfers) => strikesOf(transfers, same));
  await checks.check(`sureflash is fooled in none of ${ours.length} runs with these faults`, async () => {
    assert.deepEqual(
      ours.filter(({ success, holds }) => success && !holds),
      [],
    );
  });
  if (update) writeFileSync(RESULTS, `[\n${[...results, ...ours].map(inOneLine).join(',\n')}\n]\n`);
}

/** As the formatter has it. */
function inOneLine(result: FaultResult): string {
  const fields = Object.entries(result).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `  { ${fields.join(', ')} }`;
}

/** Runs a program once undisturbed, to know its transfers, and then with each of the faults that `choose` picks. */
async function judged(
  bench: Bench,
  checks: Checks,
  program: ProgramName,
  choose: (transfers: readonly Transfer[]) => readonly Strike[],
): Promise<FaultResult[]> {
  const transfers: Transfer[] = [];
  const results: FaultResult[] = [];
  await checks.check(`${program} without a fault: success, and flash is the image`, async () => {
    const plain = await attempt(bench, program, { busid: '1-1', onTransfer: (transfer) => transfers.push(transfer) });
    assert.deepEqual(plain, { success: true, holds: true });
  });
  await bench.inPlaces(choose(transfers), async ({ kind, at }, busid) => {
    const fault = { kind, at, seed: seedOf(`${kind.name} ${at}`) };
    results.push({ kind: kind.name, at, program, ...(await attempt(bench, program, { busid, fault })) });
  });
  return results.sort((a, b) => orderOf(a) - orderOf(b) || a.at - b.at);
}

const orderOf = ({ kind }: FaultResult): number => faultKinds.findIndex(({ name }) => name === kind);

/** @returns what the program says, and what flash holds */
async function attempt(bench: Bench, program: ProgramName, { busid, ...options }: Attempt): Promise<Outcome> {
  const { clock } = bench.rack;
  const { board, path } = await bench.plug(FAULTY_BOARD, {
    busid,
    flash: imageOf(image.length, 3),
    behind: (made) => new FaultyConnector(made, { clock, ...options }),
  });
  const success = await PROGRAMS[program](bench.guest, path);
  const found = board.flash.peek(FLASH_START, image.length);
  await bench.unplug(busid);
  return { success, holds: image.every((byte, i) => byte === found[i]) };
}

function strikesOf(transfers: readonly Transfer[], strikes: readonly StrikeRow[]): Strike[] {
  return strikes.flatMap(([name, where]) => {
    const kind = faultKinds.find((each) => each.name === name);
    if (!kind) throw new RangeError(`there is no fault ${name}`);
    const possible = transfers.filter((transfer) => kind.applies(transfer) && where(transfer));
    const struck = possible[possible.length >> 1];
    return struck ? [{ kind, at: struck.index }] : [];
  });
}
