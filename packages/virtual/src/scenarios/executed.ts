/** A board whose program runs instruction by instruction: where it lands decides what is on the bus. */

import type { Board, Start } from '../board.ts';
import { silentApplication } from '../boot.ts';
import type { Clock } from '../clock.ts';
import { createMicrocontroller, chips as executable, type Landing, type RomEntry } from '../registers/index.ts';
import { bootF105Rom, F105, romBoard, type ScenarioOptions } from './make-board.ts';

/** What came of one start of the program. */
export interface Execution {
  readonly landing: Landing;
  /** How the ROM was entered, if it was. */
  readonly romEntry?: RomEntry;
  /** Level of PA9, where the F105 sees VBUS. */
  readonly vbus: boolean;
}

export interface ExecutedBoardOptions extends Pick<ScenarioOptions, 'flash' | 'seed'> {
  /** Told of every start of the program in flash. */
  readonly onExecution?: (execution: Execution) => void;
}

/** Longer than start-up code takes before it has decided where to go. */
const LOOKED_MS = 20;

/**
 * An STM32F105, powered by something else than USB, in its ROM bootloader at first (BOOT0 high). With BOOT0 low the core
 * runs what is in flash for some ms of its own time: a program that jumps to the ROM is a ROM on the bus. A jump of the ROM to the
 * program is a reset here: the program finds the registers as after one.
 */
export function executedBoard(clock: Clock, { onExecution, ...options }: ExecutedBoardOptions = {}): Board {
  const facts = executable.get('STM32F105');
  if (!facts) throw new RangeError('no registers of an STM32F105');
  const application = (start: Start, address: number) => {
    const { chip, pins, board } = start;
    const microcontroller = createMicrocontroller(facts, { flash: chip.flash, bornAt: board.now() });
    microcontroller.pull('PA9', pins.vbus);
    microcontroller.powerOn();
    microcontroller.run(LOOKED_MS);
    const { landing, romEntries } = microcontroller;
    const romEntry = romEntries.at(-1);
    onExecution?.({ landing, vbus: pins.vbus, ...(romEntry && { romEntry }) });
    if (landing === 'system memory') return bootF105Rom({ chip, board, pins: { ...pins, boot0: true } });
    return silentApplication(start, address);
  };
  return romBoard(F105)(clock, { ...options, application });
}
