export type { ConnectOptions } from './connect.ts';
export { connectDfu, examineDfu } from './connect.ts';
export type { Examination } from './identify/examine.ts';
export type { Identification, LoaderKind } from './identify/identify.ts';
export { loaderOf } from './loader.ts';
export type { DfuRegion } from './memory/geometry.ts';
export type { Quirk } from './quirks/quirk.ts';
export { QUIRKS } from './quirks/quirks.ts';
export { DfuTarget } from './target.ts';
