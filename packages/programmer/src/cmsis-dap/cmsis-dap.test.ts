import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import { bytesOf, hexOf, UNUSED } from '../../testing/scripted-port.ts';
import { FlashError } from '../errors.ts';
import type { UsbPort } from '../ports/usb.ts';
import { CmsisDap } from './cmsis-dap.ts';

/** One interface of vendor class with two bulk endpoints. */
const WITH_BULK = '090220000101008032 0904000002ff000000 07050102400000 07058102400000';
const spaceless = (text: string): string => text.replaceAll(' ', '');

interface ScriptedDap extends UsbPort {
  readonly left: string[];
  /** `out` and `in`, as they were asked for. */
  readonly order: string[];
}

/** `request -> reply` in hex, `reset`; a reply TIMEOUT never comes. Blanks mean nothing. Several requests may be under way. */
function scriptedDap(script: readonly string[], configuration = WITH_BULK): ScriptedDap {
  const left = [...script];
  const replies: string[] = [];
  const order: string[] = [];
  const expectLine = (asked: string): void => {
    const [line = 'the end'] = left;
    const [expected, answer] = spaceless(line).split('->');
    if (expected !== asked) throw new Error(`the script has "${line}", the code sent "${asked}"`);
    left.shift();
    if (answer !== undefined) replies.push(answer);
  };
  const refuse = async (): Promise<never> => {
    throw new Error('control transfers are not used');
  };
  return {
    ...UNUSED,
    left,
    order,
    configurationDescriptor: bytesOf(spaceless(configuration)),
    identity: { vendorId: 0x2e8a, productId: 0x000c, bcdDevice: 0x0100 },
    selectAlternate: async () => undefined,
    controlIn: refuse,
    controlOut: refuse,
    async bulkOut(_endpoint, data) {
      order.push('out');
      expectLine(hexOf(data));
    },
    async bulkIn(endpoint, length) {
      order.push('in');
      const answer = replies.shift();
      if (answer === undefined || answer === 'TIMEOUT') throw new FlashError('usb/timeout', { endpoint, afterMs: 500 });
      return bytesOf(answer).subarray(0, length);
    },
    reset: async () => {
      replies.length = 0;
      expectLine('reset');
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

const GREETING = [
  '00ff -> 00024000',
  '00fe -> 000102',
  '00f0 -> 000101',
  '0004 -> 0006322e312e3000',
  '0201 -> 0201',
  '010001 -> 0100',
];
const SEQUENCE = `12 88 ${'ff'.repeat(7)} 9ee7 ${'ff'.repeat(7)} 00`;
const lineAt = (hertz: string): string[] => [
  `11${hertz} -> 1100`,
  '04 02 6400 0000 -> 0400',
  '1300 -> 1300',
  `${SEQUENCE} -> 1200`,
  '05000102 -> 0501017714a02b',
  '050001001e000000 -> 050101',
  '0500010800000000 -> 050101',
  '0500010400000050 -> 050101',
  '05000106 -> 050101000000f0',
];
const FAST = lineAt('00093d00');
const OPENED_AP = ['0500010800000000 -> 050101', '05000103 -> 05010152000043'];
/** CSW with 32 bits and increment, TAR, one read of DRW. */
const READ_DHCSR = '050003 0112000063 05f0ed00e0 0f';

async function opened(script: readonly string[]) {
  const port = scriptedDap([...GREETING, ...FAST, ...OPENED_AP, ...script]);
  const probe = await CmsisDap.open(port, { clock: new QuickClock() });
  await probe.enterSwd();
  await probe.useAp(0);
  return { port, probe };
}

describe('a CMSIS-DAP probe', () => {
  it('is asked what it takes and who it is, and its line is switched to SWD', async () => {
    const { port, probe } = await opened([]);
    expect([probe.title, probe.kHz, await probe.voltage(), port.left]).toEqual([
      'CMSIS-DAP 2.1.0',
      4000,
      undefined,
      [],
    ]);
  });

  it('is brought into step first where a session that was cut has left a reply', async () => {
    const port = scriptedDap(['00ff -> 050101', 'reset', ...GREETING]);
    expect((await CmsisDap.open(port, { clock: new QuickClock() })).title).toBe('CMSIS-DAP 2.1.0');
    expect(port.left).toEqual([]);
  });

  it('is refused where it has no SWD, or no bulk endpoints', async () => {
    const clock = new QuickClock();
    const script = GREETING.map((line) => line.replace('00f0 -> 000101', '00f0 -> 000102'));
    const least = 'CMSIS-DAP v2 with SWD';
    await expect(CmsisDap.open(scriptedDap(script), { clock })).rejects.toMatchObject({
      code: 'probe/firmware',
      facts: { found: 'no SWD', least },
    });
    const hid = scriptedDap([], '090212000101008032 090400000003000000');
    await expect(CmsisDap.open(hid, { clock })).rejects.toMatchObject({
      code: 'probe/firmware',
      facts: { found: 'no bulk endpoints', least },
    });
  });

  it('goes slower where no chip acknowledges, and says so when none does at any speed', async () => {
    const silent = (hertz: string): string[] =>
      lineAt(hertz).map((line) => line.replace(/^05000102 -> .*/, '05000102 -> 050007'));
    const atSpeed = (hertz: string): string[] => silent(hertz).slice(0, 5);
    const port = scriptedDap([...GREETING, ...atSpeed('00093d00'), ...lineAt('80841e00')]);
    const probe = await CmsisDap.open(port, { clock: new QuickClock() });
    await probe.enterSwd();
    expect([probe.kHz, port.left]).toEqual([2000, []]);
    const none = scriptedDap([...GREETING, ...atSpeed('a0860100')]);
    const alone = await CmsisDap.open(none, { clock: new QuickClock(), kHz: 100 });
    await expect(alone.enterSwd()).rejects.toMatchObject({
      code: 'probe/refused',
      facts: { status: 'no acknowledge' },
    });
  });

  it('reads a word by one request, and says the width once', async () => {
    const { port, probe } = await opened([
      `${READ_DHCSR} -> 050301 03000300`,
      '050002 05f0ed00e0 0f -> 050201 03000300',
    ]);
    for (let times = 0; times < 2; times++)
      expect([...(await probe.readMemory(0xe000_edf0, 4, { width: 4 }))]).toEqual([3, 0, 3, 0]);
    expect(port.left).toEqual([]);
  });

  it('takes single bytes from their lanes', async () => {
    const { probe } = await opened(['050003 0110000063 0503000020 0f -> 050301 0000005a']);
    expect([...(await probe.readMemory(0x2000_0003, 1))]).toEqual([0x5a]);
  });

  it('asks for two packets of a block before it has the first', async () => {
    const words = 'aabbccdd';
    const { probe, port } = await opened([
      `050011 0112000063 0500000020 ${'0f'.repeat(15)} -> 051101 ${words.repeat(15)}`,
      `060005000f -> 06050001${words.repeat(5)}`,
    ]);
    const before = port.order.length;
    expect(hexOf(await probe.readMemory(0x2000_0000, 80))).toBe(words.repeat(20));
    expect(port.order.slice(before)).toEqual(['out', 'out', 'in', 'in']);
  });

  it('asks again while the chip says WAIT, with the width said anew', async () => {
    const { port, probe } = await opened([`${READ_DHCSR} -> 050202`, `${READ_DHCSR} -> 050301 03000300`]);
    await probe.readMemory(0xe000_edf0, 4, { width: 4 });
    expect(port.left).toEqual([]);
  });

  it('goes slower where the line has parity errors', async () => {
    const { port, probe } = await opened([
      `${READ_DHCSR} -> 050208`,
      ...lineAt('80841e00'),
      `${READ_DHCSR} -> 050301 03000300`,
    ]);
    await probe.readMemory(0xe000_edf0, 4, { width: 4 });
    expect([probe.kHz, port.left]).toEqual([2000, []]);
  });

  it('names the address at which the bus of the chip refused, and clears the error', async () => {
    const { port, probe } = await opened(['050003 0112000063 05000000f0 0f -> 050204', '050001001e000000 -> 050101']);
    await expect(probe.readMemory(0xf000_0000, 4, { width: 4 })).rejects.toMatchObject({
      code: 'probe/refused',
      facts: { operation: 'read memory', status: 'FAULT', address: 0xf000_0000 },
    });
    expect(port.left).toEqual([]);
  });

  it('is brought back once when it is mute, and asked again', async () => {
    const { port, probe } = await opened([
      `${READ_DHCSR} -> TIMEOUT`,
      'reset',
      ...GREETING,
      ...FAST,
      `${READ_DHCSR} -> 050301 03000300`,
    ]);
    await probe.readMemory(0xe000_edf0, 4, { width: 4 });
    expect(port.left).toEqual([]);
  });

  it('does not write again what may have been written', async () => {
    const { port, probe } = await opened([
      '050003 0112000063 0504200240 0d23016745 -> TIMEOUT',
      'reset',
      ...GREETING,
      ...FAST,
    ]);
    const key = Uint8Array.of(0x23, 0x01, 0x67, 0x45);
    await expect(probe.writeMemory(0x4002_2004, key, { width: 4 })).rejects.toMatchObject({ code: 'usb/timeout' });
    expect(port.left).toEqual([]);
  });

  it('says so when it stays mute', async () => {
    const { probe } = await opened([`${READ_DHCSR} -> TIMEOUT`, 'reset', '00ff -> TIMEOUT']);
    await expect(probe.readMemory(0xe000_edf0, 4, { width: 4 })).rejects.toMatchObject({ code: 'probe/mute' });
  });

  it('pulls NRST, and lets go of it', async () => {
    const { port, probe } = await opened(['10008000000000 -> 102f', '10808000000000 -> 10af']);
    await probe.driveReset(true);
    await probe.driveReset(false);
    expect(port.left).toEqual([]);
  });

  it('lets the chip go in the end', async () => {
    const { port, probe } = await opened(['010000 -> 0100', '03 -> 0300']);
    await probe[Symbol.asyncDispose]();
    expect(port.left).toEqual([]);
  });
});
