/** The request behind `selectAlternate` (USB 2.0 §9.4.10). */
import type { ControlSetup } from '../ports/usb.ts';

export function setInterface(interfaceNumber: number, alternate: number): ControlSetup {
  return { requestType: 'standard', recipient: 'interface', request: 11, value: alternate, index: interfaceNumber };
}
