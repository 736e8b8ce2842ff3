import { DFU_FILTERS, DFU_RUNTIME_FILTERS } from '@sureflash/programmer/dfu';
import { listWebUsb, type UsbCandidate } from '@sureflash/programmer/transports';
import { VirtualClock, VirtualWebUsb } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import { fakeIo } from '../testing/harness.ts';
import { foundUidText, readUids } from './by-uid.ts';
import { describeCandidate, type LocalDevices } from './find-local.ts';
import { chooseByUid, chooseDevice } from './local-usb.ts';
import { createBoard } from './virtual-board.ts';

function candidate(path: string, serial: string, filters = DFU_FILTERS): UsbCandidate {
  const device: Partial<UsbCandidate['device']> = {
    vendorId: 0x0483,
    productId: 0xdf11,
    productName: 'STM32  BOOTLOADER',
    serialNumber: serial,
  };
  // Choosing looks at identities only.
  return { device: device as UsbCandidate['device'], filter: filters[0] ?? {}, path };
}

function errorOf(work: () => unknown): CommandError {
  try {
    work();
  } catch (error) {
    if (error instanceof CommandError) return error;
  }
  throw new Error('expected a CommandError');
}

const A = candidate('1-1', '3061B4493536');
const B = candidate('1-4.2', '205C36875250');
const HEADSET = candidate('1-7', '0', DFU_RUNTIME_FILTERS);
const DENIED = {
  path: '2-1',
  ids: '0483:df11',
  node: '/dev/bus/usb/002/003',
  kind: 'DFU device',
  state: 'denied',
} as const;

describe('choosing a device', () => {
  it('takes the only programmable one, whatever else offers DFU', () => {
    expect(chooseDevice({ candidates: [HEADSET, A], hidden: [], unusable: [], silent: [] }, undefined)).toBe(A);
  });

  it.each(['1-4.2', '205c36875250', '205C36875250'])('takes the one that fits %s', (which) => {
    expect(chooseDevice({ candidates: [A, B], hidden: [], unusable: [], silent: [] }, which)).toBe(B);
  });

  it('touches nothing where several fit, lists them, and says how to choose', () => {
    for (const which of [undefined, '0483:DF11']) {
      const error = errorOf(() => chooseDevice({ candidates: [A, B], hidden: [], unusable: [], silent: [] }, which));
      expect(error).toMatchObject({ code: 'cli/several-devices', exitCode: EXIT.device });
      expect(error.message).toBe('2 programmable devices match; nothing was touched.');
      expect(error.remedy).toEqual([
        'Choose one:',
        `--usb 1-1    ${describeCandidate(A)}`,
        `--usb 1-4.2  ${describeCandidate(B)}`,
        'See which chip each of them is: sureflash list --uid',
      ]);
      expect(error.facts).toEqual({
        devices: [
          { path: '1-1', serial: '3061B4493536', option: '--usb 1-1' },
          { path: '1-4.2', serial: '205C36875250', option: '--usb 1-4.2' },
        ],
      });
    }
  });

  it('never takes a device that offers only a run-time interface', () => {
    const error = errorOf(() => chooseDevice({ candidates: [HEADSET], hidden: [], unusable: [], silent: [] }, '1-7'));
    expect(error).toMatchObject({ code: 'cli/no-device', exitCode: EXIT.device });
  });

  it('names what there is where nothing fits', () => {
    const error = errorOf(() => chooseDevice({ candidates: [A], hidden: [DENIED], unusable: [], silent: [] }, '1-9'));
    expect(error.message).toBe('No programmable device matches "1-9".');
    expect(error.remedy[0]).toBe(`Plugged in: ${describeCandidate(A)}`);
  });

  it('says of a CMSIS-DAP probe that speaks version 1 what it lacks', () => {
    const error = errorOf(() =>
      chooseDevice(
        { candidates: [], hidden: [], unusable: [{ ...A, filter: { classCode: 3 } }], silent: [] },
        undefined,
      ),
    );
    expect(error.remedy[0]).toMatch(
      /^Plugged in: 1-1 .* speaks CMSIS-DAP v1 \(HID\) alone, and v2 \(bulk\) is needed: give it newer/,
    );
  });

  it('gives a probe of another maker than ST a rule with its own ids', () => {
    const probe = { ...DENIED, ids: '2e8a:000c', kind: 'debug probe' } as const;
    const error = errorOf(() => chooseDevice({ candidates: [], hidden: [probe], unusable: [], silent: [] }, undefined));
    expect(error.message).toMatch(/^A debug probe is plugged in \(2-1, 2e8a:000c\), but this user may not open it/);
    expect(error.remedy.join('\n')).toContain('ATTR{idVendor}=="2e8a", ATTR{idProduct}=="000c"');
  });

  it.each([undefined, '2-1', '0483:DF11'])(
    'tells of a device that may not be opened, and the rule for it (%s)',
    (which) => {
      const error = errorOf(() => chooseDevice({ candidates: [], hidden: [DENIED], unusable: [], silent: [] }, which));
      expect(error).toMatchObject({ code: 'usb/access', exitCode: EXIT.access, facts: DENIED });
      expect(error.remedy.join('\n')).toMatch(/udev\/rules\.d.*ATTR\{idVendor\}=="0483"/);
    },
  );
});

describe('a device that the kernel has and libusb does not show', () => {
  it.each([
    ['absent', 'usb/hidden', /its node \S+ is not there/, /--device-cgroup-rule/],
    ['other', 'usb/hidden', /is not its node/, /old node/],
    ['refused', 'usb/hidden', /the kernel refuses/, /--device-cgroup-rule/],
    ['denied', 'usb/access', /this user may not open it/, /udev/],
    ['open', 'usb/hidden', /libusb does not list it/, /sureflash list/],
    ['in-use', 'usb/busy', /another program holds it/, /End the other program/],
  ] as const)('is never "nothing is plugged in": %s', (state, code, title, remedy) => {
    const error = errorOf(() =>
      chooseDevice(
        { candidates: [], hidden: [{ ...DENIED, state }], unusable: [], silent: [] },
        undefined,
        'container',
      ),
    );
    expect(error).toMatchObject({ code, exitCode: EXIT.access });
    expect(error.message).toMatch(title);
    expect(error.remedy.join('\n')).toMatch(remedy);
  });
});

describe('choosing a device by the unique id of its chip', () => {
  /** Boards on one bus; that at 1-1 may not be opened. */
  async function bus(...names: readonly string[]): Promise<LocalDevices> {
    const clock = new VirtualClock();
    const connectors = [];
    for (const name of names) connectors.push(await createBoard(fakeIo(), name, { clock }));
    const usb = new VirtualWebUsb({ connectors, clock, dialect: 'usb-3.1', denied: ['1-1'] });
    return { candidates: await listWebUsb(usb, DFU_FILTERS), hidden: [DENIED], unusable: [], silent: [], usb };
  }

  const BOARDS = ['stm32f105-rom', 'maple-bootloader', 'stm32f105-cubemx-stub', 'stm32f407-rom'] as const;

  it('passes over those that cannot be opened, are no DfuSe devices, or do not tell it', async () => {
    const devices = await bus(...BOARDS);
    const looked = await readUids(devices.candidates, { usb: devices.usb });
    expect(looked.map(foundUidText)).toEqual([
      'unique id not read (usb/access): this user may not open it',
      'unique id not read (device/not-programmable)',
      'unique id not given  application with the USB DFU class of STM32CubeMX, not the ROM bootloader',
      expect.stringMatching(/^uid:[0-9A-F]{24} {2}STM32F405.* in its ROM bootloader$/),
    ]);
    const uid = looked[3]?.uid ?? '';
    expect(await chooseByUid(devices, uid)).toBe(devices.candidates[3]);
  });

  it('says what there is where none has it', async () => {
    const wanted = '0'.repeat(24);
    const error = await chooseByUid(await bus(...BOARDS), wanted).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'cli/no-device',
      exitCode: EXIT.device,
      message: `No programmable device matches "uid:${wanted}".`,
      remedy: expect.arrayContaining([
        expect.stringMatching(/^Plugged in: .*unique id not read \(usb\/access\): this user may not open it$/),
        expect.stringMatching(/^Plugged in: .*uid:[0-9A-F]{24} {2}STM32F405/),
        'Plugged in: 2-1  0483:df11  may not be opened by this user',
      ]) as unknown,
    });
  });
});
