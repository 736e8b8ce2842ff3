/** Where a port comes from: this machine's USB, another one's, a virtual board, a recording. */
import type { Clock, UsbPort } from '@sureflash/programmer';

export interface DeviceSource extends AsyncDisposable {
  readonly port: UsbPort;
  readonly clock: Clock;
  /** For people: `USB 1-4.2`, `virtual stm32f105-rom`. */
  readonly where: string;
  /** Whether the device is still there when this process has ended. */
  readonly outlives: boolean;
  /** The same device once more, after it has left the bus. @throws CommandError `cli/no-device` while it is not there */
  readonly reopen: () => Promise<DeviceSource>;
  /** Brings a board that runs its program back into its bootloader, as a person does; virtual boards alone can be reached so. */
  readonly bringBack?: () => void;
  /** Where disks of the device are mounted; absent where nobody can tell. */
  readonly mounts?: () => Promise<readonly string[]>;
  /** Time in ms that the modelled bus of a virtual port was in use so far. */
  readonly busMs?: () => number;
}
