import { romRows, scenarioNameOf } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { type MatrixResult, runRow } from './matrix.ts';

const results = new Map<string, MatrixResult>();

describe('the ROM bootloaders of all STM32 with USB DFU', () => {
  it.each(romRows.map((row) => [scenarioNameOf(row), row] as const))(
    '%s is programmed, cut at random transfers, completed and left, and nothing else in it changes',
    async (name, row) => {
      const { result, problems } = await runRow(row);
      results.set(name, result);
      expect(problems).toEqual([]);
      expect(result.cuts).toBeGreaterThan(0);
    },
  );

  it('gave what docs/matrix.json says (else: npx vitest run conformance/src/matrix.test.ts -u)', async () => {
    const lines = [...results].map(([name, result]) => `  ${JSON.stringify(name)}: ${inOneLine(result)}`);
    await expect(`{\n${lines.join(',\n')}\n}\n`).toMatchFileSnapshot('../../docs/matrix.json');
  });
});

function inOneLine(result: MatrixResult): string {
  const fields = Object.entries(result).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{ ${fields.join(', ')} }`;
}
