/** CMSIS-DAP probes, as data: what they are on USB, how much they take at once, how fast they are. No behaviour. */

export type CmsisDapName = 'debugprobe' | 'mcu-link';

export interface CmsisDapModel {
  readonly name: CmsisDapName;
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturer: string;
  readonly product: string;
  readonly speed: 'full' | 'high';
  /** DAP_PACKET_SIZE and DAP_PACKET_COUNT. */
  readonly packetBytes: number;
  readonly packetCount: number;
  /** Of the protocol. */
  readonly version: string;
  /** Highest clock of SWD; a higher wish is cut down to it. */
  readonly mostKhz: number;
  /** To look at a packet and make its answer, and between two transactions on SWD, in ms: guesses. */
  readonly commandMs: number;
  readonly gapMs: number;
}

export const cmsisDapModels: readonly CmsisDapModel[] = [
  {
    name: 'debugprobe',
    vendorId: 0x2e8a,
    productId: 0x000c,
    manufacturer: 'Raspberry Pi',
    product: 'Debug Probe (CMSIS-DAP)',
    speed: 'full',
    packetBytes: 64,
    // Two buffers of 64 bytes (raspberrypi/CMSIS-RP2xxx-DFP, README).
    packetCount: 2,
    version: '2.0.0',
    mostKhz: 24_000,
    commandMs: 0.02,
    gapMs: 0.001,
  },
  {
    name: 'mcu-link',
    vendorId: 0x1fc9,
    productId: 0x0143,
    manufacturer: 'NXP Semiconductors',
    product: 'MCU-LINK CMSIS-DAP',
    speed: 'high',
    packetBytes: 512,
    // A guess: what Arm's own templates have.
    packetCount: 4,
    version: '2.1.0',
    mostKhz: 10_000,
    commandMs: 0.01,
    gapMs: 0.001,
  },
];
