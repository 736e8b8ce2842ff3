/** What a media file for ST's DFU class can be asked for. */
import type { PartitionOptions } from '../partition.ts';

/** `before-2.11.2`: class versions in which a failed callback changes no state; `since-2.11.2`: they report errVENDOR. */
export type ClassVersion = 'before-2.11.2' | 'since-2.11.2';

export interface DfuMediaOptions extends PartitionOptions {
  /** Default `since-2.11.2`. */
  readonly classVersion?: ClassVersion;
  /** Suffix of CubeMX's names; default `FS`. */
  readonly port?: 'FS' | 'HS';
  /** USBD_DFU_XFER_SIZE of the project; default 1024, as CubeMX sets it. */
  readonly transferSize?: number;
}
