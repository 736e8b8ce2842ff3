export { classApplication, cubeMxStub, fillerProgram } from './applications/class-applications.ts';
export { CLASS_V2_5_3, CLASS_V2_11_4, type ClassVersion } from './applications/class-version.ts';
export type { MediaInterface, MediaResult } from './applications/media.ts';
export { Board, type BoardDefinition, type Pins, type Program, type Start } from './board.ts';
export type { Application } from './boot.ts';
export { Chip } from './chip/chip.ts';
export type { ChipProfile, Extent } from './chip/chip-profile.ts';
export { type Clock, RealClock, VirtualClock } from './clock.ts';
export {
  type CmsisDapName,
  createVirtualCmsisDap,
  type VirtualCmsisDap,
  type VirtualCmsisDapOptions,
} from './cmsis-dap/index.ts';
export {
  type Architecture,
  CFSR,
  type Core,
  type CoreFault,
  type CoreName,
  type CoreOptions,
  type CoreRegisters,
  type CoreState,
  createCore,
  createMemoryMap,
  type DebugPort,
  type Device,
  type InterruptController,
  isCoreFault,
  type MemoryMap,
  NotModelledError,
  type Region,
  type RegisterName,
  type Width,
} from './core/index.ts';
export { FaultyConnector, type FaultyConnectorOptions } from './faults/connector.ts';
export type { Disturbance, Fault, FaultArea, FaultBench, FaultKind, Request, Transfer } from './faults/fault.ts';
export { faultKinds } from './faults/kinds.ts';
export { ANSWER_STYLES, type AnswerStyle, randomAnswers } from './faults/random-answers.ts';
export {
  type FlashCells,
  type FlashRegion,
  type FlashStatistics,
  listSectors,
  type Sector,
} from './flash/datasheet.ts';
export { Flash } from './flash/flash.ts';
export type { DialectName } from './hosts/dialects.ts';
export { VirtualWebUsb, type VirtualWebUsbOptions } from './hosts/webusb.ts';
export { VirtualUsbDevice } from './hosts/webusb-device.ts';
export type {
  WebUsbAlternate,
  WebUsbBytes,
  WebUsbConfiguration,
  WebUsbDirection,
  WebUsbEndpoint,
  WebUsbFilter,
  WebUsbInResult,
  WebUsbInterface,
  WebUsbOutResult,
  WebUsbSetup,
  WebUsbStatus,
} from './hosts/webusb-shapes.ts';
export { random, randomBytes, seedOf } from './random.ts';
export {
  type ChipFacts,
  type ClockSource,
  chipFamilies,
  chips as microcontrollerChips,
  createMicrocontroller,
  elfSegments,
  elfSymbol,
  type FamilyModel,
  type Landing,
  type Level,
  type LoadedSegment,
  type Microcontroller,
  type MicrocontrollerOptions,
  type OnClockOptions,
  type PartFacts,
  type ResetCause,
  type RomEntry,
  runOnClock,
} from './registers/index.ts';
export { findScenario } from './scenarios/by-name.ts';
export { cmsisDapScenarios } from './scenarios/cmsis-dap-probes.ts';
export { type DefectiveScenario, defectiveScenarios } from './scenarios/defective/defective.ts';
export { type ExecutedBoardOptions, type Execution, executedBoard } from './scenarios/executed.ts';
export { impostorScenarios, unseenScenarios } from './scenarios/impostors/impostors.ts';
export { knownScenarios, romScenarios } from './scenarios/known.ts';
export type { ScenarioOptions } from './scenarios/make-board.ts';
export { troubledProbeScenarios } from './scenarios/probe-troubles.ts';
export { LONGEST_RUN_MS, ProbedBoard, type ProbedBoardOptions } from './scenarios/probed-board.ts';
export { type ProbeDesk, type ProbeScenario, probeScenarios } from './scenarios/probes.ts';
export { reportedScenarios } from './scenarios/reported/reported.ts';
export type { Scenario } from './scenarios/scenario.ts';
export { secureChipScenarios } from './scenarios/secure-chips.ts';
export { strangerScenarios } from './scenarios/strangers/strangers.ts';
export {
  createVirtualStLink,
  type StLinkName,
  StLinkServerSession,
  type VirtualStLink,
  type VirtualStLinkOptions,
} from './stlink/index.ts';
export type { RomRow } from './table/row.ts';
export { romRows, scenarioNameOf } from './table/table.ts';
export { BULK, BulkDevice, type BulkDeviceOptions } from './usb/bulk-device.ts';
export { bulkTransferMs, controlTransferMs } from './usb/full-speed-bus.ts';
export { interposed } from './usb/interposed.ts';
export type { BulkReply, Reply, Setup, UsbConnector, UsbDeviceModel } from './usb/model.ts';
export { type RecordedIdentity, recordedDevice } from './usb/recorded-device.ts';
