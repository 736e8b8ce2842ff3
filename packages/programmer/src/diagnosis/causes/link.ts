/** Causes that lie between the host and the chip, and in a loader that stops answering. */
import { type Cause, loaderIs, sign } from '../cause.ts';
import { ANOTHER_HUB, fixLoader, OTHER_CABLE, POWER_CYCLE, startBootloader } from '../remedies.ts';
import { remedy } from '../remedy.ts';
import { AN2606, AN3156, DFU_1_1, DFU_CLASS } from '../sources.ts';

/** States of DFU 1.1 that only a reset of the bus ends (§A.2.9); a platform may have none. */
const isForReset = (state: string): boolean =>
  ['dfuMANIFEST-WAIT-RESET', 'dfuMANIFEST', 'appIDLE', 'appDETACH'].includes(state);

export const LINK = [
  {
    id: 'reset-in-mid-run',
    area: 'link',
    title: 'The device left the bus in the middle of the run: it was reset, lost its supply or was unplugged.',
    explanation:
      'The reason may be a watchdog that keeps running while flash is erased, a supply that collapses, or a loose cable. Everything written until then stays, and the next run completes it.',
    for: [sign('left-bus', 5), sign('chip-reset', 5)],
    against: [],
    remedies: () => [
      remedy('Program again: sectors that are already right are kept.', 'program'),
      'If it stops at the same place, look for a watchdog: an IWDG that the option bytes or the application started keeps running in the loader.',
      OTHER_CABLE,
      'Measure the supply: a brown-out resets the chip.',
    ],
    sources: [AN2606],
  },
  {
    id: 'stuck-busy',
    area: 'link',
    title: 'The loader stays busy and never finishes.',
    explanation:
      "ST's class up to 2.11.1 stays in dfuDNBUSY when the erase or write callback fails; so does the ROM of the STM32H743 after erases in bank 2. An address that the loader refuses is the usual reason.",
    for: [sign('stuck-busy', 5)],
    against: [],
    remedies: (chip) => [
      POWER_CYCLE,
      'Check that the address may be written: a bootloader protects its own sectors, and old versions of the class cannot say so.',
      fixLoader("take version 2.11.2 or newer of ST's class, which reports a failed callback."),
      ...startBootloader(chip),
    ],
    sources: [
      DFU_CLASS,
      {
        title: 'betaflight-configurator #1861',
        url: 'https://github.com/betaflight/betaflight-configurator/issues/1861',
      },
    ],
  },
  {
    id: 'usb-link',
    area: 'link',
    title: 'The USB link is bad: transfers fail or are not answered.',
    explanation:
      'ROM bootloaders of F04x, F07x, F3 and L1 miss packets of some high-speed host controllers, which send them too close together (AN2606). Bad cables, hubs and ground loops lose packets too. STM32CubeProgrammer reports the loss as read protection.',
    for: [
      sign('transfer-failed', 4),
      sign('no-answer', 4),
      sign('host-enumeration-failed', 3),
      sign('request-refused', 1),
      sign('reads-unstable', 4, { note: 'once', when: ({ again }) => !again }),
    ],
    against: [sign('reads-same', 2)],
    remedies: () => [ANOTHER_HUB, OTHER_CABLE, POWER_CYCLE, 'Program again: what is already written is kept.'],
    sources: [AN2606],
  },
  {
    id: 'nonsense',
    area: 'link',
    title: 'The device answers, but not as DFU 1.1 requires: its replies do not match the requests.',
    explanation:
      'The device speaks another protocol behind the same descriptors, its loader has a fault, or the link mixes up packets.',
    for: [
      sign('wrong-answer', 4, { note: 'in no state that waits for a reset', when: ({ found }) => !isForReset(found) }),
      sign('short-read', 3),
      sign('request-refused', 2),
      sign('refused', 1),
    ],
    against: [sign('reads-same', 3)],
    remedies: (chip) => [
      POWER_CYCLE,
      remedy('Record a trace and open an issue with it.', 'record-trace'),
      ...startBootloader(chip),
    ],
    tellApart: { 'usb-link': OTHER_CABLE },
    sources: [DFU_1_1, AN3156],
  },
  {
    id: 'operation-lost',
    area: 'link',
    title: 'One operation went wrong: it was lost, damaged or put in another place. All others are right.',
    explanation:
      'USB repeats packets that arrive broken, so the damage happened elsewhere: in a hub or a bridge, or in the loader and its memory. The device acknowledged the operation nevertheless.',
    for: [
      sign('one-operation', 4),
      sign('unchanged', 1),
      sign('bits-stuck', 2, { note: 'in one byte', when: ({ bytes }) => bytes === 1 }),
      loaderIs(1, 'st-rom'),
    ],
    against: [
      sign('bits-stuck', 5, { note: 'in several bytes', when: ({ bytes }) => bytes > 1 }),
      sign('option-wrp', 5),
      sign('reads-unstable', 4),
      sign('reads-same', 5),
    ],
    remedies: () => [
      'Program again: what is already right is kept. If the same place fails again, the fault lies in that place.',
      OTHER_CABLE,
      ANOTHER_HUB,
    ],
    tellApart: {
      'write-protected': 'Program again: a protected sector fails again. The option bytes (WRP) tell it as well.',
      'erase-ignored': 'Program again: a loader that does not erase fails again.',
      'changes-ignored': 'Program again: a loader that changes nothing fails again.',
    },
    sources: [DFU_1_1, AN3156],
  },
  {
    id: 'operation-refused',
    area: 'link',
    title: 'The device refused the operation.',
    explanation:
      'errTARGET and errADDRESS mean that the address lies in none of its memories, or in one that it protects. errVENDOR from an application means that its callback failed. OK in dfuERROR means that its flash driver failed and gave no reason. A device can add a message in a string (iString).',
    for: [
      sign('refused', 3),
      sign('refused', 1, {
        note: 'errVENDOR or no reason, from an application',
        when: ({ status }) => status === 'errVENDOR' || status === 'OK',
      }),
    ],
    against: [sign('read-protected', 5), loaderIs(1, 'st-rom')],
    remedies: (chip) => [
      'Check that the address belongs to this chip, and that the loader lets it be written: a bootloader protects its own sectors.',
      fixLoader('look at what the erase and write functions return, and at the flags of the flash controller.'),
      POWER_CYCLE,
      ...startBootloader(chip),
    ],
    sources: [AN3156, DFU_1_1],
  },
  {
    id: 'address-refused',
    area: 'link',
    title: 'The bootloader does not know this address.',
    explanation:
      'A ROM answers errTARGET for an address outside its memories: the part has less flash, or the file is for another chip.',
    for: [
      sign('refused', 4, { note: 'errTARGET', when: ({ status }) => status === 'errTARGET' }),
      loaderIs(1, 'st-rom'),
    ],
    against: [],
    remedies: () => ['Check the chip, its flash size and the address of the file.'],
    sources: [AN3156],
  },
] as const satisfies readonly Cause[];
