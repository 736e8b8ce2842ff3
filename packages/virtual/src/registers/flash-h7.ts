/** The flash controllers of H7 and H5: words of 32 or 16 bytes that gather in a write buffer (RM0433 §4, RM0481 §7). */

import {
  type H7FlashOptions,
  type H7State,
  isSetBusy,
  LOCK,
  OPTCR,
  shownStatus,
  storeInBuffer,
  writeOptionControl,
  writeSetControl,
} from './flash-h7-operations.ts';
import {
  createKeyLock,
  F2_OPTION_KEYS,
  FLASH_KEYS,
  type FlashController,
  type FlashPort,
  keyed,
} from './flash-port.ts';
import { lockedRegister, optionWord } from './option-words.ts';
import { createPeripheral, newRegisterValues, type Peripheral, plain, type RegisterSpec } from './peripheral.ts';

export function createH7Flash(port: FlashPort, options: H7FlashOptions): FlashController {
  const { start, sets } = options;
  const values = newRegisterValues('FLASH');
  const state: H7State = {
    port,
    options,
    values,
    locks: sets.map(({ keyr }) => createKeyLock(...FLASH_KEYS, { at: start + keyr })),
    optionLock: createKeyLock(...F2_OPTION_KEYS, { at: start + options.optkeyr }),
    until: [0, 0],
    optionsUntil: 0,
    buffer: undefined,
  };
  const registers: Record<number, RegisterSpec> = {
    [0x00]: { name: 'ACR', reset: options.acr },
    ...plain(options.others ?? []),
    ...registersOfSets(state),
    ...optionRegisters(state),
  };
  const peripheral = createPeripheral({ name: 'FLASH', start, registers }, values);
  resetH7(state, peripheral);
  return {
    name: 'FLASH',
    start,
    registers: peripheral.device,
    get isBusy() {
      return isSetBusy(state, 0) || isSetBusy(state, 1);
    },
    write: (address, width, value) => storeInBuffer(state, address, width, value),
    reset: () => resetH7(state, peripheral),
  };
}

function resetH7(state: H7State, peripheral: Peripheral): void {
  for (const lock of [...state.locks, state.optionLock]) lock.reset();
  state.until.fill(0);
  state.buffer = undefined;
  peripheral.reset();
  for (const [index, [, , name]] of state.options.optionRegisters.entries()) {
    for (const side of ['CUR', 'PRG']) state.values.set(`${name}_${side}`, optionWord(state.port.options, index));
  }
}

/** KEYR, CR, SR and CCR of each set. */
function registersOfSets(state: H7State): Record<number, RegisterSpec> {
  const { options, locks, values } = state;
  const registers: Record<number, RegisterSpec> = {};
  for (const [set, { keyr, cr, sr, ccr }] of options.sets.entries()) {
    const lock = locks[set];
    registers[keyr] = { name: `KEYR${set}`, write: (value) => keyed(lock, value) };
    registers[cr] = {
      name: `CR${set}`,
      read: (stored) => (stored & ~LOCK) | (lock?.locked === false ? 0 : LOCK),
      write: (written, stored) => writeSetControl(state, set, written, stored),
    };
    registers[sr] = { name: `SR${set}`, writable: 0, read: (stored) => stored | shownStatus(state, set) };
    registers[ccr] = {
      name: `CCR${set}`,
      write(written) {
        values.set(`SR${set}`, values.get(`SR${set}`) & ~written);
        return 0;
      },
    };
  }
  return registers;
}

/** OPTKEYR, OPTCR, and each option register as it is and as it is to be. */
function optionRegisters(state: H7State): Record<number, RegisterSpec> {
  const { options, optionLock, port } = state;
  const registers: Record<number, RegisterSpec> = {
    [options.optkeyr]: { name: 'OPTKEYR', write: (value) => keyed(optionLock, value) },
    [options.optcr]: {
      name: 'OPTCR',
      read: (stored) => (stored & ~3) | (optionLock.locked ? OPTCR.OPTLOCK : 0),
      write: (written, stored) => writeOptionControl(state, written, stored),
    },
  };
  for (const [current, next, name] of options.optionRegisters) {
    // OPT_BUSY of OPTSR_CUR on H7 (RM0433 §4.9.8); H5 has BSY alone.
    const showsBusy = options.hasQueue && name === 'OPTSR';
    const read = (stored: number): number => (showsBusy && port.now() < state.optionsUntil ? stored | 1 : stored);
    registers[current] = { name: `${name}_CUR`, writable: 0, read };
    registers[next] = lockedRegister(`${name}_PRG`, optionLock);
  }
  return registers;
}
