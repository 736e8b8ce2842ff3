/** The error for a device that is there and cannot be reached: each reason with its own remedy. */
import { UDEV_RULE } from '@sureflash/programmer/diagnosis';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import { SHOW_TO_CONTAINER, type Surrounding } from '../host/surroundings.ts';
import type { HiddenDevice } from './linux-access.ts';

/** The rule of the product has the ids of ST; a probe of another maker has its own. */
function allow(ids: string): string[] {
  const [vendor, product] = ids.split(':');
  const other = `SUBSYSTEM=="usb", ATTR{idVendor}=="${vendor}", ATTR{idProduct}=="${product}", MODE="0660", TAG+="uaccess"`;
  return [
    `Put this line into /etc/udev/rules.d/70-sureflash.rules: ${vendor === '0483' ? UDEV_RULE : other}`,
    'Then run "sudo udevadm control --reload" and plug the device in again.',
  ];
}
const LOOK_AGAIN = 'Unplug the device and plug it in again, then look with: sureflash list';

export function hiddenError({ path, ids, node, kind, state }: HiddenDevice, surrounding: Surrounding): CommandError {
  const what = `A ${kind} is plugged in (${path}, ${ids})`;
  const isContained = surrounding === 'container';
  const facts = { path, ids, node, kind, state };
  const told = (code: string, why: string, remedy: readonly string[]): CommandError =>
    new CommandError({ code, exitCode: EXIT.access, title: `${what}, but ${why}.`, remedy, facts });
  switch (state) {
    case 'denied':
      return told(
        'usb/access',
        'this user may not open it',
        isContained ? [...allow(ids), ...SHOW_TO_CONTAINER] : allow(ids),
      );
    case 'refused':
      return told(
        'usb/hidden',
        `the kernel refuses ${node}, whose rights allow it: the device rules of a container do that`,
        SHOW_TO_CONTAINER,
      );
    case 'absent':
      return told(
        'usb/hidden',
        `its node ${node} is not there`,
        isContained ? SHOW_TO_CONTAINER : ['Start udev (systemd-udevd), which creates the nodes.', LOOK_AGAIN],
      );
    case 'other':
      return told(
        'usb/hidden',
        `${node} is not its node: the numbers of the device are others`,
        isContained
          ? ['The container has kept an old node: it needs the folder of the host itself.', ...SHOW_TO_CONTAINER]
          : ['Remove the file that is in its place.', LOOK_AGAIN],
      );
    case 'in-use':
      return told('usb/busy', 'another program holds it', ['End the other program, then try again.']);
    case 'open':
      return told('usb/hidden', 'libusb does not list it, although it may be opened', [
        LOOK_AGAIN,
        ...(isContained ? SHOW_TO_CONTAINER : []),
      ]);
  }
}
