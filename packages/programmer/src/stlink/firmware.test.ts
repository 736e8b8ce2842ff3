import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../testing/scripted-port.ts';
import { assertUsable, firmwareOfVersion, firmwareOfVersionEx } from './firmware.ts';

describe('the version of an ST-LINK', () => {
  it.each([
    // Recorded answers: pyOCD 493 and 517; st-info on a Nucleo.
    ['270783044837', 'V2J28S7'],
    ['295b83044b37', 'V2J37M27'],
    ['244083044837', 'V2J17S0'],
  ])('of the answer %s is %s', (answer, text) => {
    expect(firmwareOfVersion(bytesOf(answer))?.text).toBe(text);
  });

  it('of a V3 is told by the longer command', () => {
    expect(firmwareOfVersion(bytesOf('300083044e37'))).toBeUndefined();
    expect(firmwareOfVersionEx(bytesOf('030007020000000083044e37'))).toMatchObject({ generation: 3, text: 'V3J7M2' });
    expect(firmwareOfVersionEx(bytesOf('030003000100000083044f37')).text).toBe('V3J3B1');
  });

  it('decides what can be asked of it', () => {
    const old = firmwareOfVersion(bytesOf('244083044837'));
    expect(old?.can).toMatchObject({ setSpeed: false, access16: false, openAp: false, tellFaultAddress: true });
    const current = firmwareOfVersion(bytesOf('295b83044b37'));
    expect(current?.can).toMatchObject({ setSpeed: true, access16: true, openAp: true, bytesAtOnce: 64 });
    expect(firmwareOfVersionEx(bytesOf('030007020000000083044e37')).can.bytesAtOnce).toBe(255);
  });

  it('is too old before the long form of the last status', () => {
    const J14 = firmwareOfVersion(bytesOf('238083044837'));
    expect(() => J14 && assertUsable(J14)).toThrow('"found":"V2J14S0","least":"V2J15"');
  });
});
