import { describe, expect, it } from 'vitest';
import { fakeIo, sureflash } from '../testing/harness.ts';

const IMAGE = Uint8Array.from({ length: 3_000 }, (_, i) => (i * 7) & 0xff);
const firmware = () => fakeIo({ files: [['app.bin', IMAGE]] });

describe('a device that gives nothing back', () => {
  const PROGRAM = 'program app.bin --at 0x08002000 --force --virtual dfu-demo-no-upload --instant';

  it('is not programmed unasked, and the way to do so is told', async () => {
    const { code, err } = await sureflash(PROGRAM, firmware());
    expect(code).toBe(6);
    expect(err).toContain('--unproven');
    expect(err).toContain('Nothing was changed');
  });

  it('is programmed on request with an exit code of its own, and never called verified', async () => {
    const { code, out, err } = await sureflash(`${PROGRAM} --unproven`, firmware());
    expect(code).toBe(9);
    expect(out).toMatch(/^Unproven +3 sectors erased, .* nobody has seen that it holds them/m);
    expect(err).toContain('nothing will be proven');
    expect(`${out}${err}`).not.toMatch(/Verified|Proven /);
  });

  it('is not said to be right in JSON either', async () => {
    const { result } = await sureflash(`${PROGRAM} --unproven --json`, firmware());
    expect(result).toMatchObject({ ok: false, outcome: 'unproven', verifiedBytes: 0 });
  });
});

describe('a device that ignores addresses', () => {
  it('is read with the doubt behind it, and the way to know more', async () => {
    const { code, err } = await sureflash(
      'read 0x08000000+4K dump.bin --virtual stm32f105-cubemx-stub --instant',
      fakeIo(),
    );
    expect(code).toBe(0);
    expect(err).toMatch(/what this device gives is not the content of its memory/);
    expect(err).toContain('sureflash doctor');
  });
});

it('program --leave claims no start by a loader that may start what it likes', async () => {
  const line = `program app.bin --at 0x08002000 --force --leave --virtual guarded-loader --instant`;
  const { code, out } = await sureflash(line, firmware());
  expect(code).toBe(0);
  expect(out).toContain('Left         the loader was told to start the program at 0x08002000');
});
