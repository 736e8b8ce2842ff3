export { bootloaderEntryOf } from './entries.ts';
export type {
  BlockFacts,
  BootloaderEntry,
  ClockFacts,
  CoreName,
  EntryRefusal,
  FamilyFacts,
  Peripheral,
  PortFacts,
  RegisterFacts,
  RemapFacts,
} from './entry.ts';
export { type ControllerKind, type FlashController, flashControllerOf } from './flash-controllers.ts';
export { sectorCode } from './sector-code.ts';
export { plainFlashAddress, SECURE_FLASH_DISTANCE, secureFlashOf } from './secure-flash.ts';
