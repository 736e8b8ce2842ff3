/**
 * How long a transfer takes on an otherwise idle full-speed bus: 12 Mbit/s, 1.5 bytes per microsecond
 * (USB 2.0 §5.5.4 Table 5-3 for control, §5.8.4 Table 5-9 for bulk). Bit stuffing and start-of-frame gaps are left out.
 */

const BYTES_PER_MS = 1500;
/** The payload of a packet, for endpoint 0 and for bulk alike. */
const PACKET_BYTES = 64;
/** Setup, one data packet and status, without the payload (Table 5-3: "Protocol Overhead (45 bytes)"). */
const CONTROL_OVERHEAD = 45;
/** One IN or OUT transaction without its payload (Table 5-9: "Protocol Overhead (13 bytes)"). */
const BULK_OVERHEAD = 13;

/** A control transfer that carries `bytes` in its data stage. */
export function controlTransferMs(bytes: number): number {
  const morePackets = Math.max(0, Math.ceil(bytes / PACKET_BYTES) - 1);
  return (CONTROL_OVERHEAD + morePackets * BULK_OVERHEAD + bytes) / BYTES_PER_MS;
}

/** A bulk transfer of `bytes`; an empty one is one empty packet. */
export function bulkTransferMs(bytes: number): number {
  const packets = Math.max(1, Math.ceil(bytes / PACKET_BYTES));
  return (packets * BULK_OVERHEAD + bytes) / BYTES_PER_MS;
}
