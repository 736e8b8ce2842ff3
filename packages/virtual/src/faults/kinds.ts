/** Every kind of fault, by area. */

import { CELL_FAULTS } from './cells.ts';
import type { FaultKind } from './fault.ts';
import { LINK_FAULTS } from './link.ts';
import { POWER_FAULTS } from './power.ts';
import { STATUS_FAULTS } from './status.ts';
import { TRANSFER_FAULTS } from './transfers.ts';

export const faultKinds: readonly FaultKind[] = [
  ...LINK_FAULTS,
  ...TRANSFER_FAULTS,
  ...STATUS_FAULTS,
  ...CELL_FAULTS,
  ...POWER_FAULTS,
];
