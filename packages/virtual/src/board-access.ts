/** What a running program can do to the board that it runs on; the board provides it, device models use it. */

export interface BoardAccess {
  /** Clock time in ms. */
  now(): number;
  /** A system reset `ms` from now; the program is gone from then on. */
  resetIn(ms: number): void;
  /** Starts the program whose vector table is at `address`, `ms` from now; a reset if there is none. */
  jumpIn(ms: number, address: number): void;
  /** Accounts `ms` that the program takes for itself, beyond cells and bus. */
  spend(ms: number): void;
  /** Leaves the bus and comes back as the same device, `ms` from now. */
  reconnectIn(ms: number): void;
}
