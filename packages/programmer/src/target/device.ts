/** A connected device: everything that a job needs to know of what it works on. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '../ports/clock.ts';
import type { About } from './about.ts';
import type { Target } from './target.ts';

/** Every operation takes one. It is read once, when it is connected, and keeps what was told. */
export interface Device extends AsyncDisposable {
  readonly target: Target;
  /** The same as `target.about`. */
  readonly about: About;
  readonly clock: Clock;
  /** Releases the device; the same as `await using`, for platforms that do not know it. */
  close(): Promise<void>;
}

/** @returns the target as a device on this clock */
export function deviceOf(target: Target, clock: Clock): Device {
  const close = async (): Promise<void> => await target[Symbol.asyncDispose]();
  return { target, about: target.about, clock, close, [Symbol.asyncDispose]: close };
}
