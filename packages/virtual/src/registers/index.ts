export type { ChipFacts } from './chip.ts';
export { chips } from './chips/chips.ts';
export { chipFamilies } from './chips/families/families.ts';
export { wb } from './chips/families/low-power.ts';
export type { FamilyModel, PartFacts } from './chips/families/part.ts';
export { elfSegments, elfSymbol, type LoadedSegment } from './elf.ts';
export type { Level } from './gpio.ts';
export type { Landing } from './landing.ts';
export {
  createMicrocontroller,
  type Microcontroller,
  type MicrocontrollerOptions,
} from './microcontroller.ts';
export { type OnClockOptions, runOnClock } from './on-clock.ts';
export type { ClockSource, ResetCause } from './rcc.ts';
export type { RomEntry } from './rom-entry.ts';
export { optionView, type TrustZone, type World } from './trust-zone.ts';
