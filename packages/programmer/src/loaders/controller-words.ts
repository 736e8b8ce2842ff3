/** From the facts of a flash controller to the words that the loader and the register writer work with. Pure. */
import type { FlashController } from '@sureflash/chips';
import type { ControllerWords } from './mailbox.ts';

/** PSIZE of F2, F4 and F7 by bytes at once (RM0090, table "Program/erase parallelism"). */
const PARALLELISM: Readonly<Record<number, number>> = { 1: 0, 2: 0x100, 4: 0x200, 8: 0x300 };

export interface ControllerWordsOptions {
  /** Bytes at once that the supply allows, where the controller must be told (F2, F4, F7). */
  readonly atOnce: number;
}

export function controllerWords(controller: FlashController, { atOnce }: ControllerWordsOptions): ControllerWords {
  const { kind, control, errors, done } = controller;
  const bits = (name: string): number => control[name] ?? 0;
  const common = {
    busy: controller.busy,
    errors,
    clearMask: (errors | done) >>> 0,
    start: bits('STRT'),
    idleControl: 0,
    storeWidth: 4,
    unit: controller.unit,
    burstControl: 0,
    burst: 0,
    banks: banksOf(controller),
  };
  switch (kind) {
    case 'half-word':
      return { ...common, eraseControl: bits('PER'), programControl: bits('PG'), storeWidth: 2 };
    case 'sector': {
      const parallelism = PARALLELISM[atOnce] ?? 0;
      const [eraseControl, programControl] = [bits('SER') | parallelism, bits('PG') | parallelism];
      return { ...common, eraseControl, programControl, storeWidth: atOnce, unit: atOnce };
    }
    case 'page':
      return { ...common, eraseControl: bits('PER'), programControl: bits('PG') };
    case 'word-line':
      return {
        ...common,
        start: 0,
        eraseControl: bits('ERASE') | bits('PROG'),
        programControl: 0,
        burstControl: bits('FPRG') | bits('PROG'),
        burst: controller.burst ?? 0,
      };
    case 'flash-word':
      return {
        ...common,
        eraseControl: bits('SER') | bits('PSIZE_X64'),
        programControl: bits('PG') | bits('PSIZE_X64'),
      };
  }
}

function banksOf({ flash: { base, registers }, banks }: FlashController): ControllerWords['banks'] {
  const at = (name: string): number => base + (registers[name] ?? 0);
  return banks.map(({ key, status, control, clear, eraseAddress, failures }) => ({
    key: at(key),
    status: at(status),
    control: at(control),
    clear: at(clear ?? status),
    eraseAddress: eraseAddress === undefined ? 0 : at(eraseAddress),
    failures: at(failures ?? status),
  }));
}

/** Flags of the status registers that say why an operation failed, by controller (reference manuals, FLASH_SR). */
const FLAGS: Readonly<Record<FlashController['kind'], Readonly<Record<number, string>>>> = {
  'half-word': { 2: 'PGERR: it was not erased', 4: 'WRPRTERR: it is write-protected' },
  sector: {
    1: 'OPERR',
    4: 'WRPERR: it is write-protected',
    5: 'PGAERR: not aligned',
    6: 'PGPERR: more bits at once than the supply allows',
    7: 'PGSERR: a wrong sequence',
  },
  page: {
    1: 'OPERR',
    3: 'PROGERR: it was not erased',
    4: 'WRPERR: it is write-protected',
    5: 'PGAERR: not aligned',
    6: 'SIZERR: a wrong size',
    7: 'PGSERR: a wrong sequence',
    8: 'MISERR',
    9: 'FASTERR',
  },
  'word-line': {
    8: 'WRPERR: it is write-protected',
    9: 'PGAERR: not aligned',
    10: 'SIZERR: a wrong size',
    11: 'OPTVERR: the option bytes do not hold',
    16: 'NOTZEROERR: it was not erased',
    17: 'FWWERR: it was interrupted by a fetch',
  },
  'flash-word': {
    17: 'WRPERR: it is write-protected',
    18: 'PGSERR: a wrong sequence',
    19: 'STRBERR',
    20: 'OBKERR',
    21: 'INCERR: it was not written as a whole',
    22: 'OPERR',
  },
};

/** @returns the flags that a status register holds, by their names */
export function flashFlagNames(kind: FlashController['kind'], flags: number): string[] {
  return Object.entries(FLAGS[kind]).flatMap(([bit, name]) => (((flags >>> Number(bit)) & 1) === 1 ? [name] : []));
}
