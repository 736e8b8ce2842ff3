/** A job on a model, recorded: what a device answered and when, to be answered again without the model. */
import type { UsbPort } from '@sureflash/programmer';
import { randomBytes, type Setup, type UsbDeviceModel } from '@sureflash/virtual';
import { type Answer, answeringDevice } from './answering-device.ts';
import type { Checkout } from './checkout.ts';
import { FLASH_START } from './figures.ts';

const KB = 1024;

/** Of a USB/IP message. */
export const HEADER_BYTES = 48;

/** A job by the scenario of its board and its image, which is made before anything is measured. */
export interface TransferCase {
  readonly name: string;
  readonly board: string;
  readonly image: Uint8Array;
}

export const TRANSFER_CASES: readonly TransferCase[] = [
  { name: 'F105, 117 KB over another firmware', board: 'stm32f105-rom', image: randomBytes(2, 117 * KB) },
  { name: 'F407, 512 KB over another firmware', board: 'stm32f407-rom', image: randomBytes(2, 512 * KB) },
  { name: 'H743, 1 MB over another firmware', board: 'stm32h743-rom', image: randomBytes(2, 1024 * KB) },
];

export interface Recording {
  readonly replies: readonly Answer[];
  /** Milliseconds of the model behind each reply. */
  readonly times: readonly number[];
}

/** Time that stands still but for what is waited for. */
class JumpingClock {
  at = 0;
  now(): number {
    return this.at;
  }
  async sleep(ms: number): Promise<void> {
    this.at += Math.max(0, ms);
  }
}

export async function record(checkout: Checkout, each: TransferCase): Promise<Recording> {
  const clock = new JumpingClock();
  const flash = [{ address: FLASH_START, bytes: randomBytes(1, each.image.length) }];
  const board = checkout.virtual.findScenario(each.board)?.create(clock, { flash });
  if (!board) throw new RangeError(`there is no scenario ${each.board}`);
  const model = await shownBy(board);
  const replies: Answer[] = [];
  const times: number[] = [];
  const answer = (setup: Setup, data: Uint8Array): Answer => {
    clock.at = Math.max(clock.at, model.busyUntil);
    const reply = model.control(setup, data);
    if (reply.kind === 'silent') throw new Error(`${each.name}: the model is silent`);
    clock.at = Math.max(clock.at, reply.heldUntil ?? 0, model.busyUntil);
    times.push(clock.at);
    const bytes = reply.kind === 'data' ? reply.bytes.slice(0, setup.length) : undefined;
    replies.push(reply.kind === 'stall' ? 'stall' : bytes);
    return replies.at(-1);
  };
  await runJob(checkout, each, { port: await openAnswering(checkout, answer), clock });
  return { replies, times };
}

async function shownBy(board: { readonly device?: UsbDeviceModel | undefined }): Promise<UsbDeviceModel> {
  for (let i = 0; i < 1000; i++) {
    if (board.device) return board.device;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('the board shows no device');
}

export async function runJob(
  { image, programmer }: Checkout,
  { name, image: bytes }: TransferCase,
  { port, clock }: { readonly port: UsbPort; readonly clock: JumpingClock },
): Promise<void> {
  const device = await programmer.connect(port, { clock });
  try {
    const content = new image.MemoryImage([{ address: FLASH_START, bytes }]);
    const { outcome, verifiedBytes } = await programmer.program(device, content);
    if (outcome !== 'programmed' || verifiedBytes < bytes.length) throw new Error(`${name}: ${outcome}`);
  } finally {
    await device.close();
  }
}

/** @returns a function that answers what is next in the recording */
export function replay({ replies }: Recording): () => Answer {
  let next = 0;
  // A job is as long as the recording: another one begins where one has ended.
  return () => replies[next++ % replies.length];
}

/**
 * Time as the board of the recording took it: a job that is answered at once would be too quick to be believed.
 * @returns the port, and the clock that each of its transfers moves on
 */
export function inRecordedTime(
  port: UsbPort,
  { times }: Recording,
): { readonly port: UsbPort; readonly clock: JumpingClock } {
  const clock = new JumpingClock();
  let sent = 0;
  const pass = (): void => {
    clock.at = Math.max(clock.at, times[sent++] ?? 0);
  };
  const [controlIn, controlOut] = [port.controlIn.bind(port), port.controlOut.bind(port)];
  Object.assign(port, {
    controlIn: async (...transfer: Parameters<UsbPort['controlIn']>) => {
      pass();
      return await controlIn(...transfer);
    },
    controlOut: async (...transfer: Parameters<UsbPort['controlOut']>) => {
      pass();
      await controlOut(...transfer);
    },
  });
  return { port, clock };
}

/** A port to a device as WebUSB has it, around a function that answers control requests. */
export async function openAnswering(
  { programmer, transports }: Checkout,
  answer: (setup: Setup, data: Uint8Array) => Answer,
): Promise<UsbPort> {
  return await transports.openWebUsb(answeringDevice(answer), programmer.USB_FILTERS, {
    clock: programmer.systemClock,
  });
}
