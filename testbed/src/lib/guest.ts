/** A small Linux under QEMU that shares this machine's root, read-only. Knows how to run commands there; nothing of USB. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Answers } from './answers.ts';
import { makeInitramfs } from './initramfs.ts';
import { ensureKernel, ensurePrograms, findProgram, type Kernel, programPath } from './packages.ts';
import { Problem } from './problem.ts';

/** The host's loopback as the guest sees it (QEMU, user networking). */
export const HOST = '10.0.2.2';

/** Followed by the number of the process that it belongs to. */
const FOLDER_NAME = 'sureflash-testbed-';

const BOOT_LIMIT_MS = 90_000;
const CONSOLE_KEPT = 20_000;
/** Linux takes arguments of up to 128 KB; base64 makes them a third longer. */
const PIECE = 64 * 1024;

export interface GuestOptions {
  /** After which QEMU is killed; 10 minutes when absent. */
  readonly limitMs?: number;
  /** Show the guest's console. */
  readonly verbose?: boolean;
  /** 2 when absent. */
  readonly cpus?: number;
}

/** One command's end. A command that was killed by its limit has status 124. */
export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly stdout: Uint8Array;
  readonly ms: number;
}

export interface CallOptions {
  readonly limitMs?: number;
  /** With it, output comes line by line. */
  readonly onLine?: (line: string) => void;
}

interface QemuOptions {
  readonly kernel: Kernel;
  readonly initrd: string;
  /** Of the agent's socket. */
  readonly path: string;
  readonly cpus: number;
}

export class Guest {
  #process: ChildProcess | undefined;
  #folder: string | undefined;
  #answers: Answers | undefined;
  #socket: Socket | undefined;
  #console = '';
  /** Never fulfilled; rejected when QEMU has ended. */
  #exited: Promise<never> = new Promise(() => {});
  #limit: NodeJS.Timeout | undefined;
  #reason: string | undefined;
  #ids = 0;
  bootMs = 0;

  static async boot(options: GuestOptions = {}): Promise<Guest> {
    const guest = new Guest();
    try {
      await guest.#boot(options);
      return guest;
    } catch (error) {
      await guest.close();
      throw error;
    }
  }

  async #boot({ limitMs = 600_000, verbose = false, cpus = 2 }: GuestOptions): Promise<void> {
    ensurePrograms();
    const kernel = ensureKernel();
    const started = performance.now();
    discardLeftovers();
    this.#folder = mkdtempSync(join(tmpdir(), `${FOLDER_NAME}${process.pid}-`));
    process.once('exit', this.#discard);
    const initrd = makeInitramfs(kernel, this.#folder);
    const path = join(this.#folder, 'agent');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
    this.#start(qemuArguments({ kernel, initrd, path, cpus }), verbose);
    this.#limit = setTimeout(() => this.#giveUp(`the guest was ended after ${limitMs / 1000} s`), limitMs);
    this.#socket = await Promise.race([connected, this.#exited]);
    server.close();
    this.#answers = new Answers(this.#socket);
    await this.#within(BOOT_LIMIT_MS, this.#answers.ready, 'the guest did not start');
    await this.#bringUp();
    this.bootMs = performance.now() - started;
  }

  #start(args: readonly string[], verbose: boolean): void {
    // The kernel of this machine ends QEMU with us, even if we are killed.
    const setpriv = findProgram('setpriv');
    const qemu = programPath('qemu-system-x86_64');
    const qemuProcess = setpriv
      ? spawn(setpriv, ['--pdeathsig', 'KILL', qemu, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn(qemu, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = qemuProcess;
    const keep = (chunk: Buffer): void => {
      this.#console = (this.#console + chunk).slice(-CONSOLE_KEPT);
      if (verbose) process.stderr.write(chunk);
    };
    qemuProcess.stdout.on('data', keep);
    qemuProcess.stderr.on('data', keep);
    this.#exited = new Promise<never>((_, reject) => {
      const gone = (why: string): void => {
        const error = new Problem(this.#reason ?? `QEMU ended: ${why}\n${this.#console.slice(-2000)}`);
        this.#answers?.fail(error);
        reject(error);
      };
      qemuProcess.once('exit', (status, signal) => gone(signal ?? `status ${status}`));
      qemuProcess.once('error', (error) => gone(error.message));
    });
    this.#exited.catch(() => {});
  }

  async #bringUp(): Promise<void> {
    const { status, err } = await this.run(
      'interface=$(ls /sys/class/net | grep -v lo | head -1); ip link set "$interface" up && ' +
        'ip address add 10.0.2.15/24 dev "$interface" && ip route add default via 10.0.2.2',
    );
    if (status !== 0) throw new Error(`the guest has no network: ${err}`);
  }

  /** Runs a shell command to its end. */
  async run(command: string, { limitMs = 120_000, onLine }: CallOptions = {}): Promise<Ended> {
    const [answers, socket] = [this.#answers, this.#socket];
    if (!answers || !socket) throw new Error('the guest has not started');
    this.#ids += 1;
    const id = String(this.#ids);
    const started = performance.now();
    const limited = `timeout -k 5 ${Math.ceil(limitMs / 1000)} sh -c ${quote(command)}`;
    const ended = answers.expect(id, onLine);
    socket.write(`${id} ${onLine ? 'stream' : 'whole'} ${Buffer.from(limited).toString('base64')}\n`);
    const { status, stdout, stderr } = await this.#within(limitMs + 30_000, ended, `no answer to: ${command}`);
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
    return { status, stdout, out: text(stdout), err: text(stderr), ms: performance.now() - started };
  }

  /** Runs a command that must succeed. @returns its standard output */
  async must(command: string, options?: CallOptions): Promise<string> {
    const { status, out, err } = await this.run(command, options);
    if (status !== 0) throw new Error(`status ${status} of: ${command}\n${out}${err}`);
    return out;
  }

  /** A file in the guest; the host's stays as it is. In pieces that fit a command. */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.must(`: >${quote(path)}`);
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = Buffer.from(bytes.subarray(at, at + PIECE)).toString('base64');
      await this.must(`echo ${piece} | base64 -d >>${quote(path)}`);
    }
  }

  async read(path: string): Promise<Uint8Array> {
    const { status, stdout, err } = await this.run(`cat ${quote(path)}`);
    if (status !== 0) throw new Error(err);
    return stdout;
  }

  /** What the guest's kernel said last. */
  get console(): string {
    return this.#console;
  }

  async close(): Promise<void> {
    clearTimeout(this.#limit);
    process.off('exit', this.#discard);
    const qemu = this.#process;
    const isRunning = qemu !== undefined && qemu.exitCode === null && qemu.signalCode === null;
    const ended = isRunning ? new Promise((resolve) => qemu.once('exit', resolve)) : undefined;
    this.#discard();
    await ended;
  }

  readonly #discard = (): void => {
    this.#socket?.destroy();
    this.#process?.kill('SIGKILL');
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  };

  #giveUp(reason: string): void {
    this.#reason = reason;
    this.#process?.kill('SIGKILL');
  }

  async #within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} within ${ms / 1000} s\n${this.#console.slice(-2000)}`)), ms);
    });
    return await Promise.race([promise, late, this.#exited]).finally(() => clearTimeout(timer));
  }
}

/** What runs that were killed could not take away. */
function discardLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(FOLDER_NAME))) {
    const pid = Number.parseInt(name.slice(FOLDER_NAME.length), 10);
    if (!existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** For a POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function qemuArguments({ kernel, initrd, path, cpus }: QemuOptions): string[] {
  const words = [
    '-accel tcg,thread=multi -cpu max -M q35 -m 3072 -nodefaults -no-user-config -no-reboot -display none -serial stdio',
    '-virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap',
    '-nic user,model=virtio-net-pci -device virtio-rng-pci',
  ];
  return [
    ...words.flatMap((each) => each.split(' ')),
    '-smp',
    String(cpus),
    '-kernel',
    kernel.image,
    '-initrd',
    initrd,
    '-append',
    'console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off',
    '-chardev',
    `socket,id=agent,path=${path}`,
    '-device',
    'virtio-serial-pci',
    '-device',
    'virtserialport,chardev=agent,name=testbed',
  ];
}
