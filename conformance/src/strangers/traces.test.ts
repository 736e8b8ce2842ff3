/**
 * Our client's traces against OpenOCD's on the same boards: the same job, from the first command to the last. Both end with the
 * same flash; what OpenOCD leaves as after a reset, ours does too; and neither sends what the firmware of the probe has not.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryImage } from '@sureflash/image';
import { leave, program } from '@sureflash/programmer';
import { createVirtualStLink, type StLinkName, type VirtualStLink } from '@sureflash/virtual';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stlinkRig } from '../probe/probe-rig.ts';
import { runStranger, serveStLink } from './openocd.ts';

const FLASH = 0x0800_0000;
const BYTES = 5000;
const OPENOCD = 'openocd';
const isMissing = spawnSync(OPENOCD, ['--version']).error !== undefined;

/** Where DBGMCU has its bits for timers and watchdogs that stand still with the core: on F1 in its only register. */
const FREEZE = 'DBGMCU freeze';
/** Of every Cortex-M: halting debug, vector catch, breakpoints, interrupts (ARMv7-M ARM, C1.6 and B3.2). */
const CORE = { DHCSR: 0xe000_edf0, DEMCR: 0xe000_edfc, FP_CTRL: 0xe000_2000, VTOR: 0xe000_ed08, AIRCR: 0xe000_ed0c };

interface Row {
  readonly chip: string;
  readonly probe: StLinkName;
  /** OpenOCD's script of the chip. */
  readonly script: string;
  /** Registers that a job touches, by the manual of the chip. */
  readonly registers: Readonly<Record<string, number>>;
}

const ROWS: readonly Row[] = [
  {
    chip: 'STM32F103',
    probe: 'v2-1',
    script: 'stm32f1x',
    registers: { FLASH_CR: 0x4002_2010, FLASH_SR: 0x4002_200c, [FREEZE]: 0xe004_2004 },
  },
  {
    chip: 'STM32F407',
    probe: 'v2-1',
    script: 'stm32f4x',
    registers: {
      FLASH_CR: 0x4002_3c10,
      FLASH_SR: 0x4002_3c0c,
      FLASH_OPTCR: 0x4002_3c14,
      DBGMCU_CR: 0xe004_2004,
      [FREEZE]: 0xe004_2008,
    },
  },
  {
    chip: 'STM32L476',
    probe: 'v2-1',
    script: 'stm32l4x',
    registers: { FLASH_CR: 0x4002_2014, FLASH_SR: 0x4002_2010, DBGMCU_CR: 0xe004_2004, [FREEZE]: 0xe004_2008 },
  },
  {
    chip: 'STM32G431',
    probe: 'v3e',
    script: 'stm32g4x',
    registers: { FLASH_CR: 0x4002_2014, FLASH_SR: 0x4002_2010, DBGMCU_CR: 0xe004_2004, [FREEZE]: 0xe004_2008 },
  },
  {
    chip: 'STM32H743',
    probe: 'v3e',
    script: 'stm32h7x',
    registers: { FLASH_CR1: 0x5200_200c, FLASH_SR1: 0x5200_2010, FLASH_OPTCR: 0x5200_2018 },
  },
];

/** A vector table and a loop, and a pattern behind it. */
function imageBytes(): Uint8Array {
  const bytes = Uint8Array.from({ length: BYTES }, (_, i) => (i * 7 + (i >> 8) * 13) & 0xff);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x2000_0400, true);
  view.setUint32(4, FLASH + 0x101, true);
  view.setUint16(0x100, 0xe7fe, true);
  return bytes;
}

/** Of DHCSR what a debugger controls: what it tells of the past goes by being read. */
const CONTROL_OF_DHCSR = 0x0f;

/** What a job has left: registers whose value is not that of a chip that has just started with the same flash, with that value. */
function leftBy({ microcontroller }: VirtualStLink, { chip, registers }: Row): Map<string, number> {
  const fresh = createVirtualStLink({ probe: 'v2-1', chip, flash: new Map([[FLASH, imageBytes()]]) });
  fresh.target.pass(5);
  const valueIn = (board: VirtualStLink['microcontroller'], name: string, address: number): number =>
    (board.core.debugPort.read(address, 4) & (name === 'DHCSR' ? CONTROL_OF_DHCSR : 0xffff_ffff)) >>> 0;
  const left = new Map<string, number>();
  for (const [name, address] of Object.entries({ ...CORE, ...registers })) {
    const value = valueIn(microcontroller, name, address);
    if (value !== valueIn(fresh.microcontroller, name, address)) left.set(name, value);
  }
  return left;
}

/** First bytes of commands, with the second of F2. */
const keyOf = ([first = 0, second = 0]: Uint8Array): string =>
  (first === 0xf2 ? [first, second] : [first]).map((byte) => byte.toString(16).padStart(2, '0')).join('');
const BLOCK_READS = ['f207', 'f20c', 'f247', 'f254'];
const UNKNOWN_COMMAND = 0x42;

/** The commands of a session, and those that the firmware does not know. */
interface Session {
  readonly keys: Set<string>;
  readonly unknown: Set<string>;
}

function listen({ probe }: VirtualStLink): Session {
  const session = { keys: new Set<string>(), unknown: new Set<string>() };
  const receive = probe.receive.bind(probe);
  let data = 0;
  probe.receive = (bytes) => {
    const key = keyOf(bytes);
    const answer = receive(bytes);
    if (data > 0) {
      data = 0;
      return answer;
    }
    session.keys.add(key);
    // Blocks that are written follow their command.
    if (['f208', 'f20d', 'f248', 'f250'].includes(key)) data = bytes.length;
    if (answer?.length === 2 && answer[0] === UNKNOWN_COMMAND && !BLOCK_READS.includes(key)) session.unknown.add(key);
    return answer;
  };
  return session;
}

interface Job extends Session {
  readonly left: ReadonlyMap<string, number>;
  readonly runs: boolean;
  readonly flash: Uint8Array;
  readonly options: Uint8Array;
}

function jobOf(desk: VirtualStLink, session: Session, row: Row): Job {
  const { microcontroller, target } = desk;
  target.pass(5);
  return {
    ...session,
    left: leftBy(desk, row),
    runs: microcontroller.core.state === 'running',
    flash: microcontroller.flash.peek(FLASH, BYTES),
    options: microcontroller.options.slice(),
  };
}

async function ourJob(row: Row, firmware?: string): Promise<Job> {
  const rig = stlinkRig({ probe: row.probe, chip: row.chip, ...(firmware !== undefined && { firmware }) });
  const session = listen(rig.desk);
  const device = await rig.connect();
  await program(device, new MemoryImage([{ address: FLASH, bytes: imageBytes() }]));
  await leave(device);
  await device.close();
  return jobOf(rig.desk, session, row);
}

async function theirJob(row: Row, file: string): Promise<Job> {
  let job: Job | undefined;
  await serveStLink({ probe: row.probe, chip: row.chip }, async ({ desk, port }) => {
    const session = listen(desk);
    const words = [
      'gdb_port disabled; tcl_port disabled; telnet_port disabled',
      `source [find interface/stlink.cfg]; hla_stlink_backend tcp ${port}; source [find target/${row.script}.cfg]`,
      `program ${file} 0x08000000 verify reset`,
      'shutdown',
    ];
    const { code, printed } = await runStranger(
      OPENOCD,
      words.flatMap((each) => ['-c', each]),
    );
    // Of a failure what it printed tells why.
    expect({ code, printed: code === 0 ? '' : printed }).toEqual({ code: 0, printed: '' });
    job = jobOf(desk, session, row);
  });
  if (!job) throw new Error('there was no job');
  return job;
}

describe.skipIf(isMissing)('the trace of a job, held against that of OpenOCD', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sureflash-traces-'));
    await writeFile(join(folder, 'image.bin'), imageBytes());
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each(ROWS)('on an $chip behind a $probe ends with the same chip', async (row) => {
    const [ours, theirs] = [await ourJob(row), await theirJob(row, join(folder, 'image.bin'))];
    expect(ours.flash).toEqual(theirs.flash);
    expect(ours.options).toEqual(theirs.options);
    expect([ours.runs, theirs.runs]).toEqual([true, true]);
    expect([[...ours.unknown], [...theirs.unknown]]).toEqual([[], []]);
    // Locked flash, no debugging, no vector catch, no breakpoints, no clocks kept on.
    expect([...ours.left.keys()].filter((name) => name !== FREEZE)).toEqual([]);
    // OpenOCD has the watchdog stand still as well, until the power goes, and more that stands there beside it.
    expect((ours.left.get(FREEZE) ?? 0) & ~(theirs.left.get(FREEZE) ?? 0)).toBe(0);
  });

  it('sees a flash that is left unlocked, and debugging that is left on', async () => {
    const row = ROWS[0];
    if (!row) throw new Error('no row');
    const rig = stlinkRig({ probe: row.probe, chip: row.chip });
    const device = await rig.connect();
    await program(device, new MemoryImage([{ address: FLASH, bytes: imageBytes() }]));
    await leave(device);
    await device.close();
    const { debugPort } = rig.chip.core;
    for (const key of [0x4567_0123, 0xcdef_89ab]) debugPort.write(0x4002_2004, 4, key);
    debugPort.write(CORE.DHCSR, 4, 0xa05f_0001);
    expect([...leftBy(rig.desk, row).keys()].filter((name) => name !== FREEZE)).toEqual(['DHCSR', 'FLASH_CR']);
  });
});

describe('a job through old firmware', () => {
  const F103 = ROWS[0];
  it.each(['V2J15M1', 'V2J21M1', 'V2J22M1', 'V2J24M1', 'V2J26M1', 'V2J28M1', 'V2J32M1'])(
    'sends %s no command that it has not',
    async (firmware) => {
      if (!F103) throw new Error('no row');
      const { unknown, flash, left } = await ourJob(F103, firmware);
      expect([[...unknown], [...left.keys()].filter((name) => name !== FREEZE)]).toEqual([[], []]);
      expect(flash).toEqual(imageBytes());
    },
  );

  it('is seen where a command is not known', async () => {
    if (!F103) throw new Error('no row');
    const rig = stlinkRig({ probe: 'v2-1', chip: 'STM32F103', firmware: 'V2J17M1' });
    const session = listen(rig.desk);
    // Opens an access port, which V2J28 brought.
    rig.desk.probe.receive(Uint8Array.of(0xf2, 0x30, 0xa3, ...new Uint8Array(13)));
    rig.desk.probe.receive(Uint8Array.of(0xf3, 0x07, ...new Uint8Array(14)));
    rig.desk.probe.receive(Uint8Array.of(0xf2, 0x4b, ...new Uint8Array(14)));
    expect([...session.unknown]).toEqual(['f24b']);
  });

  it.each(['V3J1M1', 'V3J5M1', 'V3J6M1'])('sends %s no command that it has not', async (firmware) => {
    const row = ROWS[3];
    if (!row) throw new Error('no row');
    expect([...(await ourJob(row, firmware)).unknown]).toEqual([]);
  });
});
