/** A clock that runs only while this process computes. */

/** Asking for processor time takes long on some systems: it is not asked for again before so much has gone by. */
const ASKS_EVERY_MS = 8;
const own = { ms: 0, wall: 0, processor: 0 };

/** Processor time counts what engines do beside the search on other cores, and wall time what other programs do: the least of both. */
function ownTime(): number {
  const wall = performance.now();
  if (wall - own.wall < ASKS_EVERY_MS) return own.ms;
  const processor = process.cpuUsage().user / 1000;
  own.ms += Math.min(wall - own.wall, processor - own.processor);
  own.wall = wall;
  own.processor = processor;
  return own.ms;
}

/** Time of the search's own: how far it gets must not depend on who else uses the machine. */
export const OWN_CLOCK = {
  now: ownTime,
  sleep: async () => await new Promise<void>((resolve) => setImmediate(resolve)),
};
