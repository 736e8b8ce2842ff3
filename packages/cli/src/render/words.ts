/** Sizes, times and counts as people read them. */

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  // What would be rounded to 1024 KB is a megabyte.
  if (bytes < (1024 - 0.05) * 1024) return `${trimmed(bytes / 1024)} KB`;
  return `${trimmed(bytes / 1024 / 1024)} MB`;
}

export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

function trimmed(value: number): string {
  return value.toFixed(value < 100 ? 2 : 1).replace(/\.?0+$/, '');
}

/** Of bytes that nobody has read. */
export const BY_CRC = 'equal by the CRC-32 that the chip computes';
