/** Quirks of ST's own ROM bootloaders. */
import type { Chip, Range } from '@sureflash/chips';
import { isOptionBytes, layoutOf } from '../memory/geometry.ts';
import type { DeviceTraits, Quirk } from './quirk.ts';

/** Whether a ROM bootloader answers that may be one of these chips; a ROM rarely tells which chip it is in. */
function mayBe({ identification }: DeviceTraits, wanted: (chip: Chip) => boolean): boolean {
  return identification.kind === 'st-rom' && identification.chips.some(wanted);
}

/** Whether a ROM announces an option block of one certain chip, and a map that is not that chip's. */
function contradictsItself(
  { identification, alternates }: DeviceTraits,
  { chipId, address, bytes }: { chipId: string; address: number; bytes: number },
): boolean {
  if (identification.kind !== 'st-rom' || identification.chips.some(({ id }) => id === chipId)) return false;
  return alternates
    .filter(isOptionBytes)
    .flatMap((alternate) => layoutOf(alternate)?.sectors ?? [])
    .some(({ start, end }) => start === address && end - start === bytes);
}

/** FLASH_OPTSR_CUR of every STM32H7 (RM0433, RM0455, RM0468). Their ROMs differ in how much they announce from there on. */
const H7_OPTIONS = 0x5200_201c;

/** What STM32CubeProgrammer reads of an STM32G0B0: OPTR and the areas, and SECR (RM0444 §3.4). */
const G0B_OPTIONS: readonly Range[] = [
  { start: 0x1fff_7800, end: 0x1fff_7844 },
  { start: 0x1fff_7870, end: 0x1fff_7874 },
];

/** Whether the same memory stands in every alternate setting. */
function namesOneMemory({ alternates }: DeviceTraits): boolean {
  const [first, ...others] = alternates.map(({ name }) => name);
  return others.length > 0 && others.every((name) => name === first);
}

export const ST_ROM_QUIRKS: readonly Quirk[] = [
  {
    id: 'l4-stalls-early-poll',
    device: 'STM32L4 ROM bootloaders, and ROM bootloaders of chips that we do not know',
    matches: (device) =>
      mayBe(device, ({ family }) => family.startsWith('L4')) ||
      (device.identification.kind === 'st-rom' && device.identification.chips.length === 0),
    deviation: 'bwPollTimeout is too short, and a GETSTATUS that comes early is stalled',
    remedy:
      'on a stall wait the last advertised time and ask again, after ever longer pauses, up to the limit of the operation',
    effects: { stallsEarlyPoll: true },
    source: 'dfu-util 0.10 ChangeLog',
    scenario: 'stm32l476-rom-early-stall',
  },
  {
    id: 'h743-stays-busy-after-erase',
    device: 'STM32H742/743/750/753 ROM bootloader V9.1',
    matches: (device) => mayBe(device, ({ id }) => id === 'stm32h743'),
    deviation: 'an erase in bank 2 stays in dfuDNBUSY for ever although it is done',
    remedy: 'after the usual erase time send CLRSTATUS twice, then read the sector until it is erased',
    effects: { staysBusyAfterErase: true },
    source: 'AN2606 §"STM32H74xxx bootloader", V9.1 limitations; betaflight-configurator#1861, #5348',
    scenario: 'stm32h743-rom',
  },
  {
    id: 'u5-silent-when-protected',
    device: 'STM32U5 ROM bootloaders at RDP level 1',
    matches: (device) => mayBe(device, ({ family }) => family === 'U5'),
    deviation: 'every erase and write is acknowledged, GETSTATUS says OK, and nothing is done',
    remedy: 'read the RDP byte, which stays readable, before the first erase or write, and stop there',
    effects: { silentWhenProtected: true },
    source: 'inertial-sense-sdk#1186',
    scenario: 'stm32u585-rom-rdp1',
  },
  {
    id: 'g431-blocks-of-1024',
    device: 'STM32G431/441 ROM bootloader V13.4',
    matches: (device) => mayBe(device, ({ id }) => id === 'stm32g431'),
    deviation: 'a block of 2048 bytes ends in dfuERROR, errSTALLEDPKT',
    remedy: 'send at most 1024 bytes, whatever wTransferSize says',
    effects: { mostBlockBytes: 1024 },
    source: 'siliconwitchery/web-stm32-updater#3',
    scenario: 'stm32g431-rom-2048',
  },
  {
    id: 'g0b-hides-option-bytes',
    device: 'STM32G0B0/G0B1/G0C1 ROM bootloaders',
    matches: (device) => mayBe(device, ({ id }) => id.startsWith('stm32g0b')) && namesOneMemory(device),
    deviation: 'all alternate settings name the flash, but the option bytes are given back at their addresses',
    remedy: 'read them there; they are not written, because the ROM was seen to refuse SEC_SIZE',
    effects: { hiddenOptions: G0B_OPTIONS },
    source: 'qa-community.st.com 13798 (what was read); community.st.com td-p/839156 (the settings, and the refusal)',
    scenario: 'stm32g0b1-rom',
  },
  {
    id: 'h7a3-wrong-map',
    device: 'STM32H7A3/7B0/7B3 ROM bootloader V9.0',
    matches: (device) => contradictsItself(device, { chipId: 'stm32h7a3', address: H7_OPTIONS, bytes: 297 }),
    deviation: 'announces 256 sectors of 2 KB, where there are 256 of 8 KB',
    remedy: 'the option bytes are those of no other chip: take the sectors from the chip table',
    effects: { chipId: 'stm32h7a3' },
    source: 'AN2606 §"STM32H7A3xx/7B3xx bootloader", V9.0 limitations; ModRetro log for the length of its option bytes',
    scenario: 'stm32h7a3-rom-v9.0',
  },
  {
    id: 'h723-wrong-map',
    device: 'STM32H723/725/730/733/735 ROM bootloader V9.1',
    matches: (device) => contradictsItself(device, { chipId: 'stm32h723', address: H7_OPTIONS, bytes: 88 }),
    deviation: 'announces a wrong flash size',
    remedy: 'the option bytes are those of no other chip: take the sectors from the chip table',
    effects: { chipId: 'stm32h723' },
    source:
      'AN2606 §"STM32H72xxx/73xxx bootloader", V9.1 limitations; capture of an H723 for the length of its option bytes',
    scenario: 'stm32h723-rom-v9.1',
  },
];
