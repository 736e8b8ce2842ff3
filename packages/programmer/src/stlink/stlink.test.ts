import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import { scriptedBulk } from '../../testing/scripted-bulk.ts';
import { Stlink } from './stlink.ts';

/** Version and mode as a Nucleo answered st-info. */
const OPENING = ['f1 -> 295b83044b37', 'f5 -> 0100'];
const ENTERING = ['f243 -> 8000', 'f230a3 -> 8000', 'f24b -> 8000'];

function opened(script: readonly string[], kHz?: number) {
  const port = scriptedBulk(script);
  return { port, probe: Stlink.open(port, { clock: new QuickClock(), kHz }) };
}

async function entered(script: readonly string[]) {
  const { port, probe } = opened([...OPENING, ...ENTERING, ...script]);
  const stlink = await probe;
  await stlink.enterSwd();
  await stlink.useAp(0);
  return { port, stlink };
}

describe('an ST-LINK', () => {
  it('is asked for its version and its mode first, and leaves the mode for its own update', async () => {
    // A V2 in the state after it was plugged in: it answers nothing else before (pyOCD 493).
    const { port, probe } = opened(['f1 -> 270783044837', 'f5 -> 0000', 'f307']);
    expect((await probe).title).toBe('ST-LINK V2J28S7');
    expect(port.left).toEqual([]);
  });

  it('leaves a session that another program left open', async () => {
    const { port, probe } = opened(['f1 -> 295b83044b37', 'f5 -> 0200', 'f221']);
    await probe;
    expect(port.left).toEqual([]);
  });

  it('is refused when its firmware is too old', async () => {
    const { probe } = opened(['f1 -> 238083044837']);
    await expect(probe).rejects.toMatchObject({ code: 'probe/firmware', facts: { found: 'V2J14S0', least: 'V2J15' } });
  });

  it('is brought into step first where a session that was cut has left a reply', async () => {
    const { port, probe } = opened(['f1 -> 800000000000', 'reset', 'f1 -> 295b83044b37', 'f5 -> 0200', 'f221']);
    expect((await probe).title).toBe('ST-LINK V2J37M27');
    expect(port.left).toEqual([]);
  });

  it('measures the supply of the chip', async () => {
    const { probe } = opened([...OPENING, 'f7 -> dc050000f0070000']);
    expect(await (await probe).voltage()).toBeCloseTo(3.25, 2);
  });

  it('tells no voltage where its reference reads 0', async () => {
    const { probe } = opened([...OPENING, 'f7 -> 0000000000000000']);
    expect(await (await probe).voltage()).toBeUndefined();
  });

  it('takes the next lower of its speeds', async () => {
    const { port, probe } = opened([...OPENING, 'f24302 -> 8000', 'f230a3 -> 8000', 'f24b -> 8000'], 1500);
    const stlink = await probe;
    await stlink.enterSwd();
    await stlink.useAp(0);
    expect([stlink.kHz, port.left]).toEqual([1200, []]);
  });

  it('asks a V3 for its speeds', async () => {
    const list = ['80000000', 'c0120000', '03000000', 'c05d0000', '401f0000', 'e8030000', '00'.repeat(28)].join('');
    const { port, probe } = opened(
      [
        'f1 -> 300083044e37',
        'fb -> 030007020000000083044e37',
        'f5 -> 0100',
        `f262 -> ${list}`,
        'f2610000401f -> 8000000000000000',
        'f230a3 -> 8000',
        'f24b -> 8000',
      ],
      20_000,
    );
    const stlink = await probe;
    await stlink.enterSwd();
    await stlink.useAp(0);
    expect([stlink.title, stlink.kHz, port.left]).toEqual(['ST-LINK V3J7M2', 8000, []]);
  });

  it('reads and writes one word by one command', async () => {
    const { port, stlink } = await entered(['f236f0ed00e0 -> 8000000003000300', 'f235f0ed00e003005fa0 -> 8000']);
    expect([...(await stlink.readMemory(0xe000_edf0, 4, { width: 4 }))]).toEqual([3, 0, 3, 0]);
    await stlink.writeMemory(0xe000_edf0, Uint8Array.of(3, 0, 0x5f, 0xa0), { width: 4 });
    expect(port.left).toEqual([]);
  });

  it('asks after each block how it went', async () => {
    const fine = `f23e -> 80${'00'.repeat(11)}`;
    const { port, stlink } = await entered([
      'f2070000002008 -> 0102030405060708',
      fine,
      'f2080000002008',
      'data 0102030405060708',
      fine,
    ]);
    expect([...(await stlink.readMemory(0x2000_0000, 8))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await stlink.writeMemory(0x2000_0000, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(port.left).toEqual([]);
  });

  it('reads a single byte as two, for the firmware sends two', async () => {
    const { stlink } = await entered(['f20c0100002001 -> 5a00', `f23e -> 80${'00'.repeat(11)}`]);
    expect([...(await stlink.readMemory(0x2000_0001, 1))]).toEqual([0x5a]);
  });

  it('asks again while the chip says WAIT', async () => {
    const word = 'f236f0ed00e0';
    const { port, stlink } = await entered([
      `${word} -> 1000000000000000`,
      `${word} -> 1400000000000000`,
      `${word} -> 8000000003000300`,
    ]);
    await stlink.readMemory(0xe000_edf0, 4, { width: 4 });
    expect(port.left).toEqual([]);
  });

  it('goes slower where the line has parity errors', async () => {
    const word = 'f236f0ed00e0';
    const { port, stlink } = await entered([
      `${word} -> 1700000000000000`,
      'f24301 -> 8000',
      `${word} -> 8000000003000300`,
    ]);
    await stlink.readMemory(0xe000_edf0, 4, { width: 4 });
    expect([stlink.kHz, port.left]).toEqual([1800, []]);
  });

  it('names the address at which the bus of the chip refused', async () => {
    const { stlink } = await entered(['f236000000f0 -> 1100000000000000']);
    await expect(stlink.readMemory(0xf000_0000, 4, { width: 4 })).rejects.toMatchObject({
      code: 'probe/refused',
      facts: { operation: 'read memory', status: 'access port: FAULT', address: 0xf000_0000 },
    });
  });

  it('is brought back once when it is mute, and asked again', async () => {
    const word = 'f236f0ed00e0';
    const { port, stlink } = await entered([
      `${word} -> TIMEOUT`,
      'reset',
      'f1 -> 295b83044b37',
      'f5 -> 0200',
      'f221',
      ...ENTERING,
      `${word} -> 8000000003000300`,
    ]);
    await stlink.readMemory(0xe000_edf0, 4, { width: 4 });
    expect(port.left).toEqual([]);
  });

  it('does not write again what may have been written', async () => {
    const { port, stlink } = await entered([
      'f2350420024023016745 -> TIMEOUT',
      'reset',
      'f1 -> 295b83044b37',
      'f5 -> 0100',
      ...ENTERING,
    ]);
    const key = Uint8Array.of(0x23, 0x01, 0x67, 0x45);
    await expect(stlink.writeMemory(0x4002_2004, key, { width: 4 })).rejects.toMatchObject({ code: 'usb/timeout' });
    expect(port.left).toEqual([]);
  });

  it('says so when it stays mute', async () => {
    const { stlink } = await entered(['f236f0ed00e0 -> TIMEOUT', 'reset', 'f1 -> TIMEOUT']);
    await expect(stlink.readMemory(0xe000_edf0, 4, { width: 4 })).rejects.toMatchObject({ code: 'probe/mute' });
  });

  it('closes its access port and leaves SWD in the end', async () => {
    const { port, stlink } = await entered(['f24c -> 8000', 'f221']);
    await stlink[Symbol.asyncDispose]();
    expect(port.left).toEqual([]);
  });
});
