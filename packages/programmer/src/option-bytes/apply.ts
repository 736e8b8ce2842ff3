/** Writes option bytes, follows the chip through the reset that comes with it, and reads them back. */
import { FlashError, hasCode, isFlashError } from '../errors.ts';
import type { Target } from '../target/target.ts';
import type { OptionPlan } from './plan.ts';
import { isReadProtected, type KnownChips, readOptionBytes } from './state.ts';

export interface Reopening {
  /** The same device, after it has left the bus or may have. @throws FlashError `device/not-back` */
  readonly reopen: () => Promise<Target>;
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
 * @param known as it was when the plan was made
 * @throws FlashError `option-bytes/differ` when the chip does not have them afterwards, `device/not-back`; what the target
 * throws. Nothing but the changes of the plan is different then.
 */
export async function writeOptionBytes(
  target: Target,
  plan: OptionPlan,
  { known, reopen }: Reopening & { readonly known: KnownChips },
): Promise<OptionReport> {
  let current = target;
  let wasReset = false;
  const afterReset = async (): Promise<Target | undefined> => {
    wasReset = true;
    return await orGone(reopen, plan);
  };
  for (const { address, bytes } of plan.writes) {
    if (!(await isLostWith(current.write(address, bytes)))) continue;
    const returned = await afterReset();
    if (!returned) return { proof: 'absence', wasReset };
    current = returned;
  }
  await current.settle();
  try {
    return { proof: await proofOf(current, plan, known), wasReset };
  } catch (error) {
    // One that answers before it resets itself goes while it is read.
    if (wasReset || !hasCode(error, 'usb/gone')) throw error;
    const returned = await afterReset();
    return { proof: returned ? await proofOf(returned, plan, known) : 'absence', wasReset };
  }
}

async function proofOf(target: Target, plan: OptionPlan, known: KnownChips): Promise<OptionReport['proof']> {
  try {
    await compare(target, plan, known);
    return 'read-back';
  } catch (error) {
    if (plan.closes && hasCode(error, 'device/read-protected')) return 'refusal';
    throw error;
  }
}

async function orGone(reopen: Reopening['reopen'], { locks }: OptionPlan): Promise<Target | undefined> {
  try {
    return await reopen();
  } catch (error) {
    if (locks && hasCode(error, 'device/not-back')) return undefined;
    throw error;
  }
}

async function compare(target: Target, { expected: all }: OptionPlan, known: KnownChips): Promise<void> {
  const { fields } = await readOptionBytes(target, known);
  for (const [name, expected] of all) {
    const found = fields.find(({ field }) => field.name === name);
    if (found?.value === expected && found.state === 'ok') continue;
    throw new FlashError('option-bytes/differ', { name, expected, ...(found && { found: found.value }) });
  }
}

/** A chip that resets itself takes its answer with it, in whatever way the platform tells that. */
async function isLostWith(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    const lost = ['usb/gone', 'usb/transfer', 'usb/timeout', 'usb/stall'].some(
      (code) => isFlashError(error) && error.code === code,
    );
    if (!lost) throw error;
    return true;
  }
}

/**
 * Takes read protection away, which erases the whole chip, and proves that it can be read again.
 * @throws FlashError `device/read-protected` when it still cannot, `device/not-back`; what the target throws
 */
export async function removeProtection(
  target: Target,
  { known, reopen }: Reopening & { readonly known: KnownChips },
): Promise<void> {
  await target.unprotect();
  const opened = await reopen();
  if (await isReadProtected(opened, known)) throw new FlashError('device/read-protected', { operation: 'open' });
}
