import { DFU_FILTERS, DFU_RUNTIME_FILTERS } from '@sureflash/programmer/dfu';
import type { UsbCandidate } from '@sureflash/programmer/transports';
import { describe, expect, it } from 'vitest';
import { chooseRunning } from './detached.ts';

function running(path: string, classes: readonly number[], filters = DFU_RUNTIME_FILTERS): UsbCandidate {
  const alternates = [...classes, 0xfe].map((interfaceClass) => ({ interfaceClass }));
  const device = {
    vendorId: 0x1209,
    productId: 0x0002,
    serialNumber: path,
    configurations: [{ interfaces: [{ interfaceNumber: 0, alternates }] }],
  };
  // Choosing looks at identities and at the classes of interfaces only.
  return { device: device as unknown as UsbCandidate['device'], filter: filters[0] ?? {}, path };
}

const BOARD = running('1-1', [0x02, 0x0a]);
const OTHER = running('1-2', [0xff]);
const BLUETOOTH = running('1-3', [0xe0]);
const CAMERA = running('1-4', [0x0e]);
const LOADER = running('1-5', [], DFU_FILTERS);

describe('the running device that is sent to its bootloader', () => {
  it('is the only one that may be a board: not a Bluetooth adapter, not a camera, not a bootloader', () => {
    expect(chooseRunning([BLUETOOTH, CAMERA, LOADER, BOARD], undefined)).toBe(BOARD);
    expect(chooseRunning([BLUETOOTH, CAMERA, LOADER], undefined)).toBeUndefined();
  });

  it('is the one that is named, by its place, its serial number or its ids', () => {
    expect(chooseRunning([BOARD, OTHER], '1-2')).toBe(OTHER);
    expect(chooseRunning([BLUETOOTH], '1-3')).toBe(BLUETOOTH);
    expect(chooseRunning([BOARD], '1209:0002')).toBe(BOARD);
    expect(chooseRunning([BOARD], '0483:df11')).toBeUndefined();
  });

  it('is none where several fit', () => {
    expect(() => chooseRunning([BOARD, OTHER], undefined)).toThrow('2 running devices');
    expect(() => chooseRunning([BOARD, OTHER], '1209:0002')).toThrow('nothing was touched');
  });
});
