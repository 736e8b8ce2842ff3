/** The ways from a debug probe into the ROM bootloader: an empty chip, and a program that jumps there. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseFirmware } from '@sureflash/image';
import { connect, type Device, eraseAll, leave, program, USB_FILTERS } from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import { ProbedBoard, type UsbConnector, VirtualClock, VirtualWebUsb } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { stlinkRig } from './probe-rig.ts';

const jumpFile = fileURLToPath(new URL('../../../examples/firmware/out/jump-v1.elf', import.meta.url));

async function connectTo(connector: UsbConnector, clock: VirtualClock): Promise<Device> {
  const usb = new VirtualWebUsb({ connectors: [connector], clock, dialect: 'usb-3.1' });
  const [found] = await listWebUsb(usb, USB_FILTERS);
  if (!found) throw new Error('nothing is plugged in');
  return await connect(await openWebUsb(found.device, USB_FILTERS, { clock, usb }), { clock });
}

describe('an empty chip', () => {
  it.each(['STM32G071', 'STM32G0B1'])(
    'an %s that was erased through a probe starts its ROM at power-on',
    async (chip) => {
      const rig = stlinkRig({ probe: 'v2-1', chip });
      rig.chip.load(0x0800_0000, Uint8Array.of(0, 4, 0, 0x20, 1, 1, 0, 8));
      rig.chip.powerOn();
      expect(rig.chip.landing).not.toBe('system memory');
      const device = await rig.connect();
      await eraseAll(device);
      await device.close();
      rig.chip.powerOn();
      rig.chip.run(1);
      expect(rig.chip.landing).toBe('system memory');
    },
  );
});

describe('the board with the generated DFU class and a probe', () => {
  it('takes the jump by the probe, comes up in its ROM, and is programmed by USB from then on', async () => {
    const clock = new VirtualClock();
    const { board, desk } = new ProbedBoard(clock);
    expect(board.program).toBe('application');
    const { image } = parseFirmware(new Uint8Array(await readFile(jumpFile)));
    const probed = await connectTo(desk.connector, clock);
    expect(board.device).toBeUndefined();
    await program(probed, image);
    await leave(probed);
    await probed.close();
    await clock.sleep(500);
    expect(board.program).toBe('rom');
    const rom = await connectTo(board, clock);
    expect(rom.about.kind).toBe('st-rom');
    expect(await program(rom, image)).toMatchObject({ outcome: 'unchanged' });
    await rom.close();
    board.setPins({ vbus: false });
    board.reset();
    await clock.sleep(500);
    expect([board.program, board.device]).toEqual(['application', undefined]);
  });

  it('shows its generated class again when the probe has only read it and let it go', async () => {
    const clock = new VirtualClock();
    const { board, desk } = new ProbedBoard(clock);
    const probed = await connectTo(desk.connector, clock);
    await probed.close();
    await clock.sleep(500);
    expect([board.program, board.device === undefined]).toEqual(['application', false]);
  });
});
