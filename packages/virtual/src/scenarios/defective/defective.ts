/** Boards with one defect each, for whoever wants to name it: a bootloader of ST's class on an STM32F105, and what is wrong. */

import { CLASS_V2_5_3 } from '../../applications/class-version.ts';
import { DfuClassDevice } from '../../applications/dfu-class.ts';
import { FLASH_START } from '../../flash/datasheet.ts';
import { STM32F105 } from '../../table/well-known.ts';
import type { UsbDeviceModel } from '../../usb/model.ts';
import { bootloaderBoard } from '../bootloader-board.ts';
import type { Scenario } from '../scenario.ts';
import { withBlockSize } from './block-size.ts';
import * as defects from './defects.ts';

/** `cause` says what is wrong in the words of the documents. */
export interface DefectiveScenario extends Scenario {
  readonly cause: string;
}

/** The bootloader keeps the first 20 KB, as in STM3210C_EVAL DFU_Standalone. */
const BASE = 0x0800_5000;
const LAYOUT = '@Internal Flash   /0x08000000/10*02Ka,118*02Kg';

interface BoardDefect {
  readonly name: string;
  readonly title: string;
  readonly cause: string;
  readonly defect: defects.Defect;
  readonly layout?: string;
  /** What it announces as its block size, where the class counts otherwise. */
  readonly announcedBlock?: number;
}

const DEFECTS: readonly BoardDefect[] = [
  {
    name: 'read-address-ignored',
    title: 'reads give the start of the application, whatever the address',
    cause: 'the read callback ignores the address',
    defect: defects.readAddressIgnored,
  },
  {
    name: 'write-address-ignored',
    title: 'every block is written to the start of the application',
    cause: 'the write callback ignores the address',
    defect: defects.writeAddressIgnored,
  },
  {
    name: 'address-ignored',
    title: 'reads and writes go to the start of the application',
    cause: 'both callbacks ignore the address',
    defect: defects.addressIgnored,
  },
  {
    name: 'erase-ignored',
    title: 'erases are acknowledged and not done',
    cause: 'the erase callback does nothing',
    defect: defects.eraseIgnored,
  },
  {
    name: 'writes-ignored',
    title: 'writes are acknowledged and not done',
    cause: 'the write callback does nothing',
    defect: defects.writesIgnored,
  },
  {
    name: 'changes-ignored',
    title: 'erases and writes are acknowledged and not done, reads are right',
    cause: 'the erase and write callbacks do nothing',
    defect: defects.changesIgnored,
  },
  {
    name: 'half-of-block',
    title: 'only the first half of each block is written',
    cause: 'the write loop ends early',
    defect: defects.halfOfBlock,
  },
  {
    name: 'block-arithmetic',
    title: 'announces blocks of 512 bytes and counts in 1024',
    cause: 'addresses are computed from a constant that is not the announced block size',
    defect: () => ({}),
    announcedBlock: 512,
  },
  {
    name: 'offset-base',
    title: 'writes go 4 KB too high',
    cause: 'the write callback adds an offset to an absolute address',
    defect: defects.offsetBase,
  },
  {
    name: 'offset-of-vectors',
    title: 'writes go 0x100 bytes too high',
    cause: 'the write callback leaves room for a vector table that the image has itself',
    defect: defects.offsetOfVectors,
  },
  {
    name: 'neighbours-erased',
    title: 'announces pages of 1 KB where they have 2 KB',
    cause: 'real sectors are larger than announced',
    defect: () => ({}),
    layout: '@Internal Flash   /0x08000000/20*01Ka,236*01Kg',
  },
  {
    name: 'wrapping-flash',
    title: 'addresses come back after 64 KB',
    cause: 'the flash is smaller than announced',
    defect: defects.wrappingFlash,
  },
  {
    name: 'stuck-bits',
    title: 'some bits stay 0',
    cause: 'worn flash cells',
    defect: defects.stuckBits,
  },
  {
    name: 'echo',
    title: 'what is written is kept in RAM and read back from there',
    cause: 'reads come from a cache',
    defect: defects.echo,
  },
  {
    name: 'last-block-read',
    title: 'every read gives the last block that was written',
    cause: 'reads come from the buffer of the last write',
    defect: defects.lastBlockRead,
  },
  {
    name: 'bytes-swapped',
    title: 'the two bytes of each half-word are exchanged',
    cause: 'half-words are written most significant byte first',
    defect: defects.bytesSwapped,
  },
  {
    name: 'changing-content',
    title: 'some bytes read otherwise every time',
    cause: 'flash changes after it was written',
    defect: defects.changingContent,
  },
  {
    name: 'reset-in-mid-run',
    title: 'resets after twelve blocks',
    cause: 'a watchdog or the supply resets the chip',
    defect: defects.resetInMidRun,
  },
  {
    name: 'stuck-busy',
    title: 'stays busy after the erase of one page',
    cause: 'a failed callback leaves the class in dfuDNBUSY',
    defect: defects.stuckBusy,
  },
];

export const defectiveScenarios: readonly DefectiveScenario[] = DEFECTS.map((fault) => ({
  name: `faulty-${fault.name}`,
  title: `A bootloader with a defect: ${fault.title}`,
  description: `STM32F105 with a bootloader of ST's class V2.5.3 in the first 20 KB: ${fault.title}.`,
  cause: fault.cause,
  source: 'made up after stm32-mw-usb-device v2.5.3 and STM32CubeF1 STM3210C_EVAL DFU_Standalone',
  create: boardWith(fault),
}));

function boardWith({ defect, layout = LAYOUT, announcedBlock }: BoardDefect) {
  return bootloaderBoard({
    profile: STM32F105,
    bytes: 18 * 1024,
    deviceOf: ({ chip, board, serial }): UsbDeviceModel => {
      const correct = defects.plainMedia(chip, layout);
      const faults = defect(correct, { chip, base: BASE, reset: () => board.resetIn(0) });
      const model = new DfuClassDevice(
        {
          version: CLASS_V2_5_3,
          product: 'STM32 DFU in FS Mode',
          serial,
          media: { ...correct, ...faults },
          atAddressZero: (length) => chip.read(FLASH_START, length) ?? new Uint8Array(length),
        },
        board,
      );
      return announcedBlock === undefined ? model : withBlockSize(model, announcedBlock);
    },
  });
}
