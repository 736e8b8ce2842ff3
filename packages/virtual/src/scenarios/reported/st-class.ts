/** Applications with ST's DFU class over real flash, where versions of the class differ. */

import { CLASS_V2_11_4 } from '../../applications/class-version.ts';
import { customBoard } from '../make-board.ts';
import type { Scenario } from '../scenario.ts';

export const stClassScenarios: readonly Scenario[] = [
  {
    name: 'stm32f105-custom-2.11',
    title: 'STM32F105 with a correct bootloader of its own, class V2.11.4',
    description: 'An erase leaves the address pointer alone, and what fails ends in dfuERROR, errVENDOR.',
    source: 'stm32-mw-usb-device v2.11.4; STM32CubeF1 STM3210C_EVAL DFU_Standalone',
    create: customBoard(CLASS_V2_11_4),
  },
];
