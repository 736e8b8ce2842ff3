/** Causes that lie in option bytes: protection against reading and writing. */
import { type Cause, impossiblyQuick, loaderIs, sign } from '../cause.ts';
import { READ_BY_PROBE, startBootloader } from '../remedies.ts';
import { remedy } from '../remedy.ts';
import { AN2606, AN3156, H5_STATES, L5_LOCKED, PM0075, RM0434, RM0438, RM0481 } from '../sources.ts';

/** Of a bootloader alone: a debug probe tells a refusal of the chip from trouble on its line. */
const LINE_LOOKS_ALIKE =
  'Over USB DFU, trouble on the line can look the same: if the chip was never protected, try another cable, port or hub first.';

const TO_DEBUGGER = sign('read-protected', 6, {
  note: 'to a debug probe',
  when: ({ debugger: isProbe }) => isProbe === true,
});

export const PROTECTION = [
  {
    id: 'read-protected',
    area: 'protection',
    title: 'The chip is read-protected (RDP level 1).',
    explanation:
      'With read protection on, a ROM bootloader answers reads, writes and erases with errVENDOR, and a debugger gets errors from the flash. Removing the protection erases everything in the chip.',
    for: [
      sign('read-protected', 6),
      sign('option-rdp', 4, { note: 'level 1', when: ({ level }) => level === 1 }),
      sign('refused', 2, { note: 'errVENDOR', when: ({ status }) => status === 'errVENDOR' }),
    ],
    against: [
      sign('option-rdp', 6, { note: 'level 0', when: ({ level }) => level === 0 }),
      sign('reads-distinct', 4),
      loaderIs(3, 'cubemx-application', 'custom'),
    ],
    remedies: (_, evidence = []) => [
      remedy(
        'Remove the read protection, which erases everything in the chip. It is never removed unless you ask for it.',
        'unprotect',
      ),
      ...(TO_DEBUGGER.find(evidence) ? [] : [LINE_LOOKS_ALIKE]),
    ],
    tellApart: {
      'usb-link': 'Try three times: protection refuses the same request every time, a bad link does not.',
    },
    sources: [AN3156, AN2606],
  },
  {
    id: 'rdp-acknowledges',
    area: 'protection',
    title: 'The chip is read-protected, and its bootloader acknowledges writes but does not perform them.',
    explanation:
      'ROM bootloaders of some STM32U5 answer OK to erases and writes at RDP level 1 and change nothing. The option bytes can still be read, and show the level.',
    for: [
      sign('option-rdp', 3, { note: 'level 1', when: ({ level }) => level === 1 }),
      sign('unchanged', 2),
      impossiblyQuick(1),
      sign('left-erased', 1, { note: 'nothing was written at all', when: ({ all }) => all }),
    ],
    against: [
      sign('option-rdp', 6, { note: 'level 0', when: ({ level }) => level === 0 }),
      sign('blank-sectors-hold', 4),
      sign('sectors-differ', 4, {
        note: 'some of the sectors are right',
        when: ({ count, touched }) => count < touched,
      }),
    ],
    remedies: () => [remedy('Remove the read protection first, which erases everything in the chip.', 'unprotect')],
    sources: [
      AN3156,
      { title: 'inertial-sense-sdk #1186', url: 'https://github.com/inertialsense/inertial-sense-sdk/pull/1186' },
    ],
  },
  {
    id: 'write-protected',
    area: 'protection',
    title: 'These sectors are write-protected by the option bytes (WRP, PCROP).',
    explanation:
      'Bootloaders return no error for a write-protected sector (WRP, PCROP): erase and write are ignored, and only reading back shows it. Through a debug probe the flash itself reports the error (WRPERR). The sectors beside the protected ones are written correctly.',
    for: [
      sign('option-wrp', 5),
      sign('unchanged', 3),
      sign('not-erased', 1),
      sign('sectors-differ', 2, {
        note: 'some of the sectors are right',
        when: ({ count, touched }) => count < touched,
      }),
      loaderIs(2, 'st-rom'),
      sign('reads-distinct', 1),
    ],
    against: [
      sign('option-wrp-none', 8),
      sign('reads-same', 6),
      sign('left-erased', 1, { note: 'all of it', when: ({ all }) => all }),
      sign('blank-sectors-hold', 3),
      sign('bits-only-cleared', 5),
      sign('content-moved', 4),
      sign('part-of-blocks', 4),
      sign('neighbours-lost', 4),
    ],
    remedies: () => [
      remedy(
        "Look at the write protection of these sectors in the option bytes (WRP, PCROP): ST's bootloaders ignore writes there and report no error, and a debug probe gets WRPERR.",
        'show-option-bytes',
      ),
      remedy('Remove that write protection, reset the chip, and program again.', 'set-option-bytes'),
    ],
    tellApart: {
      'changes-ignored': `Read the option bytes (WRP) through the ROM bootloader. ${READ_BY_PROBE}`,
      'erase-ignored': 'Read the option bytes (WRP): if the sector is not protected, the erase is at fault.',
    },
    sources: [AN3156, PM0075],
  },
  {
    id: 'closed-area',
    area: 'protection',
    title: 'A part of this flash belongs to proprietary code or to another core of the chip: no bootloader changes it.',
    explanation:
      'PCROP keeps code from being read and changed; on STM32WB the flash from SFSA on belongs to the wireless core; on H7, secure areas belong to secure code. Bootloaders refuse such sectors, some with the status that stands for read protection, or ignore writes to them.',
    for: [sign('option-closed', 6)],
    against: [],
    remedies: () => [
      remedy('Look at these options.', 'show-option-bytes'),
      'Keep the firmware out of that part of the flash.',
      'On STM32WB a smaller wireless stack leaves more flash: its own update service (FUS) moves SFSA.',
    ],
    sources: [AN3156, RM0434],
  },
  {
    id: 'other-world',
    area: 'protection',
    title: 'These pages of the flash belong to the other world of TrustZone.',
    explanation:
      'With TrustZone on (TZEN), the option bytes SECWM say which pages are secure. Secure programs have their flash from 0x0C000000 on, and the others from 0x08000000 on. A program that is linked for one world and stands in pages of the other one does not run.',
    for: [sign('file-other-world', 8, { note: 'by another name', when: ({ world }) => world !== 'closed' })],
    against: [],
    remedies: () => [
      'Link the program for the addresses of its world, or for pages of its world: "info" lists them.',
      remedy('Or set the watermarks (SECWM1, SECWM2) so that its pages belong to its world.', 'set-option-bytes'),
      'Without TrustZone all flash has its plain addresses: TZEN goes back to 0 with a regression of the read protection from level 1 to 0, which erases everything.',
    ],
    sources: [RM0438, RM0481],
  },
  {
    id: 'secure-closed',
    area: 'protection',
    title: 'These pages are secure, and the secure world of this chip is closed to debuggers.',
    explanation:
      'At RDP level 0.5 (L5, U5), and in the product states from Provisioning to TZ-Closed (H5), a debugger reaches the non-secure world alone. It reads 0 from secure pages, and its writes there are ignored. Nothing was written.',
    for: [sign('file-other-world', 8, { note: 'closed', when: ({ world }) => world === 'closed' })],
    against: [],
    remedies: () => [
      remedy('Program the non-secure part alone.', 'choose-part'),
      'Update the secure part by its own secure bootloader (TF-M, SBSFU, OEMiROT), which checks what it takes.',
      'L5, U5: a regression opens the chip and erases everything. Set RDP to level 1, then to level 0; TZEN may go to 0 with the second step only.',
      'H5: a regression by debug authentication opens the product and erases everything. STM32CubeProgrammer does it with the key or password of the product (debugauth=1).',
    ],
    sources: [RM0438, RM0481, H5_STATES],
  },
  {
    id: 'debug-closed',
    area: 'protection',
    title: 'The chip closes its debug port: a product state, or read protection while secure code runs.',
    explanation:
      'The wires are good, and the chip tells its identity. An STM32H5 in the product state Closed or Locked has nothing but its debug unit for a debugger. An STM32L5 or U5 with TrustZone at RDP level 1 lets no debugger in while its secure code runs.',
    for: [sign('probe-debug-closed', 10)],
    against: [],
    remedies: () => [
      'H5, Closed: a regression by debug authentication opens the product and erases everything. STM32CubeProgrammer does it with the key or password of the product (debugauth=1; discovery with debugauth=2). Locked has no way back.',
      'L5, U5: start the ROM bootloader by BOOT0 (nSWBOOT0 = 1), connect while it runs, and remove the read protection, which erases everything; TZEN may go to 0 in the same step.',
      'Or update it by its own secure bootloader.',
    ],
    sources: [H5_STATES, L5_LOCKED, RM0438],
  },
  {
    id: 'marked-read-only',
    area: 'protection',
    title: "The device's own map marks this part of flash as read-only.",
    explanation:
      'A bootloader marks the sectors in which it lives as not erasable. Firmware for such a device is linked for the address after them.',
    for: [sign('marked-read-only', 5)],
    against: [sign('map-default', 3), sign('map-foreign', 1), sign('reads-same', 3)],
    remedies: (chip) => [
      'Build the firmware for the address after the bootloader, or leave this part out.',
      ...startBootloader(chip)
        .slice(0, 1)
        .map(({ text, ...more }) => ({ text: `To replace the bootloader itself: ${text}`, ...more })),
    ],
    sources: [AN3156],
  },
] as const satisfies readonly Cause[];
