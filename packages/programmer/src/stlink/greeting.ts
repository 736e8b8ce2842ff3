/** What is said to an ST-LINK first: who it is, and that it should leave what it was doing. It knows no chip. */
import { FlashError, hasCode } from '../errors.ts';
import type { UsbPort } from '../ports/usb.ts';
import { DEBUG, DFU_EXIT, MODE, STLINK, SWIM_EXIT } from './commands.ts';
import type { StlinkDebugger } from './debugger.ts';
import { firmwareOfVersion, firmwareOfVersionEx, type ProbeFirmware } from './firmware.ts';

const VERSION_REPLY_BYTES = 6;
const VERSION_EX_BYTES = 12;
/** ST's vendor id in the answer to VERSION. */
const VENDOR_AT = 2;
const [ST_LOW, ST_HIGH] = [0x83, 0x04];

/** A session that was cut may have left a reply, which would be taken for the first of this one. */
export async function firstAnswer(port: UsbPort, commands: StlinkDebugger): Promise<ProbeFirmware> {
  try {
    return await readFirmware(commands);
  } catch (error) {
    if (!hasCode(error, 'probe/protocol')) throw error;
    await port.reset();
    return await readFirmware(commands);
  }
}

export async function readFirmware(commands: StlinkDebugger): Promise<ProbeFirmware> {
  const name = 'read its version';
  const short = { name, bytes: [STLINK.VERSION], reply: VERSION_REPLY_BYTES, isRepeatable: true };
  const answer = await commands.raw(short);
  if (answer[VENDOR_AT] !== ST_LOW || answer[VENDOR_AT + 1] !== ST_HIGH) {
    throw new FlashError('probe/protocol', { operation: name, expected: 'a version of ST', found: 'another reply' });
  }
  const firmware = firmwareOfVersion(answer);
  if (firmware) return firmware;
  const long = { name, bytes: [STLINK.VERSION_EX], reply: VERSION_EX_BYTES, isRepeatable: true };
  return firmwareOfVersionEx(await commands.raw(long));
}

/** @returns the supply of the chip in volts; `undefined` where the probe does not measure it */
export async function readVoltage(commands: StlinkDebugger, { can }: ProbeFirmware): Promise<number | undefined> {
  if (!can.measureVoltage) return undefined;
  const ask = { name: 'measure the voltage', bytes: [STLINK.VOLTAGE], reply: 8, isRepeatable: true };
  const reply = await commands.raw(ask);
  if (reply.length < ask.reply) return undefined;
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
  const [reference, measured] = [view.getUint32(0, true), view.getUint32(4, true)];
  // The reference is 1.2 V, and the divider halves.
  return reference === 0 ? undefined : (2 * measured * 1.2) / reference;
}

/** @param which the modes that are left: a greeting leaves others, which may be somebody's session, as they are */
export async function leaveMode(commands: StlinkDebugger, which: readonly number[] = ALL_MODES): Promise<void> {
  const [mode] = await commands.raw({ name: 'read its mode', bytes: [STLINK.MODE], reply: 2, isRepeatable: true });
  const leaving = mode !== undefined && which.includes(mode) ? LEAVING_MODE[mode] : undefined;
  if (leaving) await commands.raw({ name: 'leave its mode', bytes: leaving, reply: 0 });
}

/** In the mode for its own update a probe answers little else. */
export const UPDATE_MODE: readonly number[] = [MODE.DFU];
const ALL_MODES: readonly number[] = [MODE.DFU, MODE.SWIM, MODE.DEBUG];

/** Mass storage needs no leaving: it is there beside the probe. */
const LEAVING_MODE: Readonly<Record<number, readonly number[]>> = {
  [MODE.DFU]: [STLINK.DFU, DFU_EXIT],
  [MODE.SWIM]: [STLINK.SWIM, SWIM_EXIT],
  [MODE.DEBUG]: [STLINK.DEBUG, DEBUG.EXIT],
};
