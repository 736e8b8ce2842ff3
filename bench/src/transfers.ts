/**
 * Processor time that the client adds to a transfer, and that of whole jobs. The device answers from a recording of the same job, so
 * that no model takes part; what the bare calls or the bare socket cost is measured beside it and taken off.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadCheckout } from './checkout.ts';
import { type Recording, record, TRANSFER_CASES, type TransferCase } from './recording.ts';
import type { Least, TransferTask, Way } from './transfers-child.ts';

const TURNS = 3;
const REPLAY_PROCESS = fileURLToPath(new URL('transfers-child.js', import.meta.url));

/** @param roots built checkouts to compare: they take turns, so that whatever else the machine does falls on all of them */
export async function measureTransfers(roots: readonly string[]): Promise<Record<string, string | number>[]> {
  const rows: Record<string, string | number>[] = [];
  for (const each of TRANSFER_CASES) {
    const entries: Entry[] = [];
    for (const root of roots) {
      entries.push({ root, recording: await record(await loadCheckout(root), each), webUsb: NEVER, usbIp: NEVER });
    }
    for (let turn = 0; turn < TURNS; turn++) {
      for (const entry of entries) {
        const { root, recording } = entry;
        entry.webUsb = lesser(entry.webUsb, await leastInProcess({ way: 'in-process', root, each, recording }));
        entry.usbIp = lesser(entry.usbIp, await leastInProcess({ way: 'over-socket', root, each, recording }));
      }
    }
    for (const entry of entries) rows.push(transferRow(each, entry));
  }
  return rows;
}

interface Entry {
  readonly root: string;
  readonly recording: Recording;
  webUsb: Least;
  usbIp: Least;
}

const NEVER: Least = {
  firstMs: Number.POSITIVE_INFINITY,
  jobMs: Number.POSITIVE_INFINITY,
  bareMs: Number.POSITIVE_INFINITY,
};

function lesser(a: Least, b: Least): Least {
  return {
    firstMs: Math.min(a.firstMs, b.firstMs),
    jobMs: Math.min(a.jobMs, b.jobMs),
    bareMs: Math.min(a.bareMs, b.bareMs),
  };
}

/** A new process for each job: most of its code then runs for the first time, as it does for a user. */
async function leastInProcess(task: TransferTask & { readonly way: Way }): Promise<Least> {
  const child = fork(REPLAY_PROCESS, [], { serialization: 'advanced' });
  try {
    return await new Promise((resolve, reject) => {
      child.once('message', (least: Least) => resolve(least));
      child.once('exit', () => reject(new Error(`${task.way} has ended`)));
      child.send(task);
    });
  } finally {
    child.removeAllListeners('exit');
    child.kill();
  }
}

function transferRow(
  { name }: TransferCase,
  { root, recording, webUsb, usbIp }: Entry,
): Record<string, string | number> {
  const { length } = recording.replies;
  const added = ({ jobMs, bareMs }: Least): number => Math.round(((jobMs - bareMs) / length) * 1e4) / 10;
  return {
    job: name,
    of: root,
    transfers: length,
    'first job, ms': Math.round(webUsb.firstMs),
    'added to a transfer, µs': added(webUsb),
    'USB/IP: first job, ms': Math.round(usbIp.firstMs),
    'USB/IP: added to a transfer, µs': added(usbIp),
  };
}
