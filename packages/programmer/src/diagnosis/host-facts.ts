/** What was seen of a host that does not give a device: the data of those observations. */

export interface HostFacts {
  'host-denied': { readonly path: string; readonly node: string; readonly mode: string; readonly owner: string };
  /** The platform's own words where a device may not be opened. */
  /** The kernel has the device, and what stands in /dev/bus/usb is not a node through which it can be opened. */
  'host-node': { readonly path: string; readonly node: string; readonly state: 'absent' | 'other' | 'refused' };
  /** `host`: the address of Windows, seen from its Linux. */
  'host-surrounding': { readonly surrounding: 'container' | 'wsl'; readonly host?: string };
  'host-access': { readonly detail: string; readonly platform: string };
  'host-no-udev-rule': { readonly folders: readonly string[] };
  'host-in-use': { readonly detail: string };
  'host-other-driver': { readonly path: string; readonly driver: string };
  'host-no-usb': { readonly detail: string };
  'host-no-dfu': { readonly devices: number };
  /** A device of ST that is no DFU device: a debug probe, a virtual COM port. */
  'host-st-device': { readonly path: string; readonly ids: string; readonly product: string };
  'host-runtime-only': { readonly devices: number };
  /** The host gave a device no address: it answers nothing, or too late. */
  'host-enumeration-failed': { readonly lines: readonly string[] };
}
