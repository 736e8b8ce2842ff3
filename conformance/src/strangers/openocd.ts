/** OpenOCD against virtual ST-LINKs: a TCP server in front of a probe, and the program in a child process. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import {
  type Clock,
  createVirtualStLink,
  StLinkServerSession,
  type VirtualStLink,
  type VirtualStLinkOptions,
} from '@sureflash/virtual';

/** The wall's time, faster: erasing takes seconds of a chip's life, and a stranger waits by the wall's clock. */
function quickClock(times: number): Clock {
  const now = () => performance.now() * times;
  return {
    now,
    async sleep(ms) {
      const until = now() + ms;
      if (ms / times > 2) await new Promise((resolve) => setTimeout(resolve, ms / times - 1));
      while (now() < until) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export interface ServedStLink {
  readonly desk: VirtualStLink;
  readonly port: number;
  /** What a client sent that no client should send. */
  readonly broken: readonly string[];
}

/** A probe with a chip behind it, on a TCP port of this machine for as long as `work` takes. */
export async function serveStLink(
  options: Omit<VirtualStLinkOptions, 'clock'>,
  work: (served: ServedStLink) => Promise<void>,
): Promise<void> {
  const clock = quickClock(20);
  // A core that runs free between two commands may catch up with 5 ms; more would cost the wall's time.
  const desk = createVirtualStLink({ longestRunMs: 5, ...options, clock });
  const broken: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const session = new StLinkServerSession({
      probes: [desk],
      clock,
      send: (bytes) => socket.write(bytes),
      onBroken: (why) => {
        broken.push(why);
        socket.destroy();
      },
    });
    socket.on('data', (chunk) => {
      session.receive(chunk).catch((error: unknown) => {
        broken.push(String(error));
        socket.destroy();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  try {
    await work({ desk, port: address.port, broken });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }
}

/** Runs a program to its end. @returns its exit code, and what it printed to the one stream and then to the other */
export async function runStranger(
  program: string,
  operands: readonly string[],
): Promise<{ code: number; printed: string }> {
  const child = spawn(program, operands, { stdio: ['ignore', 'pipe', 'pipe'] });
  const streams = [child.stderr, child.stdout].map((stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return chunks;
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve(exit ?? -1));
  });
  return { code, printed: streams.map((chunks) => Buffer.concat(chunks).toString()).join('') };
}

/** What OpenOCD prints, without what differs from run to run. */
export function openocdPrinted(printed: string, folder: string): string {
  return (
    printed
      .replaceAll(folder, 'FOLDER')
      .replaceAll(/\d+\.\d+s \(\d+\.\d+ KiB\/s\)/g, 'TIME')
      .replaceAll(/in \d+\.\d+s/g, 'in TIME')
      .replaceAll(/version \d.*$/gm, 'VERSION')
      .replaceAll(/^Open On-Chip Debugger .*$/gm, 'Open On-Chip Debugger')
      // On a busy machine it says that it was kept waiting.
      .replaceAll(/^.*keep_alive.*\n/gm, '')
      .replaceAll('\r', '')
  );
}
