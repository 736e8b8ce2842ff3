/** Every kind of deviation. */

import type { Kind } from '../deviation.ts';
import { BLOCKS } from './blocks.ts';
import { DATA } from './data.ts';
import { ERASING } from './erasing.ts';
import { FILTERS } from './filters.ts';
import { NUMBERS } from './numbers.ts';
import { OUTSIDE } from './outside.ts';
import { PLACES } from './places.ts';
import { READING } from './reading.ts';
import { WRITING } from './writing.ts';

export const KINDS: readonly Kind[] = [
  ...FILTERS,
  ...PLACES,
  ...NUMBERS,
  ...ERASING,
  ...WRITING,
  ...BLOCKS,
  ...DATA,
  ...READING,
  ...OUTSIDE,
];
