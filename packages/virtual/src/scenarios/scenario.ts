/** What a scenario is: a board with a name that a person can pick, and where its behaviour is known from. */

import type { Board } from '../board.ts';
import type { Clock } from '../clock.ts';
import type { ScenarioOptions } from './make-board.ts';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The documents and captures that the model is made from. */
  readonly source: string;
  create(clock: Clock, options?: ScenarioOptions): Board;
}
