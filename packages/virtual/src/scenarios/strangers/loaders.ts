/** Loaders that people have written without ST's class, each as its sources or its owners describe it. */
import { honestFlash, type LoaderManners } from '../../applications/loader-manners.ts';
import type { ChipProfile } from '../../chip/chip-profile.ts';
import { DfuState, DfuStatus } from '../../usb/dfu-words.ts';
import type { Scenario } from '../scenario.ts';
import { CHIP_F103, CHIP_F407, loaderBoard } from './make-loader.ts';

const LOADER_FLASH = 0x0800_0000;
const KB = 1024;
const F103_LAYOUT = '@Internal Flash   /0x08000000/8*001Ka,120*001Kg';
const BEHIND_8K = LOADER_FLASH + 8 * KB;
const ST_IDS = { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x0200 } as const;
const OWN_IDS = { vendorId: 0x1209, productId: 0x0001, bcdDevice: 0x0100 } as const;
const DFU_DEMO = { manufacturer: 'Black Sphere Technologies', product: 'DFU Demo', serial: 'DEMO' } as const;

/** What most of them have in common. */
const NO_LAYOUT: LoaderManners = {
  ids: OWN_IDS,
  strings: { manufacturer: 'Example', product: 'Board loader', serial: '0001' },
  attributes: 0x0b,
  announcesBlocks: KB,
  takesBlocks: KB,
  operatesAt: 'status',
  firstPointer: BEHIND_8K,
  commands: 'stalled',
  ...honestFlash(BEHIND_8K),
};

export const PLAIN_LOADER: LoaderManners = { ...NO_LAYOUT, layout: F103_LAYOUT };

const BLACK_MAGIC_NATIVE: LoaderManners = {
  ...PLAIN_LOADER,
  ids: { vendorId: 0x1d50, productId: 0x6017, bcdDevice: 0x0110 },
  strings: { manufacturer: 'Black Magic Debug', product: 'Black Magic Firmware Upgrade', serial: 'DDB5A7DF' },
  pollMs: 27,
  commands: 'old buffer',
  takesPointer: (address) => (address < BEHIND_8K ? { status: DfuStatus.ERR_TARGET } : undefined),
};

/** The same for somebody's own board: nothing in its descriptors is known. */
const GUARDED: LoaderManners = { ...BLACK_MAGIC_NATIVE, ids: OWN_IDS, strings: PLAIN_LOADER.strings };

const NO_UPLOAD: LoaderManners = {
  ...PLAIN_LOADER,
  ids: ST_IDS,
  strings: DFU_DEMO,
  layout: '@Internal Flash   /0x08000000/8*001Ka,56*001Kg',
  attributes: 0x09,
  pollMs: 100,
  read: () => 'stalled',
};

const MBOOT_STRINGS = { manufacturer: 'MicroPython', product: 'Pyboard DFU', serial: '205F328B4B4D' } as const;
const TEXT = { address: 0x11, guard: 0x10, packed: 0x13 } as const;
const MBOOT_END = LOADER_FLASH + 32 * KB;

const MBOOT: LoaderManners = {
  ...PLAIN_LOADER,
  ids: { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x0300 },
  strings: MBOOT_STRINGS,
  layout: '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg',
  texts: {
    [TEXT.guard]: "Can't overwrite mboot",
    [TEXT.address]: 'Address out of range',
    [TEXT.packed]: 'Read support disabled on encrypted bootloader',
  },
  announcesBlocks: 2 * KB,
  takesBlocks: 2 * KB,
  firstPointer: LOADER_FLASH,
  commands: 'silent',
  ...mbootFlash(),
};

function mbootFlash(): Pick<LoaderManners, 'erase' | 'write' | 'read'> {
  const { erase, write, read } = honestFlash();
  const refusal = (address: number, isThere: boolean) =>
    isThere
      ? address < MBOOT_END && { status: DfuStatus.ERR_ADDRESS, text: TEXT.guard }
      : { status: DfuStatus.ERR_ADDRESS, text: TEXT.address };
  return {
    read,
    erase: (bench, address) => refusal(address, bench.flash.contains(address)) || erase(bench, address),
    write: (bench, address, bytes) =>
      refusal(address, bench.flash.contains(address, bytes.length)) || write(bench, address, bytes),
  };
}

/** Built for encrypted images: it takes its own containers alone, and gives nothing back. */
const MBOOT_PACKED: LoaderManners = {
  ...MBOOT,
  erase: ({ now }) => now,
  write: () => ({ status: DfuStatus.ERR_FILE }),
  read: () => ({ status: DfuStatus.ERR_FILE, text: TEXT.packed }),
};

/** The flash driver fails, and the loader enters dfuERROR without a status. */
const SAYS_NOTHING: LoaderManners = {
  ...PLAIN_LOADER,
  strings: { ...PLAIN_LOADER.strings, product: 'Loader without words' },
  erase: () => ({ status: DfuStatus.OK }),
  write: () => ({ status: DfuStatus.OK }),
};

/** A part of its flash is not given back: its status says so behind each such block. */
const HIDES_A_PART: LoaderManners = {
  ...PLAIN_LOADER,
  strings: { ...PLAIN_LOADER.strings, product: 'Loader with a secret' },
  texts: { 5: 'Keys are not read' },
  read: (chip, address, length) =>
    address >= LOADER_FLASH + 64 * KB && address < LOADER_FLASH + 66 * KB
      ? { status: DfuStatus.ERR_ADDRESS, text: 5 }
      : (chip.read(address, length) ?? 'stalled'),
};

const MUTE_STRINGS = { manufacturer: 'STMicroelectronics', product: 'DFU in HS Mode', serial: '200364500000' } as const;

/** Behind a class that answers nothing but CLRSTATUS in dfuERROR; flash is worked on in the DNLOAD itself. */
const MUTE: LoaderManners = {
  ...PLAIN_LOADER,
  ids: ST_IDS,
  strings: MUTE_STRINGS,
  layout: '@Internal Flash   /0x08000000/04*016Kg,01*064Kg,07*128Kg',
  announcesBlocks: 2 * KB,
  takesBlocks: 2 * KB,
  operatesAt: 'download',
  muteInError: true,
  firstPointer: LOADER_FLASH,
  commands: 'old buffer',
  takesPointer: (address) =>
    address < LOADER_FLASH || address >= LOADER_FLASH + KB * KB ? { status: DfuStatus.ERR_ADDRESS } : undefined,
  ...honestFlash(),
};

interface Stranger extends Pick<Scenario, 'name' | 'title' | 'description' | 'source'> {
  readonly manners: LoaderManners;
  readonly chip?: ChipProfile;
}

const STRANGERS: readonly Stranger[] = [
  {
    name: 'black-magic-native',
    title: 'Black Magic Probe in its own bootloader',
    description: 'It refuses every address below its application, at 8 KB; Get Commands gives 64 old bytes.',
    source: 'blackmagic src/platforms/native and its usbdfu of libopencm3, run behind USB/IP',
    manners: BLACK_MAGIC_NATIVE,
  },
  {
    name: 'guarded-loader',
    title: 'A loader that guards itself',
    description: 'As the bootloader of the Black Magic Probe, with ids and strings that nobody knows.',
    source: 'made up after blackmagic',
    manners: GUARDED,
  },
  {
    name: 'loader-named-otherwise',
    title: 'A loader whose memory has no English name',
    description: 'Its map calls the flash "Interner Speicher"; all else is as usual.',
    source: 'made up; UM0424 §10.3.2 leaves the name to the author',
    manners: { ...GUARDED, layout: F103_LAYOUT.replace('Internal Flash', 'Interner Speicher') },
  },
  {
    name: 'dfu-demo-no-upload',
    title: "libopencm3's DfuSe example",
    description: 'Downloads and no uploads: bitCanUpload is 0, and every UPLOAD is stalled.',
    source: 'libopencm3-examples usb_dfu and #233, run behind USB/IP',
    manners: NO_UPLOAD,
  },
  {
    name: 'micropython-mboot',
    title: "MicroPython's mboot on an F4",
    description: 'Get Commands is never answered; refusals have words of their own; its first 32 KB are itself.',
    source: 'micropython ports/stm32/mboot, run behind USB/IP',
    manners: MBOOT,
    chip: CHIP_F407,
  },
  {
    name: 'micropython-mboot-packed',
    title: "MicroPython's mboot, built for encrypted images",
    description: 'Every read gives old bytes, and the status behind it says that reading is disabled.',
    source: 'micropython ports/stm32/mboot with MBOOT_ENABLE_PACKING, run behind USB/IP',
    manners: MBOOT_PACKED,
    chip: CHIP_F407,
  },
  {
    name: 'loader-without-words',
    title: 'A loader whose flash driver fails and that does not say so',
    description: 'Erase and write end in dfuERROR with the status OK.',
    source: 'micropython ports/stm32/mboot, with a flash driver that fails',
    manners: SAYS_NOTHING,
  },
  {
    name: 'loader-hides-a-part',
    title: 'A loader that does not give back 2 KB of its flash',
    description: 'Old bytes go out there, and the status behind each such block is errADDRESS.',
    source: "made up after micropython's mboot",
    manners: HIDES_A_PART,
  },
  {
    name: 'loader-mute-in-error',
    title: 'A loader that answers nothing but CLRSTATUS in dfuERROR',
    description: 'Refused operations stall the DNLOAD; its product string is that of a ROM.',
    source: 'USBX ux_device_class_dfu as it comes, with stm32-mw-openbl, run behind USB/IP',
    manners: MUTE,
    chip: CHIP_F407,
  },
  {
    name: 'loader-refuses-set-interface',
    title: 'A loader that stalls SET_INTERFACE',
    description: 'It has one alternate setting, and stalls the request for it (USB 2.0 §9.4.10 allows that).',
    source: 'libusb #838',
    manners: { ...PLAIN_LOADER, setInterface: 'stalled' },
  },
  {
    name: 'loader-ignores-set-interface',
    title: 'A loader that never answers SET_INTERFACE',
    description: 'It has one alternate setting, and the request for it stays without an answer.',
    source: 'made up after libusb #838',
    manners: { ...PLAIN_LOADER, setInterface: 'silent' },
  },
  {
    name: 'loader-needs-set-interface',
    title: 'A loader that wants SET_INTERFACE first',
    description: 'Before it every DFU request is stalled, although there is one alternate setting only.',
    source: 'webdfu #14, saturn-v #7',
    manners: { ...PLAIN_LOADER, needsSetInterface: true },
  },
  {
    name: 'loader-waits-for-reset',
    title: 'A loader that waits for a bus reset',
    description: 'An earlier download has left it in dfuMANIFEST-WAIT-RESET (DFU 1.1 §A.2.9).',
    source: 'STM32duino-bootloader #22, Arduino_STM32 #377',
    manners: { ...PLAIN_LOADER, startsIn: DfuState.MANIFEST_WAIT_RESET },
  },
  {
    name: 'loader-beside-hid',
    title: 'A loader beside a HID interface',
    description: "HID's descriptor has the type of DFU's and stands before it.",
    source: 'betaflight-configurator #5300 and #4990 (reviews), HID 1.11 §7.1',
    manners: { ...PLAIN_LOADER, beside: 'hid', interfaceNumber: 1 },
  },
  {
    name: 'loader-takes-less',
    title: 'A loader that announces larger blocks than it takes',
    description: 'It says 4096 bytes and stalls every DNLOAD above 1024.',
    source: 'made up after betaflight-configurator #5300 and #4990',
    manners: { ...PLAIN_LOADER, announcesBlocks: 4 * KB },
  },
  {
    name: 'loader-without-map',
    title: 'A loader whose map cannot be read',
    description: "The interface's string is stalled.",
    source: 'nanoFirmwareFlasher #363 (review)',
    manners: NO_LAYOUT,
  },
  {
    name: 'loader-plain-name',
    title: 'A loader whose interface has a name and no map',
    description: 'The string says what the interface is for.',
    source: 'nanoFirmwareFlasher #363 (review)',
    manners: { ...PLAIN_LOADER, layout: 'Application flash' },
  },
];

export const loaderScenarios: readonly Scenario[] = STRANGERS.map(({ manners, chip = CHIP_F103, ...told }) => ({
  ...told,
  create: loaderBoard(manners, chip),
}));
