import { createServer } from 'node:net';
import { UsbIpClient } from '@sureflash/usbip';
import { describe, expect, it } from 'vitest';
import { type Ended, example, type FakeIo, type FakeStream, fakeIo, sureflash } from '../testing/harness.ts';

const ELF = example('dashboard-v2.elf');

/** `sureflash virtual …` on a free port, until `work` has ended. */
async function whileRunning(scenarios: string, work: (address: string, io: FakeIo) => Promise<void>): Promise<Ended> {
  const io = fakeIo();
  const listening = new Promise<string>((resolve, reject) => {
    io.out.onWrite = () => {
      const found = /--usbip (\S+:\d+)\/1-1/.exec(io.out.text)?.[1];
      if (found !== undefined) resolve(found);
    };
    io.signal.addEventListener('abort', () => reject(new Error('stopped too early')));
  });
  const ended = sureflash(`virtual ${scenarios} --port 0`, io);
  try {
    await work(await Promise.race([listening, ended.then(({ err }) => Promise.reject(new Error(err)))]), io);
  } finally {
    io.stop();
  }
  return await ended;
}

/** Resolves when the stream has said so. */
async function saidBy(stream: FakeStream, what: RegExp): Promise<void> {
  if (what.test(stream.text)) return;
  await new Promise<void>((resolve) => {
    stream.onWrite = () => {
      if (what.test(stream.text)) resolve();
    };
  });
}

/** A port of this machine at which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

describe('sureflash virtual', () => {
  it('lists the boards without a name', async () => {
    const { code, out } = await sureflash('virtual');
    expect(code).toBe(0);
    expect(out).toMatch(/^stm32f105-rom\n {2}STM32F105 in its ROM bootloader\. BOOT0 is high/);
  });

  it('says how to program a board and how to attach it, and ends with 0 when it is stopped', async () => {
    const { code, out, err } = await whileRunning('stm32f105-rom stm32f407-rom', async () => undefined);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^1-1 {2}STM32F105 in its ROM bootloader\n +program it: sureflash program FILE --usbip 127\.0\.0\.1:/,
    );
    expect(out).toMatch(
      /1-2 {2}STM32F407 .*\n.*\/1-2\n +or attach it to Linux: sudo usbip --tcp-port \d+ attach -r 127/,
    );
    expect(err).toContain('Running until Ctrl-C.\n');
  });

  it('serves program, verify and list over a socket', async () => {
    await whileRunning(`stm32f105-rom --load ${ELF}`, async (address, io) => {
      const list = await sureflash(`list --usbip ${address}`);
      expect(list.out).toMatch(
        new RegExp(
          `^1-1 {2}0483:df11 {2}--usbip ${address}/1-1 {2}STM32F105/107 in its ROM bootloader, serial \\w+\\n$`,
        ),
      );
      const run = await sureflash(`program ${ELF} --usbip ${address}/1-1`);
      expect(run.code).toBe(0);
      expect(run.err).toContain(`Device       STM32F105/107 in its ROM bootloader (USB/IP ${address}/1-1)`);
      expect(run.out).toMatch(/^Unchanged {4}117.1 KB read back/);
      await saidBy(io.err, /1-1 {2}attached by 127\.0\.0\.1:\d+\n1-1 {2}given back by 127\.0\.0\.1:\d+\n/);
    });
  });

  it('erases and writes over a socket, and takes the only board without its bus id', async () => {
    await whileRunning('stm32f105-rom', async (address) => {
      const io = fakeIo({ files: [['small.bin', Uint8Array.from({ length: 3000 }, (_, i) => i * 7)]] });
      const { code, out } = await sureflash(`program small.bin --at 0x08001000 --usbip ${address}`, io);
      expect(code).toBe(0);
      expect(out).toMatch(/^Verified {5}0 sectors erased, 2.93 KB written, 2.93 KB read back and equal/);
    });
  });

  it('is followed through the reset that comes with new option bytes', async () => {
    await whileRunning('stm32f105-rom', async (address) => {
      const { code, out } = await sureflash(`option-bytes set Data0=0x12 --yes --usbip ${address}`);
      expect(code).toBe(0);
      expect(out).toBe('Set          Data0 = 0x12: read back\n');
      expect((await sureflash(`option-bytes show --usbip ${address}/1-1`)).out).toMatch(/Data0 +0x12/);
    });
  });

  it('refuses a board that another client has', async () => {
    await whileRunning('stm32f105-rom', async (address) => {
      const [host = '', port = ''] = address.split(':');
      const client = await UsbIpClient.import({ host, port: Number(port), busid: '1-1' });
      const { code, err } = await sureflash(`info --usbip ${address}/1-1`);
      expect(code).toBe(4);
      expect(err).toMatch(/Another client uses device 1-1\. \[usbip\/busy\]\n +End the other program/);
      await client[Symbol.asyncDispose]();
    });
  });

  it('has no board of another bus id, and touches none of several', async () => {
    await whileRunning('stm32f105-rom stm32f407-rom', async (address) => {
      const wrong = await sureflash(`info --usbip ${address}/1-9`);
      expect(wrong.code).toBe(3);
      expect(wrong.err).toMatch(/\[usbip\/no-such-device\]\n +See what is exported there: sureflash list --usbip 127/);
      const several = await sureflash(`info --usbip ${address}`);
      expect(several.code).toBe(3);
      expect(several.err).toMatch(
        /exports 2 devices; none was changed.*\n +--usbip .*\/1-1 {2}STM32F105\/107 in.*\n +--usbip .*\/1-2 {2}STM32F40/,
      );
    });
  });

  it('says that a port is taken, and how to choose another', async () => {
    await whileRunning('stm32f105-rom', async (address) => {
      const { code, err } = await sureflash(`virtual stm32f105-rom --port ${address.split(':')[1]}`);
      expect(code).toBe(4);
      expect(err).toMatch(/cannot listen on 127.*\[cli\/listen\]\n +Choose another port: --port/);
    });
  });
});

describe('a USB/IP server that is not there', () => {
  it.each(['list', 'info'])('is told by %s, with what to do', async (verb) => {
    const { code, err } = await sureflash(`${verb} --usbip 127.0.0.1:${await closedPort()}`);
    expect(code).toBe(3);
    expect(err).toMatch(
      /^Error {8}Nobody listens at 127\.0\.0\.1:\d+\..*\[usbip\/refused\]\n +Start a board to try: sureflash/,
    );
  });
});
