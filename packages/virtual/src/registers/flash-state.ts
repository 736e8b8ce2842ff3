/** The state that the flash controllers with one set of registers share, and how it becomes a controller. It knows no family. */

import type { FlashController, FlashPort, KeyLock } from './flash-port.ts';
import type { Peripheral, RegisterValues } from './peripheral.ts';

export interface FlashState {
  readonly port: FlashPort;
  readonly values: RegisterValues;
  /** Ms of the model's clock until which an operation runs. */
  until: number;
}

export function isOperating({ port, until }: FlashState): boolean {
  return port.now() < until;
}

/** Sets a bit of SR. */
export function setStatus({ values }: FlashState, bit: number): void {
  values.set('SR', values.get('SR') | bit);
}

/** Begins an operation on cells from `address` on, which ends at `until`. @param eop the bit of SR that tells of its end, or 0 */
export function beginOperation(state: FlashState, address: number, until: number, eop: number): void {
  state.until = until;
  setStatus(state, eop);
  state.port.busy(address, until);
}

/** As after a reset of the chip. */
export function resetFlashState(state: FlashState, locks: readonly KeyLock[], peripheral: Peripheral): void {
  for (const lock of locks) lock.reset();
  state.until = 0;
  peripheral.reset();
}

/** @param ways what stores and a reset do */
export function controllerOf(
  state: FlashState,
  { region, device }: Peripheral,
  ways: Pick<FlashController, 'write' | 'writeOption' | 'reset'>,
): FlashController {
  return {
    name: region.name,
    start: region.start,
    registers: device,
    get isBusy() {
      return isOperating(state);
    },
    ...ways,
  };
}
