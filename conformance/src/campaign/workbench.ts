/** One board with one fault on one virtual host, for a run and the runs after it. */
import type { Segment } from '@sureflash/image';
import { connect, explain, isFlashError, type KeptBytes, program, USB_FILTERS } from '@sureflash/programmer';
import type { CauseId } from '@sureflash/programmer/diagnosis';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  type Board,
  type Clock,
  type Fault,
  FaultyConnector,
  findScenario,
  type Transfer,
  type UsbConnector,
  VirtualClock,
  VirtualWebUsb,
} from '@sureflash/virtual';
import type { Case } from './case.ts';

/**
 * How a run ended. `unproven`: as it was asked for, on a device that cannot be read. `defect`: with an error that is none of
 * ours. `hang`: not within its time.
 */
export interface Ending {
  readonly kind: 'success' | 'unproven' | 'error' | 'defect' | 'hang';
  /** Code of the error, or its text for a defect; empty for a success. */
  readonly code: string;
  /** The cause that was named, alone or with rivals. */
  readonly cause?: CauseId;
  readonly rivals: readonly CauseId[];
  /** Whether something that erases the whole chip was proposed. */
  readonly destroys?: true;
  readonly ms: number;
}

/** The host gives up a transfer after this time, long after the programmer has. */
const HOST_LIMIT_MS = 120_000;
/** Transfers that the programmer has on their way at once, and more. */
const MOST_QUEUED = 16;
/** From power to the appearance of the slowest loader here, and more. */
const APPEARS_MS = 5_000;
const STEP_MS = 10;
const POWER_OFF_MS = 500;
/** Class request of an interface, device to host (USB 2.0 §9.3); DFU 1.1 §3; AN3156 §5.1. */
const CLASS_IN = 0xa1;
const UPLOAD = 2;
const FIRST_DATA_BLOCK = 2;
const ERASES_ALL = /mass erase|erases? (everything|the whole chip|all of)/i;

export class Workbench {
  readonly clock: Clock;
  readonly board: Board;
  readonly connector: FaultyConnector;
  readonly #case: Case;
  readonly #usb: VirtualWebUsb;
  #gaveFlash = false;
  /** Bytes beside the image that are safe outside the board; the next run puts them back. */
  handedOut: readonly Segment[] = [];
  readonly #keptBytes: KeptBytes = {
    held: async () => await Promise.resolve(this.handedOut),
    hold: async (segments) => {
      await Promise.resolve();
      this.handedOut = segments;
    },
  };

  constructor(subject: Case, { fault, onTransfer }: { fault?: Fault; onTransfer?: (transfer: Transfer) => void } = {}) {
    const { scenario, old } = subject;
    const found = findScenario(scenario);
    if (!found) throw new Error(`no scenario ${scenario}`);
    const clock = new VirtualClock();
    this.clock = clock;
    this.board = found.create(clock, { flash: old, ...(fault && { seed: fault.seed }) });
    this.connector = new FaultyConnector(this.board, {
      clock,
      ...(fault && { fault }),
      onTransfer: (transfer) => {
        if (givesFlash(transfer)) this.#gaveFlash = true;
        onTransfer?.(transfer);
      },
    });
    this.#case = subject;
    this.#usb = hostOf(this.connector, clock);
  }

  /** Whether the device gave content of its memory in the last run: a chip that is closed gives none. */
  get gaveFlash(): boolean {
    return this.#gaveFlash;
  }

  /** One job, as a program of its own would do it. It ends within `limitMs` of the virtual clock or counts as a hang. */
  async run(limitMs: number): Promise<Ending> {
    const { image, job: options } = this.#case;
    const keptBytes = this.#keptBytes;
    this.#gaveFlash = false;
    return await timed(this.clock, limitMs, () =>
      job(this.#usb, { image, job: { ...options, keptBytes } }, this.clock),
    );
  }

  /**
   * The fault is over, and so is every transfer that still waits for its end: those that were queued behind a lost one
   * reach the device one after the other, and each may wait for ever.
   */
  async quiet(): Promise<void> {
    this.connector.heal();
    await this.clock.sleep(MOST_QUEUED * HOST_LIMIT_MS + 1);
    for (const device of await this.#usb.getDevices()) await device.close();
  }

  /** @returns whether the bootloader is on the bus */
  async appears(): Promise<boolean> {
    for (let waited = 0; !this.board.device && waited < APPEARS_MS; waited += STEP_MS) await this.clock.sleep(STEP_MS);
    return this.board.device !== undefined;
  }

  /** Takes the power away and gives it back, with the key of a bootloader of one's own pressed. */
  async powerCycle(): Promise<void> {
    this.board.unplug();
    await this.clock.sleep(POWER_OFF_MS);
    this.board.setPins({ key: true });
    this.board.plug();
    await this.appears();
  }
}

export function hostOf(connector: UsbConnector, clock: Clock): VirtualWebUsb {
  return new VirtualWebUsb({ connectors: [connector], clock, dialect: 'usb-2.18', deviceTimeout: HOST_LIMIT_MS });
}

/** UPLOAD of a data block, answered (AN3156 §5.1). */
function givesFlash({ setup, reply }: Transfer): boolean {
  const isUpload = setup.requestType === CLASS_IN && setup.request === UPLOAD && setup.value >= FIRST_DATA_BLOCK;
  return isUpload && reply.kind === 'data' && reply.bytes.length > 0;
}

/** The whole job, as the command line does it. */
export async function job(
  usb: VirtualWebUsb,
  { image, job: options }: Pick<Case, 'image' | 'job'>,
  clock: Clock,
): Promise<Outcome> {
  try {
    const [candidate] = await listWebUsb(usb, USB_FILTERS);
    if (!candidate) throw new Error('no device on the virtual bus');
    const device = await connect(await openWebUsb(candidate.device, USB_FILTERS, { clock, usb }), { clock });
    try {
      // The simulation is loaded from the disk, for which a virtual clock does not wait, and computes for seconds: it has its own trials.
      const { outcome } = await program(device, image, { ...options, simulates: false });
      return { kind: outcome === 'unproven' ? 'unproven' : 'success' };
    } finally {
      await device.close();
    }
  } catch (error) {
    return { kind: 'failure', error };
  }
}

type Outcome = { readonly kind: 'success' | 'unproven' } | { readonly kind: 'failure'; readonly error: unknown };

export async function timed(clock: Clock, limitMs: number, work: () => Promise<Outcome>): Promise<Ending> {
  const started = clock.now();
  const guard = new AbortController();
  const late = clock.sleep(limitMs, guard.signal).then(
    () => 'hang' as const,
    () => 'hang' as const,
  );
  const ended = await Promise.race([work(), late]);
  const ms = clock.now() - started;
  guard.abort();
  if (ended === 'hang') return { kind: 'hang', code: '', rivals: [], ms };
  if (ended.kind !== 'failure') return { kind: ended.kind, code: '', rivals: [], ms };
  return { ...endingOf(ended.error), ms };
}

function endingOf(error: unknown): Omit<Ending, 'ms'> {
  if (!isFlashError(error)) return { kind: 'defect', code: String(error), rivals: [] };
  const { code, diagnosis } = error;
  const rivals = diagnosis?.rivals.map(({ cause }) => cause) ?? [];
  const { remedies } = explain(error);
  const destroys = remedies.some(({ action, text }) => action === 'unprotect' || ERASES_ALL.test(text));
  const named = diagnosis && { cause: diagnosis.cause };
  return { kind: 'error', code, ...named, rivals, ...(destroys && { destroys }) };
}
