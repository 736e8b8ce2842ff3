/** What a bootloader jump can be asked for. */
import type { Chip } from '@sureflash/chips';

/** `cmsis`: registers under their CMSIS names; `hal`: ST's HAL header, and its macros for clocks. */
export type JumpStyle = 'cmsis' | 'hal';

export interface BootloaderJumpOptions {
  readonly chip: Chip;
  /** `vbus:PA9`, `pin:PC13=low`, `magic`, `button-hold:PC13=low:1500ms` or `never`; see `parseTrigger`. */
  readonly when: string;
  /** Default `cmsis`. */
  readonly style?: JumpStyle;
  /**
   * Where the word that survives a reset is kept: 8-byte aligned (32 on a core with a data cache), in RAM, outside of what
   * the ROM uses. Default: 1 KB below the end of RAM, by the linker's symbol `_estack`, where no start-up code writes.
   */
  readonly magicAddress?: number;
}
