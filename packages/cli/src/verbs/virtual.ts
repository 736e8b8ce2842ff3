/** `virtual`: boards that any USB/IP client, a Linux kernel or another sureflash can attach. */

import { networkInterfaces } from 'node:os';
import { type ServerEvent, UsbIpServer } from '@sureflash/usbip';
import { RealClock, type UsbConnector } from '@sureflash/virtual';
import { CommandError, usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { EXIT } from '../base/exit-codes.ts';
import { parseNumber } from '../base/numbers.ts';
import { anyNumber, flag, parsed, text, verb, withInitial } from '../declare/verb.ts';
import { BOARD_GROUPS, BOARD_NAMES, type BoardGroup, PROBES, SHORT_LIST } from '../device/board-groups.ts';
import { createPlugs, scenarioNamed } from '../device/virtual-board.ts';
import type { Context } from '../render/context.ts';
import { hang } from '../render/wrap.ts';

export const virtualVerb = verb({
  operands: { scenario: anyNumber('one board each', { completes: 'board' }) },
  options: {
    all: flag('without a name: list every board, one line each'),
    host: withInitial(text('<address>', 'address to listen on'), '127.0.0.1'),
    port: withInitial(parsed('<number>', 'TCP port; 0 for any free one', tcpPort), 3240),
    load: text('<file>', 'initial content of their flash', { completes: 'file' }),
  },
  examples: [
    ['sureflash virtual', 'list the boards'],
    ['sureflash virtual stm32f105-rom', 'one at 127.0.0.1/1-1'],
    ['sureflash virtual stm32f407-rom stm32l476-rom --port 0', 'two, on a free port'],
    ['sureflash virtual nucleo-f103rb', 'a chip behind an ST-LINK'],
  ],
  /** Runs until it is stopped; without names it lists what there is. */
  run: async (context, { scenario: names }, { host, port, load, all = false }) => {
    if (names.length === 0) {
      (all ? listAll : listShort)(context);
      return;
    }
    if (all) throw usage('--all lists the boards and takes no name.', 'Leave out --all, or leave out the names.');
    const clock = new RealClock();
    const plugs: Plug[] = [];
    for (const name of names) {
      const { board, probe } = await createPlugs(context.io, name, { clock, ...defined({ load }) });
      const { title } = scenarioNamed(name);
      if (board) plugs.push({ name, title: probe ? `${title}: its own USB` : title, connector: board });
      if (probe) plugs.push({ name, title: board ? `${title}: its ST-LINK` : title, connector: probe });
    }
    const ports = new Map(plugs.map(({ connector }, i) => [busidOf(i), connector]));
    const server = new UsbIpServer({ ports, clock, onEvent: (event) => tellEvent(context, event) });
    try {
      tellHowToAttach(context, plugs, await listen(server, { host, port }));
      await untilStopped(context.io.signal);
      // A terminal has shown `^C` where the cursor was.
      context.remark(context.io.err.isTty ? '\nStopped.' : 'Stopped.');
      context.emit({ type: 'result', ok: true });
    } finally {
      await server.close();
    }
  },
});

/** What is plugged in of a board. */
interface Plug {
  readonly name: string;
  readonly title: string;
  readonly connector: UsbConnector;
}

const busidOf = (index: number): string => `1-${index + 1}`;

/** @returns whether others reach the server, and the host that they, or this machine, name to reach it */
function reachedAt(host: string): { isOpen: boolean; host: string } {
  if (/^127\.|^::1$|^::ffff:127\./.test(host)) return { isOpen: false, host };
  if (host !== '0.0.0.0' && host !== '::') return { isOpen: true, host: host.includes(':') ? `[${host}]` : host };
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return {
    isOpen: true,
    host: own.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1',
  };
}

function tcpPort(input: string): number {
  const value = parseNumber(input, 'a port');
  if (value > 65_535) throw usage('A TCP port is at most 65535.');
  return value;
}

function tellHowToAttach(context: Context, plugs: readonly Plug[], listening: { host: string; port: number }): void {
  const { isOpen, host } = reachedAt(listening.host);
  const address = { ...listening, host };
  if (isOpen) {
    context.warn(
      'USB/IP has no password and no encryption: whoever reaches this machine over the network can program these boards. Without --host it listens to this machine alone.',
    );
  }
  const at = address.port === 3240 ? address.host : `${address.host}:${address.port}`;
  for (const [i, { name, title }] of plugs.entries()) {
    const busid = busidOf(i);
    context.print(`${busid}  ${title}`);
    context.print(`     program it: sureflash program FILE --usbip ${at}/${busid}`);
    context.print(
      `     or attach it to Linux: sudo usbip --tcp-port ${address.port} attach -r ${address.host} -b ${busid}`,
    );
    context.emit({ type: 'board', busid, scenario: name, usbip: `${address.host}:${address.port}/${busid}` });
  }
  context.remark('Running until Ctrl-C.');
}

function tellEvent(context: Context, event: ServerEvent): void {
  const { kind, client } = event;
  if (kind === 'broken') {
    const reason = event.error instanceof Error ? event.error.message : String(event.error);
    context.remark(`${client} broke off: ${reason}`);
    context.emit({ type: 'broken', client, reason });
    return;
  }
  const { busid } = event;
  context.remark(`${busid}  ${kind === 'imported' ? 'attached' : 'given back'} by ${client}`);
  context.emit({ type: kind, busid, client });
}

async function untilStopped(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function listen(
  server: UsbIpServer,
  { host, port }: { host: string; port: number },
): Promise<{ host: string; port: number }> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    throw new CommandError({
      code: 'cli/listen',
      exitCode: EXIT.access,
      title: cause instanceof Error ? cause.message : String(cause),
      remedy: ['Choose another port: --port 3241. A running usbipd or another sureflash may have this one.'],
      facts: { host, port },
      cause,
    });
  }
}

function listShort(context: Context): void {
  for (const { name, title, description } of [...SHORT_LIST.boards, ...PROBES.boards]) {
    context.print(context.style.strong(name));
    context.print(hang('  ', `${title}. ${description}`, context.io.out));
  }
  context.remark(
    'Start one: sureflash virtual stm32f105-rom. Or use it at once: sureflash program FILE --virtual stm32f105-rom',
  );
  const shown = SHORT_LIST.boards.length + PROBES.boards.length;
  context.remark(`${BOARD_NAMES.length - shown} more: sureflash virtual --all`);
  emitBoards(context, [SHORT_LIST, PROBES]);
}

function listAll(context: Context): void {
  const width = Math.max(...BOARD_NAMES.map((name) => name.length)) + 2;
  for (const [i, { title, boards, lineOf }] of BOARD_GROUPS.entries()) {
    if (i > 0) context.print();
    context.print(context.style.strong(title));
    for (const board of boards) {
      context.print(hang(`  ${board.name.padEnd(width)}`, lineOf(board), context.io.out));
    }
  }
  context.remark(`${BOARD_NAMES.length} boards. The short list says more of its own: sureflash virtual`);
  emitBoards(context, BOARD_GROUPS);
}

function emitBoards(context: Context, groups: readonly BoardGroup[]): void {
  for (const { name: group, boards } of groups) {
    for (const { name, title, description, source } of boards) {
      context.emit({ type: 'scenario', group, name, title, description, source });
    }
  }
  const scenarios = groups.reduce((sum, { boards }) => sum + boards.length, 0);
  context.emit({ type: 'result', ok: true, scenarios });
}
