/** Whole programming jobs on virtual boards: how close they come to what silicon and bus need. */
import { readFileSync } from 'node:fs';
import { MemoryImage, parseFirmware } from '@sureflash/image';
import { connect, program, type Report, USB_FILTERS } from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  controlTransferMs,
  findScenario,
  randomBytes,
  romRows,
  type Setup,
  scenarioNameOf,
  VirtualClock,
  VirtualWebUsb,
} from '@sureflash/virtual';
import { FLASH_START, rounded } from './figures.ts';

const KB = 1024;
const BLOCK = 2048;
const PACKET_BYTES = 64;
const STATUS_BYTES = 6;
const COMMAND_BYTES = 5;
const DNLOAD = 1;
const UPLOAD = 2;
const GETSTATUS = 3;
/** The longest read of a place outside the job; its own blocks are longer, but for samples of large sectors that look erased. */
const LONGEST_LOOK = 256;

interface JobCase {
  readonly name: string;
  readonly board: string;
  readonly image: MemoryImage;
  /** In flash before; erased when absent. */
  readonly old?: MemoryImage | Uint8Array;
}

/** Times in ms. */
export interface JobFigures {
  readonly name: string;
  readonly outcome: string;
  readonly jobMs: number;
  readonly cellsMs: number;
  readonly romMs: number;
  readonly busMs: number;
  readonly limitMs: number;
  /** To the least that can be done: nothing is read but for the proof. */
  readonly ratioToLimit: number;
  /** To cells and ROM, and the time that our own transfers take on the bus. */
  readonly ratio: number;
  readonly transfers: number;
  readonly transfersPerBlock: number | undefined;
  /** Looks at places outside the job, before and after it, with everything that is asked for them. */
  readonly looksMs: number;
  readonly wallMs: number;
}

export async function measureJobs(): Promise<JobFigures[]> {
  const dashboard = parseFirmware(
    readFileSync(new URL('../../examples/firmware/out/dashboard-v2.elf', import.meta.url)),
  ).image;
  const cases: JobCase[] = [
    {
      name: 'F105 117 KB over another firmware',
      board: 'stm32f105-rom',
      image: dashboard,
      old: randomBytes(1, 256 * KB),
    },
    { name: 'F105 117 KB from erased', board: 'stm32f105-rom', image: dashboard },
    { name: 'F105 117 KB unchanged', board: 'stm32f105-rom', image: dashboard, old: dashboard },
    {
      name: 'F407 512 KB over another firmware',
      board: 'stm32f407-rom',
      image: at(randomBytes(2, 512 * KB)),
      old: randomBytes(3, 1024 * KB),
    },
    { name: 'F407 512 KB from erased', board: 'stm32f407-rom', image: at(randomBytes(2, 512 * KB)) },
    {
      name: 'F407 512 KB, 2 KB changed',
      board: 'stm32f407-rom',
      image: at(randomBytes(2, 512 * KB)),
      old: changed(randomBytes(2, 512 * KB)),
    },
    {
      name: 'F407 512 KB unchanged',
      board: 'stm32f407-rom',
      image: at(randomBytes(2, 512 * KB)),
      old: randomBytes(2, 512 * KB),
    },
    {
      name: 'L476 256 KB over another firmware',
      board: 'stm32l476-rom',
      image: at(randomBytes(4, 256 * KB)),
      old: randomBytes(5, 1024 * KB),
    },
    {
      name: 'H743 1 MB over another firmware',
      board: 'stm32h743-rom',
      image: at(randomBytes(6, 1024 * KB)),
      old: randomBytes(7, 1024 * KB),
    },
  ];
  const results: JobFigures[] = [];
  for (const each of cases) results.push(await measure(each));
  return results;
}

async function measure({ name, board: scenario, image, old }: JobCase): Promise<JobFigures> {
  const clock = new VirtualClock();
  const flash = old === undefined ? [] : old instanceof MemoryImage ? old.segments : at(old).segments;
  const board = findScenario(scenario)?.create(clock, { flash });
  if (!board) throw new RangeError(`there is no scenario ${scenario}`);
  const asked: { readonly setup: Setup; readonly at: number }[] = [];
  const usb = new VirtualWebUsb({
    connectors: [board],
    clock,
    dialect: 'usb-2.18',
    deviceTimeout: 120_000,
    beforeTransfer: (_, setup) => asked.push({ setup, at: clock.now() }),
  });
  const [found] = await listWebUsb(usb, USB_FILTERS);
  if (!found) throw new Error(`${scenario} shows no device`);
  const port = await openWebUsb(found.device, USB_FILTERS, { clock, usb });
  const connected = await connect(port, { clock });
  const opened = asked.length;
  const busBefore = usb.stats.busMs;
  const romBefore = board.programMs;
  const started = clock.now();
  const wall = performance.now();
  const report = await program(connected, image);
  const wallMs = performance.now() - wall;
  const jobMs = clock.now() - started;
  if (!image.segments.every(({ address, bytes }) => equal(bytes, board.flash.peek(address, bytes.length)))) {
    throw new Error(`${name}: the flash is not the image`);
  }
  const { eraseMs, programMs } = board.flash.statistics;
  // Least times, each with its source in docs/virtual-figures.md: the cells, what the ROM adds to the bus, the bus.
  const cellsMs = eraseMs + programMs;
  const romMs = leastRomMs(scenario, blocksOf(image, report));
  const leastBus = leastBusMs(image, report);
  const limitMs = cellsMs + romMs + leastBus;
  return {
    name,
    outcome: report.outcome,
    jobMs: Math.round(jobMs),
    cellsMs: Math.round(cellsMs),
    romMs: Math.round(romMs),
    busMs: Math.round(leastBus),
    limitMs: Math.round(limitMs),
    ratioToLimit: rounded(jobMs / limitMs, 3),
    ratio: rounded(jobMs / (cellsMs + board.programMs - romBefore + usb.stats.busMs - busBefore), 3),
    transfers: asked.length - opened,
    transfersPerBlock: transfersPerBlock(asked.map(({ setup }) => setup)),
    looksMs: rounded(looksMs(asked.slice(opened), clock.now()), 1),
    wallMs: Math.round(wallMs),
  };
}

/** Blocks that go down, and back for the proof. */
function blocksOf(image: MemoryImage, { bytesWritten }: Report): number {
  return Math.ceil(bytesWritten / BLOCK) + Math.ceil(image.byteLength / BLOCK);
}

/** The time that the ROM takes for the packets of these blocks, beyond the time that they take on the bus. */
function leastRomMs(scenario: string, blocks: number): number {
  const rom = romRows.find((row) => scenarioNameOf(row) === scenario)?.rom;
  if (!rom) throw new RangeError(`there is no row for ${scenario}`);
  return blocks * Math.max(0, (BLOCK / PACKET_BYTES) * rom.packetMs - controlTransferMs(BLOCK));
}

/** The bus time without which the job cannot be done and proven. */
function leastBusMs(image: MemoryImage, { sectorsErased, bytesWritten }: Report): number {
  const polls = 2 * controlTransferMs(STATUS_BYTES);
  const block = controlTransferMs(BLOCK);
  const written = Math.ceil(bytesWritten / BLOCK) * (block + polls);
  const erased = sectorsErased * (controlTransferMs(COMMAND_BYTES) + polls);
  return written + erased + Math.ceil(image.byteLength / BLOCK) * block;
}

/** Blocks that follow one another: the number of the last, and where the first and the last are among the requests. */
interface BlockRun {
  value: number;
  readonly first: number;
  last: number;
  blocks: number;
}

/** Transfers from one block to the next, on average over the longest contiguous run. */
function transfersPerBlock(requests: readonly Setup[]): number | undefined {
  const runs: BlockRun[] = [];
  let run: BlockRun | undefined;
  for (const [i, { request, value }] of requests.entries()) {
    const isBlock = request === DNLOAD && value >= 2;
    if (isBlock && run && value === run.value + 1) Object.assign(run, { value, last: i, blocks: run.blocks + 1 });
    else if (isBlock) {
      run = { value, first: i, last: i, blocks: 1 };
      runs.push(run);
    } else if (request !== GETSTATUS) run = undefined;
  }
  const longest = runs.toSorted((x, y) => y.blocks - x.blocks)[0];
  return longest && longest.blocks > 1 ? rounded((longest.last - longest.first) / (longest.blocks - 1), 3) : undefined;
}

/** From the end of the data before each look to the end of the look. @param ended when the last transfer was done */
function looksMs(asked: readonly { readonly setup: Setup; readonly at: number }[], ended: number): number {
  let begun = asked[0]?.at ?? ended;
  let sum = 0;
  for (const [i, { setup }] of asked.entries()) {
    const { request, value, length } = setup;
    if ((request !== DNLOAD && request !== UPLOAD) || value < 2) continue;
    const done = asked[i + 1]?.at ?? ended;
    if (request === UPLOAD && length <= LONGEST_LOOK) sum += done - begun;
    begun = done;
  }
  return sum;
}

function at(bytes: Uint8Array): MemoryImage {
  return new MemoryImage([{ address: FLASH_START, bytes }]);
}

function changed(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => (i >= 300 * KB && i < 302 * KB ? byte ^ 0x55 : byte));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
