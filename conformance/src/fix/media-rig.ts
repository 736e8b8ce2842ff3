/** A board whose program is ST's DFU class with a generated media file behind it, and a host that programs it. */
import type { MemoryImage } from '@sureflash/image';
import { connect, program, USB_FILTERS } from '@sureflash/programmer';
import { type ClassVersion, dfuMedia } from '@sureflash/programmer/fix';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  Board,
  Chip,
  CLASS_V2_5_3,
  CLASS_V2_11_4,
  classApplication,
  microcontrollerChips,
  romRows,
  VirtualClock,
  VirtualWebUsb,
} from '@sureflash/virtual';
import { type ArmMedia, armMedia, imageOf, MEDIA_MAIN } from './arm-media.ts';
import { chipOf, flagsOf } from './jump-rig.ts';
import { link, type Optimisation } from './toolchain.ts';

/** A chip by the names that the three packages have for it. */
export interface Subject {
  /** Id of the chip table's row. */
  readonly id: string;
  /** Row of the virtual ROMs, for the cells and memories of the board. */
  readonly row: string;
  /** Microcontroller down to its registers. */
  readonly model: string;
}

export const SUBJECTS: readonly Subject[] = [
  { id: 'stm32f105', row: 'STM32F105', model: 'STM32F105' },
  { id: 'stm32f405', row: 'STM32F407', model: 'STM32F407' },
  { id: 'stm32l476', row: 'STM32L476', model: 'STM32L476' },
  { id: 'stm32g431', row: 'STM32G431', model: 'STM32G431' },
  { id: 'stm32h743', row: 'STM32H743', model: 'STM32H743' },
];

export interface MediaBuild {
  readonly subject: Subject;
  readonly classVersion?: ClassVersion;
  readonly optimisation?: Optimisation;
  readonly change?: (source: string) => string;
}

export interface BuiltMedia {
  readonly elf: Uint8Array;
  readonly layout: string;
  readonly application: number;
}

const MEDIA_RAM = { start: 0x2000_0000, bytes: 0x4000 };

export function buildMedia({
  subject,
  classVersion = 'since-2.11.2',
  optimisation = '-Os',
  change,
}: MediaBuild): BuiltMedia {
  const chip = chipOf(subject.id);
  const made = dfuMedia({ chip, classVersion });
  const files = [...made.files, ...made.headers].map(({ name, text }) =>
    name.endsWith('.c') && change ? { name, text: change(text) } : { name, text },
  );
  const source = made.files[0]?.text ?? '';
  const application = Number.parseInt(/APPLICATION_START 0x([0-9A-F]+)u/.exec(source)?.[1] ?? '', 16);
  const flash = { start: 0x0800_0000, bytes: application - 0x0800_0000 };
  const all = [...files, { name: 'main.c', text: MEDIA_MAIN }];
  const elf = link({ flags: flagsOf(chip), optimisation, files: all, flash, ram: MEDIA_RAM });
  return { elf, layout: made.layout, application };
}

export interface MediaRigOptions {
  readonly subject: Subject;
  readonly built: BuiltMedia;
  readonly classVersion?: ClassVersion;
  /** What the flash holds beside the loader. */
  readonly held?: readonly { readonly address: number; readonly bytes: Uint8Array }[];
  readonly seed?: number;
}

export class MediaRig {
  readonly clock = new VirtualClock();
  readonly board: Board;
  readonly media: ArmMedia;
  #usb: VirtualWebUsb | undefined;

  constructor({ subject, built, classVersion = 'since-2.11.2', held = [], seed = 1 }: MediaRigOptions) {
    const row = romRows.find(({ name }) => name === subject.row);
    const facts = microcontrollerChips.get(subject.model);
    if (!row || !facts) throw new Error(`no model of ${subject.model}`);
    const chip = new Chip({ ...row.profile, cells: facts.cells }, { seed });
    for (const { address, bytes } of [...imageOf(built.elf), ...held]) chip.flash.load(address, bytes);
    const media = armMedia({ facts, flash: chip.flash, elf: built.elf, layout: built.layout });
    this.media = media;
    const application = classApplication({
      version: classVersion === 'since-2.11.2' ? CLASS_V2_11_4 : CLASS_V2_5_3,
      product: 'STM32 DownLoad Firmware Update',
      serial: '206130A74734',
      media,
    });
    this.board = new Board(this.clock, {
      chip,
      pins: { boot0: false, vbus: true, key: false },
      start(start) {
        media.powerOn();
        return application(start, 0x0800_0000);
      },
    });
  }

  get transfers(): number {
    return this.#usb?.stats.transfers ?? 0;
  }

  /** The plug is pulled: what the flash is doing is cut. */
  unplug(): void {
    this.media.cut(this.clock.now());
    this.board.unplug();
  }

  async program(image: MemoryImage, beforeTransfer?: (index: number) => void): Promise<void> {
    this.#usb?.dispose();
    const usb = new VirtualWebUsb({
      connectors: [this.board],
      clock: this.clock,
      dialect: 'usb-2.18',
      deviceTimeout: 120_000,
      ...(beforeTransfer && { beforeTransfer }),
    });
    this.#usb = usb;
    const [candidate] = await listWebUsb(usb, USB_FILTERS);
    if (!candidate) throw new Error('no device on the virtual bus');
    const port = await openWebUsb(candidate.device, USB_FILTERS, { clock: this.clock, usb });
    const device = await connect(port, { clock: this.clock });
    try {
      // Reading what a sector of 128 KB holds beside the image would be most of the run.
      await program(device, image, { keepBeside: false });
    } finally {
      await device.close();
    }
  }

  holds(image: MemoryImage): boolean {
    this.media.settle();
    return image.segments.every(({ address, bytes }) => {
      const found = this.board.flash.peek(address, bytes.length);
      return bytes.every((byte, i) => byte === found[i]);
    });
  }
}
