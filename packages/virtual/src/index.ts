export * from './board.ts';
export type { ScenarioOptions } from './boards.ts';
export * from './clock.ts';
export {
  ARCHITECTURES,
  type Architecture,
  busFault,
  CFSR,
  type Core,
  type CoreName,
  type CoreOptions,
  type CoreRegisters,
  type CoreState,
  createCore,
  createMemoryMap,
  type DebugPort,
  type Device,
  type Fault as CoreFault,
  type InterruptController,
  isFault as isCoreFault,
  type MemoryMap,
  NotModelledError,
  type Region,
  type RegisterName,
  type Width,
} from './core/index.ts';
export * from './faults/index.ts';
export { type FaultyBoard, faultyBoards } from './faulty/index.ts';
export * from './flash.ts';
export * from './flash-cells.ts';
export type { DialectName } from './hosts/dialects.ts';
export * from './hosts/webusb.ts';
export { VirtualUsbDevice } from './hosts/webusb-device.ts';
export * from './hosts/webusb-shapes.ts';
export { quirkScenarios } from './quirks/index.ts';
export { random, seedOf } from './random.ts';
export * from './recorded-device.ts';
export {
  type ChipFacts,
  type ClockSource,
  chips as microcontrollerChips,
  createMicrocontroller,
  elfSegments,
  elfSymbol,
  type Landing,
  type Level,
  type Microcontroller,
  type MicrocontrollerOptions,
  type OnClockOptions,
  type ResetCause,
  type RomEntry,
  runOnClock,
  type Segment,
} from './registers/index.ts';
export * from './scenarios.ts';
export type { Application } from './stm32/boot.ts';
export { Chip } from './stm32/chip.ts';
export type { ChipProfile, Extent } from './stm32/chip-profile.ts';
export { classApplication, cubeMxStub, fillerProgram } from './stm32/dfu-application.ts';
export { CLASS_V2_5_3, CLASS_V2_11_4, type ClassVersion } from './stm32/dfu-class-profile.ts';
export type { MediaInterface, MediaResult } from './stm32/dfu-media.ts';
export type { RomRow } from './stm32/rows/row.ts';
export { romRows, scenarioNameOf } from './stm32/rows/rows.ts';
export { bulkTransferMs, controlTransferMs } from './usb/full-speed-bus.ts';
export * from './usb/model.ts';
