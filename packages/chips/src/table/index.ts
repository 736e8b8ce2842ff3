export type { Chip, FlashVariant, OtherChip, Range } from '../chip.ts';
export { CHIPS, OTHER_CHIPS } from '../chips.ts';
export {
  chipName,
  findChipByName,
  findChipsByName,
  findOtherChipByName,
  flashVariantsByCode,
  joinedNames,
  sectorsOf,
} from '../find.ts';
export { hasTrustZone, type Place, type PlaceKind, placeAt } from '../places.ts';
export { familyFromVectors, readVectorTable, type VectorTable } from '../vectors.ts';
