import { CAUSES } from '@sureflash/programmer/diagnosis';
import { describe, expect, it } from 'vitest';
import { sureflash } from '../testing/harness.ts';

describe('sureflash explain', () => {
  it('lists every cause without a code', async () => {
    const { code, out } = await sureflash('explain');
    expect(code).toBe(0);
    for (const { id } of CAUSES) expect(out).toMatch(new RegExp(`^  ${id} +\\S`, 'm'));
  });

  it.each(CAUSES.map(({ id }) => id))('shows for %s the signs for it and what to do', async (id) => {
    const { code, out } = await sureflash(`explain ${id}`);
    expect(code).toBe(0);
    expect(out).toMatch(/\nSigns for it .*\n {2}- \S/);
    expect(out).toMatch(/\nWhat to do\n {2}- \S/);
    expect(out).toMatch(/\nSources\n {2}- .*: https:/);
    expect(out).not.toMatch(/undefined|\[object/);
  });

  it('tells the steps for a chip that is named', async () => {
    const general = await sureflash('explain stub-media');
    const { out } = await sureflash('explain stub-media --chip STM32F105RB');
    expect(general.out).not.toContain('BOOT1');
    expect(out).toContain('BOOT1');
  });

  it('tells the exit code and the remedy of an error code', async () => {
    const { code, out } = await sureflash('explain device/read-protected');
    expect(code).toBe(0);
    expect(out).toMatch(/^Exit code {4}8: protected: read protection/);
    expect(out).toMatch(/What to do\n {2}- /);
  });

  it('gives signs, remedies and sources as data with --json', async () => {
    const { result } = await sureflash('explain stub-media --json');
    expect(result).toMatchObject({ type: 'result', ok: true, id: 'stub-media', area: 'media interface' });
    expect(result['for']).toContainEqual(expect.objectContaining({ kind: 'map-default', weight: 2 }));
  });
});
