import { describe, expect, it } from 'vitest';
import type { Board } from '../board.ts';
import { VirtualClock } from '../clock.ts';
import { findScenario } from '../scenarios/by-name.ts';
import type { Reply } from '../usb/model.ts';
import { FaultyConnector } from './connector.ts';
import type { Transfer } from './fault.ts';
import { faultKinds } from './kinds.ts';

const FLASH = 0x0800_0000;
const OLD = Uint8Array.from({ length: 4096 }, (_, i) => i * 7 + 1);
const BLOCK = Uint8Array.from({ length: 64 }, (_, i) => 0xa0 ^ i);
/** DFU 1.1 §3, table 3.2 */
const [DNLOAD, UPLOAD, GETSTATUS, ABORT] = [1, 2, 3, 6];

interface Step {
  readonly request: number;
  readonly value: number;
  /** Sent, or asked for. */
  readonly data?: Uint8Array;
  readonly length?: number;
}

const status: Step = { request: GETSTATUS, value: 0, length: 6 };
const command = (code: number, address: number): Step[] => {
  const data = new Uint8Array(5);
  data[0] = code;
  new DataView(data.buffer).setUint32(1, address, true);
  return [{ request: DNLOAD, value: 0, data }, status, status];
};

/** Erases a page, writes a block to its start, and reads two blocks back. */
const RUN: readonly Step[] = [
  status,
  ...command(0x41, FLASH),
  ...command(0x21, FLASH),
  { request: DNLOAD, value: 2, data: BLOCK },
  status,
  status,
  { request: ABORT, value: 0, data: new Uint8Array() },
  { request: UPLOAD, value: 2, length: 64 },
  { request: UPLOAD, value: 3, length: 64 },
];
const at = { eraseRun: 2, writeRun: 8, block: 7, firstUpload: 11, secondUpload: 12 };

interface Ended {
  readonly board: Board;
  readonly connector: FaultyConnector;
  readonly transfers: readonly Transfer[];
  readonly replies: readonly Reply[];
}

/** The run on an F105 with something in flash; whoever is gone answers no more. */
async function run(kindName?: string, index = 0, steps = RUN): Promise<Ended> {
  const clock = new VirtualClock();
  const board = findScenario('stm32f105-rom')?.create(clock, { flash: [{ address: FLASH, bytes: OLD }] });
  const kind = faultKinds.find(({ name }) => name === kindName);
  if (!board) throw new Error('no board');
  const transfers: Transfer[] = [];
  const connector = new FaultyConnector(board, {
    clock,
    ...(kind && { fault: { kind, at: index, seed: 5 } }),
    onTransfer: (transfer) => transfers.push(transfer),
  });
  const replies: Reply[] = [];
  for (const { request, value, data = new Uint8Array(), length = data.length } of steps) {
    const requestType = request === UPLOAD || request === GETSTATUS ? 0xa1 : 0x21;
    const { device } = connector;
    if (!device) break;
    replies.push(device.control({ requestType, request, value, index: 0, length }, data));
    await clock.sleep(100);
  }
  return { board, connector, transfers, replies };
}

const holds = ({ board }: Ended, bytes: Uint8Array): boolean => {
  const found = board.flash.peek(FLASH, bytes.length);
  return bytes.every((byte, i) => byte === found[i]);
};

describe('a run without a fault', () => {
  it('is watched in the order of the wire, with what flash begins at each request', async () => {
    const ended = await run();
    expect(ended.transfers.map(({ index }) => index)).toEqual(RUN.map((_, i) => i));
    expect(ended.transfers.flatMap(({ begins, index }) => (begins ? [[index, begins]] : []))).toEqual([
      [at.eraseRun, 'erase'],
      [at.writeRun, 'program'],
    ]);
    expect(ended.transfers[at.eraseRun]?.busyMs).toBe(20);
    expect(holds(ended, BLOCK)).toBe(true);
  });

  it('counts from the first class request on', async () => {
    const { connector, transfers } = await run(undefined, 0, []);
    const descriptor = { requestType: 0x80, request: 6, value: 0x100, index: 0, length: 18 };
    expect(connector.device?.control(descriptor, new Uint8Array())).toMatchObject({ kind: 'data' });
    expect(transfers).toEqual([]);
  });
});

/** A ROM refuses a DNLOAD while another one waits, and to abort twice is to abort. */
const HARMLESS = ['request-doubled'];

describe.each(faultKinds)('the fault $name', (kind) => {
  it('has a transfer of a plain run that it strikes at, and changes what comes of it, unless it is harmless', async () => {
    const plain = await run();
    const indices = plain.transfers.filter((transfer) => kind.applies(transfer)).map(({ index }) => index);
    const outcomes: string[] = [];
    for (const index of indices) {
      const { replies, board, connector } = await run(kind.name, index);
      expect(connector.struck).toBe(true);
      outcomes.push(JSON.stringify([replies, [...board.flash.peek(FLASH, 4096)], board.program]));
    }
    const undisturbed = JSON.stringify([plain.replies, [...plain.board.flash.peek(FLASH, 4096)], plain.board.program]);
    expect(indices.length).toBeGreaterThan(0);
    expect(outcomes.some((outcome) => outcome !== undisturbed)).toBe(!HARMLESS.includes(kind.name));
  });

  it('is over once it is healed', async () => {
    const { connector } = await run(kind.name, 0, []);
    connector.heal();
    const reply = connector.device?.control({ requestType: 0xa1, request: 3, value: 0, index: 0, length: 6 }, OLD);
    expect(reply).toEqual({ kind: 'data', bytes: Uint8Array.of(0, 0, 0, 0, 2, 0) });
  });
});

describe('one fault at one transfer', () => {
  it('keep a request from the device, or only its answer from the host', async () => {
    const lost = await run('request-lost', at.eraseRun);
    const unanswered = await run('answer-lost', at.eraseRun);
    expect([lost, unanswered].map(({ replies }) => replies[at.eraseRun])).toEqual([
      { kind: 'silent' },
      { kind: 'silent' },
    ]);
    expect([lost, unanswered].map(({ transfers }) => transfers[at.eraseRun]?.begins)).toEqual([undefined, 'erase']);
  });

  it('last for one transfer, or from there on', async () => {
    const kinds = (ended: Ended): string[] => ended.replies.map(({ kind }) => kind);
    const once = kinds(await run('stall', 1, RUN.slice(0, 4)));
    const ever = kinds(await run('stall-for-ever', 1, RUN.slice(0, 4)));
    expect([once, ever]).toEqual([
      ['data', 'stall', 'data', 'data'],
      ['data', 'stall', 'stall', 'stall'],
    ]);
  });

  it('flip one bit and no more', async () => {
    const ended = await run('data-flipped', at.block);
    const found = ended.board.flash.peek(FLASH, BLOCK.length);
    const bits = BLOCK.reduce(
      (sum, byte, i) => sum + (byte ^ (found[i] ?? 0)).toString(2).replaceAll('0', '').length,
      0,
    );
    expect(bits).toBe(1);
  });

  it('answer with what was answered before', async () => {
    const { replies } = await run('answer-stale', at.secondUpload);
    const first = replies[at.firstUpload];
    expect(replies[at.secondUpload]).toMatchObject({ kind: 'data', bytes: first?.kind === 'data' && first.bytes });
  });

  it('leave an erase or a write undone and say nothing', async () => {
    const erase = await run('erase-skipped', at.eraseRun);
    const write = await run('write-skipped', at.writeRun);
    expect([erase, write].map(({ replies }) => replies[at.writeRun + 1])).toEqual([
      { kind: 'data', bytes: Uint8Array.of(0, 0, 0, 0, 5, 0) },
      { kind: 'data', bytes: Uint8Array.of(0, 0, 0, 0, 5, 0) },
    ]);
    expect([holds(erase, OLD), holds(write, new Uint8Array(64).fill(0xff))]).toEqual([true, true]);
  });

  it('keep one sector from erasing, and no other', async () => {
    const steps = [status, ...command(0x41, FLASH), ...command(0x41, FLASH + 2048), ...command(0x41, FLASH)];
    const { board } = await run('dead-sector', at.eraseRun, steps);
    expect([...board.flash.peek(FLASH, 1), ...board.flash.peek(FLASH + 2048, 1)]).toEqual([OLD[0], 0xff]);
    expect(board.flash.isProtected(0)).toBe(false);
  });

  it.each([
    ['cells-stuck-at-0', (found: number, wanted: number) => (found & ~wanted) === 0],
    ['cells-stuck-at-1', (found: number, wanted: number) => (wanted & ~found) === 0],
  ] as const)('%s: up to three bits are wrong, all in one direction', async (name, inDirection) => {
    const { board } = await run(name, at.writeRun);
    const found = board.flash.peek(FLASH, BLOCK.length);
    const wrong = [...found].map((byte, i) => [byte, BLOCK[i] ?? 0] as const).filter(([a, b]) => a !== b);
    expect(wrong.length).toBeGreaterThan(0);
    expect(wrong.length).toBeLessThanOrEqual(3);
    expect(wrong.every(([a, b]) => inDirection(a, b))).toBe(true);
  });

  it('cut the power inside an erase: cells are left half done', async () => {
    const { board, connector } = await run('power-cut-in-erase', at.eraseRun);
    const page = board.flash.peek(FLASH, 2048);
    expect([connector.device, board.program]).toEqual([undefined, undefined]);
    expect(page.some((byte) => byte !== 0xff)).toBe(true);
    expect(page.some((byte, i) => byte !== OLD[i])).toBe(true);
  });

  it('reset the chip, which comes back with the same loader', async () => {
    const clock = new VirtualClock();
    const { board } = await run('reset-before', 0, [status]);
    await clock.sleep(1);
    expect(board.program).toBe('rom');
  });
});
