/** The debug ports of the models say the ids that OpenOCD's scripts for the chips expect: it leaves a chip with another one alone. */
import { existsSync, readFileSync } from 'node:fs';
import { createVirtualStLink, microcontrollerChips, troubledProbeScenarios, VirtualClock } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';

const SCRIPTS = '/usr/share/openocd/scripts/target';
/** Beginnings of names, and the script. */
const SCRIPT_OF = [
  [/^STM32F0/, 'stm32f0x'],
  [/^STM32F1/, 'stm32f1x'],
  [/^STM32F2/, 'stm32f2x'],
  [/^STM32F3/, 'stm32f3x'],
  [/^STM32F4/, 'stm32f4x'],
  [/^STM32F7/, 'stm32f7x'],
  [/^STM32G0/, 'stm32g0x'],
  [/^STM32G4/, 'stm32g4x'],
  [/^STM32H7\d/, 'stm32h7x'],
  [/^STM32L0/, 'stm32l0'],
  [/^STM32L1/, 'stm32l1'],
  [/^STM32L4/, 'stm32l4x'],
  [/^STM32WB[135]/, 'stm32wbx'],
  [/^STM32WL/, 'stm32wlx'],
] as const;

const scriptOf = (chip: string): string | undefined => SCRIPT_OF.find(([names]) => names.test(chip))?.[1];
const CHIPS = [...microcontrollerChips.keys()].filter((chip) => scriptOf(chip) !== undefined);

/** The ids in a script: that of JTAG and that of SWD, whose last digits are those of Arm. */
function idsIn(script: string): number[] {
  const text = readFileSync(`${SCRIPTS}/${script}.cfg`, 'utf8');
  return [...text.matchAll(/set _CPUTAPID (0x[0-9a-f]+477)\b/gi)].map(([, id]) => Number(id));
}

describe.skipIf(!existsSync(SCRIPTS))('the id of a debug port', () => {
  it.each(CHIPS)('of an %s is one that its script expects', (chip) => {
    const { target } = createVirtualStLink({ probe: 'v2-1', chip });
    target.writeDp(4, 0x5000_0000);
    expect(idsIn(scriptOf(chip) ?? '')).toContain(target.readDp(0).value);
  });

  it('of the WB55 among the boards with trouble is one, too', () => {
    const scenario = troubledProbeScenarios.find(({ name }) => name.startsWith('stm32wb55'));
    const value = scenario?.plugIn(new VirtualClock()).desk.target.readDp(0).value;
    expect(idsIn('stm32wbx')).toContain(value);
  });
});
