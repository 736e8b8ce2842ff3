export { type ConnectOptions, connect, greetProbe } from './connect.ts';
export type { AttemptOptions } from './engine/attempt.ts';
export { type Blankness, blankCheck, type UsedSector } from './engine/blank-check.ts';
export type { ByteMemoryPart, ByteMemoryReport, ByteMemoryWrite, DividedImage } from './engine/byte-memory.ts';
export type { WorkDone } from './engine/change/erase-and-write.ts';
export type { EarlierBytes, KeptBytes } from './engine/change/kept-bytes.ts';
export {
  type EraseOptions,
  type ErasePlan,
  erase,
  eraseAll,
  type PlanEraseOptions,
  planErase,
} from './engine/erase.ts';
export { type Inspection, type InspectOptions, inspect } from './engine/inspect/inspect.ts';
export { leave } from './engine/leave.ts';
export { type JobOptions, type Preparation, type Programmable, prepare, refusal } from './engine/prepare.ts';
export { carryOut, program, type Report } from './engine/program.ts';
export type { AwaitReturn, ComeBack } from './engine/proof/leave-and-check.ts';
export { doubtsOfReading, read } from './engine/read.ts';
export type { OnProgress, Phase, Progress, RunOptions, SectorState, ToldSupply } from './engine/run/progress.ts';
export {
  planSupply,
  type SupplyChoice,
  type SupplyOptions,
  type SupplyPlan,
  supplyRange,
} from './engine/supply.ts';
export type { Action, Plan, SectorPlan } from './engine/survey/plan.ts';
export { type Compared, compare, verify } from './engine/verify.ts';
export type { TrialOptions, TrialProposal } from './engine/why/trial.ts';
export { fill, type WriteOptions, write } from './engine/write.ts';
export {
  type ErrorCode,
  type ErrorDetails,
  type Excerpt,
  type FactsByCode,
  type FactsOf,
  FlashError,
  hasCode,
  isFlashError,
} from './errors.ts';
export { ERROR_CODES, type Explanation, explain, remediesFor } from './hints.ts';
export type { ByteOptions, BytePort, LineSettings, LineSignals } from './ports/byte.ts';
export type { Clock } from './ports/clock.ts';
export type {
  Alternate,
  ControlSetup,
  FailedTransfer,
  TransferOptions,
  UsbFilter,
  UsbIdentity,
  UsbPort,
} from './ports/usb.ts';
export { systemClock } from './system-clock.ts';
export { type About, type ChipReadings, chipOf, LEAST_SUPPLY_VOLTS, type LoaderKind } from './target/about.ts';
export { type Device, deviceOf } from './target/device.ts';
export {
  type CellKind,
  hex,
  joined,
  type Range,
  type Region,
  type RegionKind,
  type Sector,
  sectorsTouched,
} from './target/geometry.ts';
export type {
  AskedWait,
  Chunk,
  MemoryWriteOptions,
  OperationOptions,
  SectorEraseOptions,
  Target,
} from './target/target.ts';
export { USB_FILTERS } from './usb-filters.ts';
export { type Port, usbWire, WIRES, type Wire, type WireOptions } from './wires.ts';
