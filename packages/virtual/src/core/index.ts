export type { Architecture, CoreName } from './architecture.ts';
export {
  type Core,
  type CoreOptions,
  type CoreState,
  createCore,
} from './core.ts';
export type { CoreRegisters, DebugPort, RegisterName } from './core-access.ts';
export { busFault, CFSR, type CoreFault, isCoreFault, NotModelledError } from './faults.ts';
export { createMemoryMap, type MemoryMap } from './memory.ts';
export type { InterruptController } from './nvic.ts';
export type { Device, Region, Width } from './regions.ts';
