/** The protocol of ST's stlink-server, frame by frame, as OpenOCD sends it. */

import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { createVirtualStLink } from './create.ts';
import { StLinkServerSession } from './server-session.ts';

function connected() {
  const clock = new VirtualClock();
  const desk = createVirtualStLink({ probe: 'v2-1', chip: 'STM32F407', clock, serial: '066DFF0123456789ABCDEF01' });
  const sent: Uint8Array[] = [];
  const broken: string[] = [];
  const session = new StLinkServerSession({
    probes: [desk],
    clock,
    send: (bytes) => sent.push(bytes),
    onBroken: (why) => broken.push(why),
  });
  return { desk, sent, broken, session };
}

/** A transfer: connection 0, a command, a direction and how many bytes. */
function transfer(command: readonly number[], direction: 0 | 1, size: number): number[] {
  const frame = [5, 0, 0, 0, 0, 0, 0, 0, ...command];
  while (frame.length < 24) frame.push(0);
  return [...frame, direction, 0, 0, 0, size & 0xff, size >>> 8, 0, 0];
}
const hex = (bytes: Uint8Array | undefined) =>
  [...(bytes ?? [])].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

describe('a session with the server', () => {
  test('counts the probes and describes one by serial number, VID and PID', async () => {
    const { session, sent } = connected();
    await session.receive(Uint8Array.of(6, 1, 0, 0, 0, 0, 1, 2, 0, 0, 0, 41, 0, 0, 0));
    expect(sent.map(({ length }) => length)).toEqual([16, 4, 4, 45]);
    expect(hex(sent[2])).toBe('01 00 00 00');
    expect(new TextDecoder().decode(sent[3]?.subarray(8, 32))).toBe('066DFF0123456789ABCDEF01');
    expect(hex(sent[3]?.subarray(40))).toBe('83 04 4b 37 00');
  });

  test('carries commands whose frames arrive byte by byte, and pads what is shorter than asked for', async () => {
    const { session, sent } = connected();
    for (const byte of transfer([0xf1], 1, 8)) await session.receive(Uint8Array.of(byte));
    expect(sent.map(hex)).toEqual(['01 00 00 00 29 5b 83 04 4b 37 00 00']);
  });

  test('writes data that stand behind a command and reads them back', async () => {
    const { session, sent } = connected();
    await session.receive(Uint8Array.from(transfer([0xf2, 0x30, 0xa3], 1, 2)));
    await session.receive(Uint8Array.from([...transfer([0xf2, 0x08, 0, 0, 0, 0x20, 4, 0], 0, 4), 1, 2, 3, 4]));
    await session.receive(Uint8Array.from(transfer([0xf2, 0x07, 0, 0, 0, 0x20, 4, 0], 1, 4)));
    expect(sent.map(hex)).toEqual(['01 00 00 00 80 00', '01 00 00 00', '01 00 00 00 01 02 03 04']);
  });

  test('ends a command without an answer with a timeout, and a foreign request at all', async () => {
    const { session, sent, broken } = connected();
    await session.receive(Uint8Array.from(transfer([0xf3, 0x07], 1, 2)));
    expect(hex(sent[0])).toBe('01 10 00 00');
    await session.receive(Uint8Array.of(0x47));
    expect(broken).toEqual(['request 71']);
    await session.receive(Uint8Array.of(1));
    expect(sent).toHaveLength(1);
  });
});
