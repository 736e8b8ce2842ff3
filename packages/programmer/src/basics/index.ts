export { type FixKind, type RecognisedFix, recogniseFix } from '../fix/identity.ts';
export { visible } from '../ports/visible.ts';
export { hex } from '../target/geometry.ts';
export { RUNTIME_FILTERS, USB_FILTERS } from '../usb-filters.ts';
