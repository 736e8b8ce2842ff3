/** `produce`: programs every board that is plugged in, one line each, until Ctrl-C. What a bench does all day. */
import { usage } from '../base/command-error.ts';
import type { Io } from '../base/io.ts';
import { parseNumber } from '../base/numbers.ts';
import { address, FIRMWARE, FIRMWARE_OPTIONS } from '../declare/options.ts';
import { flag, parsed, text, verb } from '../declare/verb.ts';
import { loadJob } from '../files/firmware-job.ts';
import { ownInput } from '../files/output.ts';
import { announceFiles } from '../parts/announce.ts';
import { Production } from '../parts/production.ts';
import { SUPPLY_OPTIONS } from '../parts/supply.ts';
import { UnitLog } from '../parts/unit-log.ts';

export const produceVerb = verb({
  operands: { file: FIRMWARE },
  options: {
    ...FIRMWARE_OPTIONS,
    leave: flag('start the program of each board'),
    boards: parsed('<number>', 'end after so many boards', (input) => atLeastOne(input, 'a number of boards')),
    log: text('<file>', 'add a JSON line for each board to this file', { completes: 'file' }),
    numberAt: parsed('<address>', 'write a number of its own into each board, 32 bits, lowest byte first', address),
    numberFrom: parsed('<number>', 'with --number-at: the first one', (input) => parseNumber(input, 'a number')),
    ...SUPPLY_OPTIONS,
    usbip: text('<host[:port]>', 'the boards that another machine exports; default those on USB here'),
    chip: text('<name>', 'what chip they are, where they do not tell', { completes: 'chip' }),
  },
  examples: [
    ['sureflash produce firmware.elf', 'every board that is plugged in; Ctrl-C ends it'],
    ['sureflash produce firmware.elf --log units.jsonl --boards 100', 'with a record'],
  ],
  run: async (context, { file: words }, options) => {
    const { numberAt, numberFrom } = options;
    if ((numberAt === undefined) !== (numberFrom === undefined))
      throw usage('A number needs its address and its first value.', 'Give --number-at and --number-from.');
    const { files, firmware } = await loadJob(context.io, words, options);
    announceFiles(context, files);
    const input = options.log === undefined ? undefined : await sameFile(context.io, options.log, words);
    if (options.log !== undefined && input !== undefined) throw ownInput(options.log, input);
    const log = options.log === undefined ? undefined : await UnitLog.open(context.io, options.log);
    const numbers =
      numberAt === undefined || numberFrom === undefined ? undefined : { address: numberAt, first: numberFrom };
    await new Production(context, firmware, { ...options, log, numbers }).run();
  },
});

function atLeastOne(input: string, what: string): number {
  const value = /^\d{1,6}$/.test(input) ? Number(input) : 0;
  if (value > 0) return value;
  throw usage(`"${input}" is not ${what}.`, 'Write 1 or more.');
}

/** @returns which of the inputs the file is */
async function sameFile(io: Io, path: string, inputs: readonly string[]): Promise<string | undefined> {
  const identity = await io.fileIdentity(path);
  if (identity === undefined) return undefined;
  for (const input of inputs) if ((await io.fileIdentity(input)) === identity) return input;
  return undefined;
}
