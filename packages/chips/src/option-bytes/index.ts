export {
  type OptionAccess,
  type OptionPlace,
  openOptionValues,
  optionAccessOf,
  optionBlockBytes,
} from './access.ts';
export {
  type DecodedField,
  decodeOptionBytes,
  encodeOptionBytes,
  type FieldState,
  namedValue,
  nameOfValue,
  type OptionBlocks,
} from './codec.ts';
export type { NamedValue, OptionField, OptionLayout, ProtectionAreas, ProtectionBits } from './layout.ts';
export {
  type OptionBitPlace,
  optionLayoutOf,
  optionWriteResets,
  placeOfOptionBit,
  sharedOptionLayout,
} from './layouts.ts';
export {
  closedSectors,
  isOpen,
  readProtectionName,
  untoldSectors,
  writeProtectedSectors,
} from './protection.ts';
