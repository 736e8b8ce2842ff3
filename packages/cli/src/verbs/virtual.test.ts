import {
  cmsisDapScenarios,
  findScenario,
  probeScenarios,
  secureChipScenarios,
  troubledProbeScenarios,
} from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { fakeIo, sureflash } from '../testing/harness.ts';

describe('the list of virtual boards', () => {
  it('ends with the way to see the rest of them', async () => {
    const { code, out, err } = await sureflash('virtual');
    expect(code).toBe(0);
    expect(out).not.toContain('faulty-echo');
    expect(err).toMatch(/\n\d+ more: sureflash virtual --all\n$/);
  });

  it('has every board once with --all, one line each, in groups', async () => {
    const { code, out } = await sureflash('virtual --all');
    expect(code).toBe(0);
    const names = out.split('\n').flatMap((line) => /^ {2}(\S+) {2,}\S/.exec(line)?.[1] ?? []);
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining(['stm32f105-rom', 'maple-bootloader', 'faulty-echo']));
    const probed = [...probeScenarios, ...cmsisDapScenarios, ...troubledProbeScenarios, ...secureChipScenarios];
    const known = (name: string): boolean => probed.some((each) => each.name === name) || !!findScenario(name);
    expect(names.filter((name) => !known(name))).toEqual([]);
    expect(out).toMatch(/^The short list\n {2}stm32f105-rom +STM32F105 in its ROM bootloader\n/);
    expect(out).toMatch(/\n\nBootloaders with a defect\n {2}faulty-read-address-ignored +reads give /);
    expect(out).toMatch(/\n {2}stm32f429-rom-1-mb +STM32F427\/F429\/F437\/F439, 1 MB\n/);
  });

  it('fits a terminal of 80 columns', async () => {
    const { out } = await sureflash('virtual --all', fakeIo({ width: 80 }));
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('is one JSON object a board, with its group', async () => {
    const { json, result } = await sureflash('virtual --all --json');
    const boards = json.slice(0, -1);
    expect(result).toEqual({ type: 'result', schema: 1, ok: true, scenarios: boards.length });
    expect([...new Set(boards.map(({ group }) => group))]).toEqual([
      'short-list',
      'probe',
      'probe-trouble',
      'probe-secure',
      'reported-deviation',
      'stranger',
      'defect',
      'impostor',
      'rom',
    ]);
    expect(boards[0]).toMatchObject({ type: 'scenario', name: 'stm32f105-rom', group: 'short-list' });
  });

  it('does not go with a name', async () => {
    const { code, err } = await sureflash('virtual stm32f105-rom --all');
    expect(code).toBe(2);
    expect(err).toContain('--all lists the boards and takes no name. [cli/usage]');
  });
});
