/** Every kind of `Target` through one suite. */
import { MemoryTarget, regionOf } from '../../packages/programmer/testing/memory-target.ts';
import { describeTarget, type TargetSubject } from '../../packages/programmer/testing/target-suite.ts';
import { modelProbe, targetBehind } from './probe/model-probe.ts';
import { type DapRig, dapRig, type StlinkRig, stlinkRig } from './probe/probe-rig.ts';
import { Rig } from './rig.ts';

const FLASH = 0x0800_0000;

async function onBoard(scenario: string): Promise<TargetSubject> {
  const rig = new Rig(scenario);
  const { target } = await rig.connect();
  return {
    target,
    peek: ({ start, end }) => rig.board.flash.peek(start, end - start),
    load: (address, bytes) => rig.board.flash.load(address, bytes),
    transfers: () => rig.stats.transfers,
  };
}

function inMemory(...cells: Parameters<typeof regionOf>): TargetSubject {
  const target = new MemoryTarget([regionOf(...cells)]);
  return {
    target,
    peek: (range) => target.peek(range),
    load: (address, bytes) => target.poke(address, bytes),
    transfers: () => target.transfers,
  };
}

describeTarget('memory of plain cells', async () => inMemory({ start: FLASH, sizes: [4096, 8192, 4096, 4096] }));
describeTarget('memory of ECC cells', async () =>
  inMemory({ start: FLASH, sizes: [4096, 4096, 4096, 4096], writeSize: 8, cells: 'ecc' }),
);

// One of each kind: small pages, large sectors, ECC double words, ECC flash words behind a quirk, cells that erase to 0.
for (const scenario of ['stm32f105-rom', 'stm32f407-rom', 'stm32l476-rom', 'stm32h743-rom', 'stm32l072-rom']) {
  describeTarget(scenario, async () => await onBoard(scenario));
}
describeTarget("ST's DFU class in an application", async () => await onBoard('stm32f105-custom'), {
  canEraseAll: false,
});

// One of each kind of flash controller: our loader runs on the model of the core.
for (const name of ['STM32F105', 'STM32L152', 'STM32L476', 'STM32H563']) {
  describeTarget(`${name} behind a debug probe`, async () => {
    const model = modelProbe(name);
    return {
      target: await targetBehind(model),
      peek: ({ start, end }) => model.chip.flash.peek(start, end - start),
      load: (address, bytes) => model.chip.load(address, bytes),
      transfers: model.accesses,
    };
  });
}

// The same through the whole wire: USB, the commands of a probe, the chip's debug port.
const PROBED: readonly (readonly [probe: string, chip: string, rigOf: (chip: string) => StlinkRig | DapRig])[] = [
  ['an ST-LINK v2-1', 'STM32F103', (chip) => stlinkRig({ probe: 'v2-1', chip })],
  ['an ST-LINK v2-1', 'STM32L476', (chip) => stlinkRig({ probe: 'v2-1', chip })],
  ['an ST-LINK v3e', 'STM32F407', (chip) => stlinkRig({ probe: 'v3e', chip })],
  ['a CMSIS-DAP debugprobe', 'STM32F103', (chip) => dapRig({ probe: 'debugprobe', chip })],
  ['a CMSIS-DAP mcu-link', 'STM32L476', (chip) => dapRig({ probe: 'mcu-link', chip })],
  ['a CMSIS-DAP mcu-link', 'STM32H563', (chip) => dapRig({ probe: 'mcu-link', chip })],
];

for (const [probe, chip, rigOf] of PROBED) {
  describeTarget(`${chip} behind ${probe}`, async () => {
    const rig = rigOf(chip);
    const { target } = await rig.connect();
    return {
      target,
      peek: ({ start, end }) => rig.chip.flash.peek(start, end - start),
      load: (address, bytes) => rig.chip.load(address, bytes),
      transfers: () => rig.transfers,
    };
  });
}
