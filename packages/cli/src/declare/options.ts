/** Options that several verbs have, and the operands that all of them describe alike. */
import { FORMAT_NAMES } from '@sureflash/image';
import { parseWidth } from '../base/memory-words.ts';
import { parsePlace, parseRange } from '../base/numbers.ts';
import { choice, firmware, flag, parsed, text, withInitial } from './verb.ts';

export const FORMATS = 'ELF, Intel HEX, S-record, DfuSe, UF2 or raw binary';

/** The firmware of a job: a bootloader and an application, for one. */
export const FIRMWARE = firmware(
  `${FORMATS}; several become one job, a raw binary as app.bin@0x08004000; default that of sureflash.json`,
);

export const address = (input: string): number => parsePlace(input);

export const FORMAT = choice('<name>', 'the format, if content and name do not show it', FORMAT_NAMES);

/** Where a firmware file belongs and what it is. */
export const FILE_OPTIONS = { at: parsed('<address>', 'where a raw binary goes', address), format: FORMAT };

/** What `loadFirmware` wants to know of the firmware file of a job. */
export const FIRMWARE_OPTIONS = {
  ...FILE_OPTIONS,
  only: parsed('<range>', 'only the bytes of the file in this range', parseRange),
};

/** How `program` goes about it, and `plan` shows it. */
export const JOB_OPTIONS = {
  ...FIRMWARE_OPTIONS,
  keep: withInitial(
    choice('<what>', 'bytes of a sector beside the image: keep them, or none of them', ['rest', 'none']),
    'rest',
  ),
  erase: withInitial(
    choice('<when>', 'erase only sectors that need it, or every sector of the image', ['auto', 'always']),
    'auto',
  ),
  force: flag('go on although reads already show a problem'),
  quickProof: flag('through a debug probe: prove what was written by CRCs that the chip computes, without reading it'),
  unproven: flag('program a device that cannot be read back: no proof, exit code 9'),
};

export const REPORT_OPTIONS = {
  report: text('<file>', 'write an HTML page about the run, for a ticket', { completes: 'file' }),
};

export const YES_OPTIONS = { yes: flag('do not ask', { short: 'y' }) };

export const OVERWRITE_OPTIONS = { overwrite: flag('replace the file if there is one') };

export const WIDTH_OPTIONS = { width: withInitial(parsed('<bits>', 'of a word: 8, 16, 32 or 64', parseWidth), 32) };
