/** Writes option bytes, follows the chip through the reset that comes with it, and reads them back. */
import { explaining } from '../engine/why/explained.ts';
import { FlashError, hasCode } from '../errors.ts';
import type { About } from '../target/about.ts';
import type { Device } from '../target/device.ts';
import type { OptionPlan } from './plan.ts';
import { isReadProtected, readOptionBytes } from './state.ts';

export interface Reopening {
  /** Connects the same device again, after it has left the bus or may have. @throws FlashError `device/not-back` */
  readonly reopen: () => Promise<Device>;
}

export interface OptionReport {
  /**
   * `refusal`: the chip has closed itself as it was told to, and no longer lets anything be read; `absence`: it was locked
   * for ever, and its bootloader does not start any more.
   */
  readonly proof: 'read-back' | 'refusal' | 'absence';
  /** The chip was reset, so that the new values hold; else they hold when it starts the next time. */
  readonly wasReset: boolean;
}

/**
 * Writes the option bytes of the plan and proves them, through the reset that the chip may make.
 * @throws FlashError `option-bytes/differ` when the chip does not have them afterwards, `device/not-back`; what the target
 * throws. Nothing but the changes of the plan is different then.
 */
export async function writeOptionBytes(device: Device, plan: OptionPlan, { reopen }: Reopening): Promise<OptionReport> {
  return await explaining(device, {}, async () => await writeAndProve(device, plan, reopen));
}

async function writeAndProve(device: Device, plan: OptionPlan, reopen: Reopening['reopen']): Promise<OptionReport> {
  // As it was known when the plan was made: the chip may tell less of itself afterwards.
  const { about } = device;
  let current = device;
  let wasReset = device.target.loadsOptions ?? false;
  const afterReset = async (): Promise<Device | undefined> => {
    wasReset = true;
    return await orGone(reopen, plan);
  };
  for (const { address, bytes } of plan.writes) {
    if (!(await isLostWith(current.target.write(address, bytes)))) continue;
    const returned = await afterReset();
    if (!returned) return { proof: 'absence', wasReset };
    current = returned;
  }
  await current.target.settle();
  try {
    return { proof: await proofOf(current, plan, about), wasReset };
  } catch (error) {
    // One that answers before it resets itself goes while it is read.
    if (wasReset || !hasCode(error, 'usb/gone')) throw error;
    const returned = await afterReset();
    return { proof: returned ? await proofOf(returned, plan, about) : 'absence', wasReset };
  }
}

async function proofOf(device: Device, plan: OptionPlan, about: About): Promise<OptionReport['proof']> {
  try {
    await checkTaken(device, plan, about);
    return 'read-back';
  } catch (error) {
    if (plan.closes && hasCode(error, 'device/read-protected')) return 'refusal';
    throw error;
  }
}

async function orGone(reopen: Reopening['reopen'], { locks }: OptionPlan): Promise<Device | undefined> {
  try {
    return await reopen();
  } catch (error) {
    if (locks && hasCode(error, 'device/not-back')) return undefined;
    throw error;
  }
}

async function checkTaken(device: Device, { expected: all }: OptionPlan, about: About): Promise<void> {
  const { fields } = await readOptionBytes(device, about);
  for (const [name, expected] of all) {
    const found = fields.find(({ field }) => field.name === name);
    if (found?.value === expected && found.state === 'ok') continue;
    throw new FlashError('option-bytes/differ', { name, expected, ...(found && { found: found.value }) });
  }
}

/** The device, or the chip behind a probe, answers no more. */
const LOST_WITH_RESET = [
  'usb/gone',
  'usb/transfer',
  'usb/timeout',
  'usb/stall',
  'probe/refused',
  'probe/no-target',
] as const;

/** A chip that resets itself takes its answer with it, in whatever way the platform tells that. */
async function isLostWith(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    if (hasCode(error, ...LOST_WITH_RESET)) return true;
    throw error;
  }
}

/**
 * Takes read protection away, which erases the whole chip, and proves that it can be read again.
 * @throws FlashError `device/read-protected` when it still cannot, `device/not-back`; what the target throws
 */
export async function unprotect(device: Device, { reopen }: Reopening): Promise<void> {
  await explaining(device, {}, async () => {
    await device.target.unprotect();
    const opened = await reopen();
    if (await isReadProtected(opened, device.about)) {
      throw new FlashError('device/read-protected', { operation: 'open' });
    }
  });
}
