/** The example firmware that the demo and the virtual boards use: beside the package, or in the repository. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const EXAMPLE_FOLDERS = ['../../examples/', '../../../../examples/firmware/out/'];

export function exampleFile(name: string): string {
  const paths = EXAMPLE_FOLDERS.map((place) => fileURLToPath(new URL(place + name, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? name;
}
