/** A small Linux under QEMU that shares this machine's root, read-only. Knows how to run commands there; nothing of USB. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Answers } from './answers.mjs';
import { makeInitramfs } from './initramfs.mjs';
import { ensureKernel, ensurePrograms, findProgram } from './packages.mjs';
import { Problem } from './problem.mjs';

/** The host's loopback as the guest sees it (QEMU, user networking). */
export const HOST = '10.0.2.2';

/** Followed by the number of the process that it belongs to. */
const FOLDER_NAME = 'sureflash-testbed-';

const BOOT_LIMIT_MS = 90_000;
const CONSOLE_KEPT = 20_000;
/** Linux takes arguments of up to 128 KB; base64 makes them a third longer. */
const PIECE = 64 * 1024;

/**
 * @typedef {object} GuestOptions
 * @property {number} [limitMs] after which QEMU is killed; 10 minutes when absent
 * @property {boolean} [verbose] show the guest's console
 * @property {number} [cpus] 2 when absent
 */

/** One command's end. A command that was killed by its limit has status 124. */
/** @typedef {{ status: number, out: string, err: string, stdout: Uint8Array, ms: number }} Ended */

export class Guest {
  #process;
  #folder;
  #answers;
  #socket;
  #console = '';
  #exited;
  #limit;
  #reason;
  #ids = 0;
  bootMs = 0;

  /** @param {GuestOptions} [options] */
  static async boot(options = {}) {
    const guest = new Guest();
    try {
      await guest.#boot(options);
      return guest;
    } catch (error) {
      await guest.close();
      throw error;
    }
  }

  async #boot({ limitMs = 600_000, verbose = false, cpus = 2 }) {
    ensurePrograms();
    const kernel = ensureKernel();
    const started = performance.now();
    discardLeftovers();
    this.#folder = mkdtempSync(join(tmpdir(), `${FOLDER_NAME}${process.pid}-`));
    process.once('exit', this.#discard);
    const initrd = makeInitramfs(kernel, this.#folder);
    const path = join(this.#folder, 'agent');
    const server = createServer();
    await new Promise((resolve) => server.listen(path, resolve));
    const connected = new Promise((resolve) => server.once('connection', resolve));
    this.#start(qemuArguments({ kernel, initrd, path, cpus }), verbose);
    this.#limit = setTimeout(() => this.#giveUp(`the guest was ended after ${limitMs / 1000} s`), limitMs);
    this.#socket = await Promise.race([connected, this.#exited]);
    server.close();
    this.#answers = new Answers(this.#socket);
    await this.#within(BOOT_LIMIT_MS, this.#answers.ready, 'the guest did not start');
    await this.#bringUp();
    this.bootMs = performance.now() - started;
  }

  #start(args, verbose) {
    // The kernel of this machine ends QEMU with us, even if we are killed.
    const tie = findProgram('setpriv') ? [findProgram('setpriv'), '--pdeathsig', 'KILL'] : [];
    const [program, ...rest] = [...tie, findProgram('qemu-system-x86_64'), ...args];
    this.#process = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk) => {
      this.#console = (this.#console + chunk).slice(-CONSOLE_KEPT);
      if (verbose) process.stderr.write(chunk);
    };
    this.#process.stdout.on('data', keep);
    this.#process.stderr.on('data', keep);
    this.#exited = new Promise((_, reject) => {
      const gone = (why) => {
        const error = new Problem(this.#reason ?? `QEMU ended: ${why}\n${this.#console.slice(-2000)}`);
        this.#answers?.fail(error);
        reject(error);
      };
      this.#process.once('exit', (status, signal) => gone(signal ?? `status ${status}`));
      this.#process.once('error', (error) => gone(error.message));
    });
    this.#exited.catch(() => {});
  }

  async #bringUp() {
    const { status, err } = await this.run(
      'interface=$(ls /sys/class/net | grep -v lo | head -1); ip link set "$interface" up && ' +
        'ip address add 10.0.2.15/24 dev "$interface" && ip route add default via 10.0.2.2',
    );
    if (status !== 0) throw new Error(`the guest has no network: ${err}`);
  }

  /**
   * Runs a shell command to its end.
   * @param {string} command
   * @param {{ limitMs?: number, onLine?: (line: string) => void }} [options] with `onLine`, output comes line by line
   * @returns {Promise<Ended>}
   */
  async run(command, { limitMs = 120_000, onLine } = {}) {
    this.#ids += 1;
    const id = String(this.#ids);
    const started = performance.now();
    const limited = `timeout -k 5 ${Math.ceil(limitMs / 1000)} sh -c ${quote(command)}`;
    const ended = this.#answers.expect(id, onLine);
    this.#socket.write(`${id} ${onLine ? 'stream' : 'whole'} ${Buffer.from(limited).toString('base64')}\n`);
    const { status, stdout, stderr } = await this.#within(limitMs + 30_000, ended, `no answer to: ${command}`);
    const text = (bytes) => Buffer.from(bytes).toString('utf8');
    return { status, stdout, out: text(stdout), err: text(stderr), ms: performance.now() - started };
  }

  /** Runs a command that must succeed. @returns its standard output */
  async must(command, options) {
    const { status, out, err } = await this.run(command, options);
    if (status !== 0) throw new Error(`status ${status} of: ${command}\n${out}${err}`);
    return out;
  }

  /** A file in the guest; the host's stays as it is. In pieces that fit a command. */
  async write(path, bytes) {
    await this.must(`: >${quote(path)}`);
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = Buffer.from(bytes.subarray(at, at + PIECE)).toString('base64');
      await this.must(`echo ${piece} | base64 -d >>${quote(path)}`);
    }
  }

  async read(path) {
    const { status, stdout, err } = await this.run(`cat ${quote(path)}`);
    if (status !== 0) throw new Error(err);
    return stdout;
  }

  /** What the guest's kernel said last. */
  get console() {
    return this.#console;
  }

  async close() {
    clearTimeout(this.#limit);
    process.off('exit', this.#discard);
    const running = this.#process && this.#process.exitCode === null && this.#process.signalCode === null;
    const ended = running && new Promise((resolve) => this.#process.once('exit', resolve));
    this.#discard();
    await ended;
  }

  #discard = () => {
    this.#socket?.destroy();
    this.#process?.kill('SIGKILL');
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  };

  #giveUp(reason) {
    this.#reason = reason;
    this.#process?.kill('SIGKILL');
  }

  async #within(ms, promise, what) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} within ${ms / 1000} s\n${this.#console.slice(-2000)}`)), ms);
    });
    return await Promise.race([promise, late, this.#exited]).finally(() => clearTimeout(timer));
  }
}

/** What runs that were killed could not take away. */
function discardLeftovers() {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(FOLDER_NAME))) {
    const pid = Number.parseInt(name.slice(FOLDER_NAME.length), 10);
    if (!existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** For a POSIX shell. */
export function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function qemuArguments({ kernel, initrd, path, cpus }) {
  return [
    ...['-accel', 'tcg,thread=multi', '-smp', String(cpus), '-cpu', 'max', '-M', 'q35', '-m', '3072'],
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
    ...['-kernel', kernel.image, '-initrd', initrd],
    ...['-append', 'console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off'],
    ...['-virtfs', 'local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap'],
    ...['-nic', 'user,model=virtio-net-pci', '-device', 'virtio-rng-pci'],
    ...['-chardev', `socket,id=agent,path=${path}`, '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=agent,name=testbed'],
  ];
}
