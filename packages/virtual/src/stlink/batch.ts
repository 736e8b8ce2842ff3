/**
 * F2 51 and 52: a batch of word accesses in one command, from V2J32 and V3J2 on. The format is what OpenOCD sends: a code for
 * each item, padded to a word, then a word for each; back come a word and a status for each.
 */

import type { SwdLink } from './link.ts';
import { memoryStatus, STLINK_STATUS } from './status.ts';

const ITEM = { ADDRESS: 1, WRITE: 2, READ: 3, PORT: 5 } as const;

/** How long the data of a batch are. */
export function batchBytes(items: number): number {
  return ((items + 3) & ~3) + 4 * items;
}

/** Does the items in order. @returns the values, then the statuses, a word each */
export function runBatch(link: SwdLink, items: number, data: Uint8Array): Uint8Array {
  const given = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const answer = new Uint8Array(8 * items);
  const view = new DataView(answer.buffer);
  const first = (items + 3) & ~3;
  let port = 0;
  let address = 0;
  for (let item = 0; item < items; item += 1) {
    const value = given.getUint32(first + 4 * item, true);
    let status: number = STLINK_STATUS.OK;
    if (data[item] === ITEM.PORT) port = value;
    else if (data[item] === ITEM.ADDRESS) address = value;
    else if (data[item] === ITEM.WRITE) {
      const bytes = data.slice(first + 4 * item, first + 4 * item + 4);
      status = memoryStatus(link.write({ port, address, width: 4 }, bytes).ack);
    } else if (data[item] === ITEM.READ) {
      const { ack, bytes } = link.read({ port, address: value, width: 4 }, 4);
      answer.set(bytes, 4 * item);
      status = memoryStatus(ack);
    } else status = STLINK_STATUS.COMMAND_ERROR;
    view.setUint32(4 * (items + item), status, true);
  }
  return answer;
}
