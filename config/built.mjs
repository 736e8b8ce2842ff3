/** Compiles what has changed, before tests that take the packages as they are delivered. */
import { execFileSync } from 'node:child_process';

export default function built() {
  execFileSync('npx', ['tsc', '-b'], { stdio: 'inherit', shell: process.platform === 'win32' });
}
