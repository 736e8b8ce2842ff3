/** `produce`: programs every board that is plugged in, one line each, until Ctrl-C. What a bench does all day. */
import { usage } from '../base/command-error.ts';
import { parseCount, parseNumber } from '../base/numbers.ts';
import { address, FIRMWARE, FIRMWARE_OPTIONS } from '../declare/options.ts';
import { flag, parsed, text, verb } from '../declare/verb.ts';
import { loadJob } from '../files/firmware-job.ts';
import { assertNoInput } from '../files/output.ts';
import { announceFiles } from '../parts/announce.ts';
import { Production } from '../parts/production.ts';
import { SUPPLY_OPTIONS } from '../parts/supply.ts';
import { UnitLog } from '../parts/unit-log.ts';
import { UnitNumbers } from '../parts/unit-numbers.ts';

export const produceVerb = verb({
  operands: { file: FIRMWARE },
  options: {
    ...FIRMWARE_OPTIONS,
    leave: flag('start the program of each board'),
    boards: parsed('<number>', 'end after so many boards', (input) => parseCount(input, 'a number of boards')),
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
    const numbers =
      numberAt === undefined || numberFrom === undefined
        ? undefined
        : new UnitNumbers(firmware, { address: numberAt, first: numberFrom });
    if (options.log !== undefined) await assertNoInput(context.io, options.log, words);
    const log = options.log === undefined ? undefined : await UnitLog.open(context.io, options.log);
    await new Production(context, firmware, { ...options, files, log, numbers }).run();
  },
});
