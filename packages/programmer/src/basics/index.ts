export { type FixKind, type RecognisedFix, recogniseFix } from '../fix/identity.ts';
export { visible } from '../ports/visible.ts';
export { hex } from '../target/geometry.ts';
export {
  mayBeSentToBootloader,
  RUNTIME_FILTERS,
  UNUSABLE_STLINK_FILTERS,
  USB_FILTERS,
  whyUnusable,
} from '../usb-filters.ts';
