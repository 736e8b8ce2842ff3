/** Every cause that we know, by theme. */
import { ADDRESSES } from './addresses.ts';
import { CALLBACKS } from './callbacks.ts';
import { CELLS } from './cells.ts';
import { FILE } from './file.ts';
import { GEOMETRY } from './geometry.ts';
import { HOST } from './host.ts';
import { LINK } from './link.ts';
import { LOADER } from './loader.ts';
import { PROBE } from './probe.ts';
import { PROTECTION } from './protection.ts';

export const CAUSES = [
  ...ADDRESSES,
  ...CALLBACKS,
  ...LOADER,
  ...PROTECTION,
  ...GEOMETRY,
  ...CELLS,
  ...LINK,
  ...FILE,
  ...HOST,
  ...PROBE,
];
export type CauseId = (typeof CAUSES)[number]['id'];
