/** Causes that lie in the host, and in a chip that does not show up at all. */
import { type Cause, loaderIs, noLoaderOfApplication, sign } from '../cause.ts';
import {
  ALLOW_ON_LINUX,
  ALLOW_ON_WINDOWS,
  ANOTHER_HUB,
  bootloaderSteps,
  CLOSE_OTHERS,
  jumpToBootloader,
  OTHER_CABLE,
  startBootloader,
} from '../remedies.ts';
import { remedy } from '../remedy.ts';
import { AN2606, AN2662, DFU_1_1, DFU_UTIL } from '../sources.ts';

export const HOST = [
  {
    id: 'no-permission',
    area: 'host',
    title: 'The device is there, but this user may not open it.',
    explanation: 'Linux gives new USB devices to root. A udev rule gives this one to whoever is logged in.',
    for: [
      sign('host-denied', 5),
      sign('host-access', 4, { note: 'not on Windows', when: ({ platform }) => platform !== 'win32' }),
      sign('host-no-udev-rule', 1),
    ],
    against: [],
    remedies: () => ALLOW_ON_LINUX,
    sources: [DFU_UTIL],
  },
  {
    id: 'hidden-by-container',
    area: 'host',
    title: 'The kernel has the device, but this container has no access to it.',
    explanation:
      'sysfs shows the devices of the whole machine. A container has its own nodes in /dev, and its own rules about which of them may be opened.',
    for: [
      sign('host-node', 4),
      sign('host-surrounding', 2, { note: 'a container', when: ({ surrounding }) => surrounding === 'container' }),
    ],
    against: [sign('host-no-dfu', 3), sign('host-denied', 1)],
    remedies: () => [
      'Give the container the USB devices of the host: docker run -v /dev/bus/usb:/dev/bus/usb --device-cgroup-rule "c 189:* rmw".',
      remedy('Or export the board on the host with usbipd, and reach it from here over the network.', 'use-usbip'),
      'Outside a container: start udev, which creates the nodes, and plug the device in again.',
    ],
    sources: [
      {
        title: 'Docker: device-cgroup-rule',
        url: 'https://docs.docker.com/reference/cli/docker/container/run/#device-cgroup-rule',
      },
    ],
  },
  {
    id: 'held-by-windows',
    area: 'host',
    title: 'Windows has the USB devices, and its Linux (WSL) sees only those that are attached to it.',
    explanation: 'usbipd-win passes a device on, to WSL or directly to a program that speaks USB/IP.',
    for: [
      sign('host-surrounding', 3, { note: 'WSL', when: ({ surrounding }) => surrounding === 'wsl' }),
      sign('host-no-dfu', 2),
      sign('host-no-usb', 2),
    ],
    against: [
      sign('host-surrounding', 6, { note: 'a container', when: ({ surrounding }) => surrounding === 'container' }),
    ],
    remedies: () => [
      'In an administrator PowerShell of Windows: usbipd list, then usbipd bind --busid BUSID.',
      'Then, for WSL 2: usbipd attach --wsl --busid BUSID, again after each reset of the board.',
      remedy('Or connect directly to the usbipd server on Windows, without attaching.', 'use-usbip'),
    ],
    sources: [{ title: 'usbipd-win', url: 'https://github.com/dorssel/usbipd-win/wiki/WSL-support' }],
  },
  {
    id: 'in-use',
    area: 'host',
    title: 'Another program or driver holds the device.',
    explanation: 'One program at a time may claim an interface: another programmer, a browser tab, a virtual machine.',
    for: [sign('host-in-use', 5), sign('host-other-driver', 3)],
    against: [],
    remedies: () => [CLOSE_OTHERS],
    sources: [DFU_UTIL],
  },
  {
    id: 'no-usb',
    area: 'host',
    title: 'This host shows no USB to programs at all.',
    explanation: 'A container, a virtual machine or a remote shell without access to USB, or a kernel without it.',
    for: [sign('host-no-usb', 5)],
    against: [],
    remedies: () => [
      'Run it on the machine that the board is plugged into, or hand USB to the container (docker: --device /dev/bus/usb).',
      remedy(
        'Or export the board from that machine with usbipd, and reach it from here over the network.',
        'use-usbip',
      ),
    ],
    sources: [{ title: 'USB/IP in the Linux kernel', url: 'https://docs.kernel.org/usb/usbip_protocol.html' }],
  },
  {
    id: 'no-driver',
    area: 'host',
    title: 'Windows has no driver for it that programs can use.',
    explanation:
      "A DFU device needs WinUSB. ST's older DfuSe driver (STTub30) is not enough; STM32CubeProgrammer installs the right one.",
    for: [sign('host-access', 5, { note: 'on Windows', when: ({ platform }) => platform === 'win32' })],
    against: [],
    remedies: () => [ALLOW_ON_WINDOWS],
    sources: [DFU_UTIL],
  },
  {
    id: 'not-in-bootloader',
    area: 'host',
    title: 'No chip is in its bootloader: nothing on the bus speaks DFU.',
    explanation:
      'The chip runs its application, is held in reset, or its bootloader does not find its clock. Boot pins and option bits decide which program starts, and only at a reset.',
    for: [sign('host-no-dfu', 4), sign('host-st-device', 1)],
    against: [sign('host-denied', 5), sign('host-enumeration-failed', 2), sign('host-runtime-only', 2)],
    remedies: (chip) => [
      ...(chip ? bootloaderSteps(chip) : startBootloader(chip)),
      OTHER_CABLE,
      jumpToBootloader(chip),
    ],
    tellApart: {
      'no-enumeration':
        'Look at the kernel log while the board is plugged in: "not accepting address" is a link or a clock.',
    },
    sources: [AN2606],
  },
  {
    id: 'program-runs',
    area: 'host',
    title: 'The running program has a DFU run-time interface: it can be asked to restart in its bootloader.',
    explanation:
      'Such an interface (class FE, subclass 01, protocol 01) takes one request, DFU_DETACH: the program restarts as a bootloader, by itself or at a bus reset, often under another product id. Wireless adapters and cameras have one as well and are left alone.',
    for: [sign('host-runtime-only', 6)],
    against: [sign('host-denied', 5)],
    remedies: (chip) => [remedy('Send it to its bootloader.', 'detach'), ...startBootloader(chip)],
    sources: [DFU_1_1],
  },
  {
    id: 'no-enumeration',
    area: 'host',
    title:
      'Something is plugged in but never answers: the bootloader runs without the clock that USB needs, or the link is bad.',
    explanation:
      'Bootloaders that find their crystal by trial (F105, F107, F2, F4, F7 and others) fail to answer the host until they have found it; with a crystal that they do not know, they never appear. F105 and F107 with 8 MHz take up to 13.7 s and need 5 V at PA9.',
    for: [sign('host-enumeration-failed', 5)],
    against: [],
    remedies: (chip) => [
      ...(chip
        ? [`The bootloader of the ${chip.names[0] ?? chip.id} needs ${chip.boot.clock}.`]
        : ['Compare the crystal of the board with what the bootloader knows (docs/chips.md).']),
      ...(chip?.boot.note ? [`${chip.boot.note}.`] : []),
      'Wait 15 s after the reset before giving up.',
      OTHER_CABLE,
      ANOTHER_HUB,
    ],
    sources: [AN2606, AN2662],
  },
  {
    id: 'application-answers',
    area: 'host',
    title: 'An application with a loader of its own answers, not the ROM bootloader of the chip.',
    explanation:
      'This is no fault if you meant to use that loader. If you expected the ROM bootloader, the boot pins were not set at the last reset, or option bits override them.',
    for: [
      loaderIs(3, 'cubemx-application'),
      loaderIs(1, 'custom'),
      sign('reads-distinct', 1),
      sign('commands-missing', 1),
    ],
    against: [
      noLoaderOfApplication(6),
      sign('reads-same', 3),
      sign('reads-refused', 3),
      sign('refused', 4),
      sign('request-refused', 3),
      sign('no-upload', 3),
      sign('refused-beyond', 3),
      sign('not-erased', 3),
      sign('partly-erased', 5),
      sign('erased-beyond', 5),
      sign('mismatch', 3),
      sign('scratch-holds', 2),
      sign('holds-file', 2),
      sign('stuck-busy', 3),
      sign('short-read', 4),
      sign('left-bus', 3),
      sign('marked-read-only', 3),
    ],
    remedies: (chip) => startBootloader(chip),
    sources: [AN2606],
  },
] as const satisfies readonly Cause[];
