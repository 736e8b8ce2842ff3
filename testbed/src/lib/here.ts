/** Where the repository is, for scripts and files that the testbed needs by their path. */
import { fileURLToPath } from 'node:url';

/** A file of the repository, from its root. */
export const here = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
