/** What one hostile end is: something that is served or lies in a folder, and the command lines that meet it. */
import type { Socket } from 'node:net';

export interface HostileCase {
  readonly name: string;
  /** Words of the command line; `{port}` is that of its server. */
  readonly verbs: readonly string[];
  /** Puts files into the folder in which the command line runs. */
  readonly make?: (folder: string) => void;
  readonly serve?: (socket: Socket) => void;
  /** It goes on for as long as the device does, and shows progress: only Ctrl-C is tried. */
  readonly isEndless?: true;
}
