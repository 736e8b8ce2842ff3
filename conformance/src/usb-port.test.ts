import type { ControlSetup, UsbPort } from '@sureflash/programmer';
import { afterEach, describe, expect, it } from 'vitest';
import { dfuRungs, type Rung } from './port-rungs.ts';

const DNLOAD = 1;
const GETSTATUS = 3;
const CLRSTATUS = 4;
const GETSTATE = 5;
const quick = { timeoutMs: 2_000 };
const nothing = new Uint8Array(0);

const dfu = (request: number, value = 0): ControlSetup => ({
  requestType: 'class',
  recipient: 'interface',
  request,
  value,
  index: 0,
});

describe.each(dfuRungs())('a port over %s', (_, open) => {
  let rung: Rung<unknown> | undefined;
  const start = async (): Promise<Rung<unknown>> => {
    rung = await open();
    return rung;
  };
  afterEach(async () => {
    await rung?.close();
    rung = undefined;
  });

  /** Out of dfuERROR/errFIRMWARE, in which an empty F407 starts. */
  const toIdle = async (port: UsbPort): Promise<void> => await port.controlOut(dfu(CLRSTATUS), nothing, quick);

  it('tells who the device is, as its descriptors do', async () => {
    const { port } = await start();
    expect(port.identity).toMatchObject({
      vendorId: 0x0483,
      productId: 0xdf11,
      bcdDevice: 0x2200,
      manufacturer: 'STMicroelectronics',
      product: 'STM32  BOOTLOADER',
    });
    expect(port.interfaceNumber).toBe(0);
    expect(port.configurationDescriptor.length).toBe(54);
  });

  it('gives the string of every alternate setting', async () => {
    const { port } = await start();
    expect(port.alternates.map(({ number, name }) => `${number} ${name}`)).toEqual([
      '0 @Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg',
      '1 @Option Bytes  /0x1FFFC000/01*016 e',
      '2 @OTP Memory /0x1FFF7800/01*512 e,01*016 e',
      '3 @Device Feature/0xFFFF0000/01*004 e',
    ]);
  });

  it('carries data in both directions, and requests without any', async () => {
    const { port } = await start();
    await toIdle(port);
    await port.controlOut(dfu(DNLOAD), Uint8Array.of(0x21, 0, 0, 0, 0x08), quick);
    const status = await port.controlIn(dfu(GETSTATUS), 6, quick);
    expect([...status]).toEqual([0, expect.any(Number), 0, 0, 4, 0]);
    expect([...(await port.controlIn(dfu(GETSTATUS), 6, quick))].slice(4)).toEqual([5, 0]);
  });

  it('turns a stall into usb/stall and goes on', async () => {
    const { port } = await start();
    await expect(port.controlIn(dfu(9), 1, quick)).rejects.toMatchObject({
      code: 'usb/stall',
      facts: { setup: { request: 9 } },
    });
    expect((await port.controlIn(dfu(GETSTATE), 1, quick)).length).toBe(1);
  });

  it('gives up on a device that does not answer in time', async () => {
    const { port } = await start();
    await toIdle(port);
    await port.controlOut(dfu(DNLOAD), Uint8Array.of(0x41), quick);
    await port.controlIn(dfu(GETSTATUS), 6, quick);
    await expect(port.controlIn(dfu(GETSTATUS), 6, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'usb/timeout',
      facts: { afterMs: 30 },
    });
  });

  it('fails at once with usb/gone when the device is unplugged while a transfer waits, and says so by `gone`', async () => {
    const { port, unplug, clock } = await start();
    await toIdle(port);
    await port.controlOut(dfu(DNLOAD), Uint8Array.of(0x41), quick);
    await port.controlIn(dfu(GETSTATUS), 6, quick);
    void clock.sleep(20).then(unplug);
    const started = clock.now();
    await expect(port.controlIn(dfu(GETSTATUS), 6, quick)).rejects.toMatchObject({ code: 'usb/gone' });
    expect(clock.now() - started).toBeLessThan(2_000);
    await port.gone;
  });

  it('gives a transfer up with the reason of a signal, unchanged, and can be used on', async () => {
    const { port } = await start();
    const reason = { why: 'enough' };
    const aborted = { ...quick, signal: AbortSignal.abort(reason) };
    await expect(port.controlIn(dfu(GETSTATE), 1, aborted)).rejects.toBe(reason);
    await expect(port.controlOut(dfu(CLRSTATUS), nothing, aborted)).rejects.toBe(reason);
    await toIdle(port);
    await port.controlOut(dfu(DNLOAD), Uint8Array.of(0x41), quick);
    await port.controlIn(dfu(GETSTATUS), 6, quick);
    const stop = new AbortController();
    const held = port.controlIn(dfu(GETSTATUS), 6, { timeoutMs: 60_000, signal: stop.signal });
    stop.abort(reason);
    await expect(held).rejects.toBe(reason);
  });

  it('selects alternate settings', async () => {
    const { port } = await start();
    await port.selectAlternate(2);
    await port.selectAlternate(0);
    expect((await port.controlIn(dfu(GETSTATE), 1, quick)).length).toBe(1);
  });

  it('lets go of the device, so that it can be opened again', async () => {
    const { port, reopen } = await start();
    await port[Symbol.asyncDispose]();
    const again = await reopen();
    expect((await again.controlIn(dfu(GETSTATE), 1, quick)).length).toBe(1);
    await again[Symbol.asyncDispose]();
  });
});
