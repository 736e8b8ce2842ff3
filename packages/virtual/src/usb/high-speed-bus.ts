/** How long a bulk transfer takes on an otherwise idle high-speed bus: 480 Mbit/s, 60 bytes per microsecond (USB 2.0 §5.8.4). */

const HIGH_SPEED_BYTES_PER_MS = 60_000;
const HIGH_SPEED_PACKET_BYTES = 512;
/** One transaction without its payload (Table 5-10: "Protocol Overhead (55 bytes)"). */
const HIGH_SPEED_OVERHEAD = 55;

/** A bulk transfer of `bytes`; an empty one is one empty packet. */
export function highSpeedBulkMs(bytes: number): number {
  const packets = Math.max(1, Math.ceil(bytes / HIGH_SPEED_PACKET_BYTES));
  return (packets * HIGH_SPEED_OVERHEAD + bytes) / HIGH_SPEED_BYTES_PER_MS;
}
