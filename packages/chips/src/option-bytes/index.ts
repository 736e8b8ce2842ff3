export { openOptionValues, optionAccessOf, optionBlockBytes, registerOfOptionBit } from './access.ts';
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
export type { OptionAccess, OptionPlace } from './option-access.ts';
export {
  closedSectors,
  isOpen,
  readProtectionName,
  untoldSectors,
  writeProtectedSectors,
} from './protection.ts';
