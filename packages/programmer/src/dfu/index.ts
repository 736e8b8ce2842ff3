export { connectByDescriptors, type DfuConnectOptions } from './connect.ts';
export { detach } from './detach.ts';
export { DFU_FILTERS, DFU_RUNTIME_FILTERS } from './filters.ts';
export type { Quirk } from './quirks/quirk.ts';
export { QUIRKS } from './quirks/quirks.ts';
