import { describe, expect, it } from 'vitest';
import { touchesNothing } from './thumb.ts';

const code = (...words: number[]): Uint8Array => new Uint8Array(Uint16Array.from(words).buffer);

describe('code that touches nothing', () => {
  it('is "return 0" as compilers write it with optimisation', () => {
    expect(touchesNothing(code(0x2000, 0x4770))).toBe(true);
  });

  it('is "return 0" with a frame, as compilers write it without optimisation', () => {
    // push {r7}; sub sp, #12; add r7, sp, #0; str r0, [r7, #4]; movs r3, #0; mov r0, r3; adds r7, #12; mov sp, r7; ldr.w r7, [sp], #4; bx lr
    expect(
      touchesNothing(code(0xb480, 0xb083, 0xaf00, 0x6078, 0x2300, 0x4618, 0x370c, 0x46bd, 0xf85d, 0x7b04, 0x4770)),
    ).toBe(true);
  });

  it('is a switch whose cases all end the same', () => {
    // cmp r2, #0; beq +2; b.n +0; movs r0, #0; bx lr
    expect(touchesNothing(code(0x2a00, 0xd001, 0xe7ff, 0x2000, 0x4770))).toBe(true);
  });

  it.each([
    ['stores through a pointer', [0x6008, 0x4770]],
    ['stores through r7 without having made it its frame', [0x6078, 0x4770]],
    ['loads a literal, such as a register address', [0x4b01, 0x4770]],
    ['calls another function', [0xf000, 0xf801, 0x4770]],
    ['jumps through a register', [0x4718]],
    ['moves something into the program counter', [0x4687]],
    ['branches out of the function', [0xe010, 0x4770]],
    ['branches to before the function', [0x2000, 0xe7fb]],
    ['makes a supervisor call', [0xdf00, 0x4770]],
    ['uses a 32-bit store', [0xf8c1, 0x0000, 0x4770]],
    ['changes the processor state', [0xb672, 0x4770]],
  ])('is not code that %s', (_, words) => {
    expect(touchesNothing(code(...words))).toBe(false);
  });

  it('is not nothing at all, and not half an instruction', () => {
    expect(touchesNothing(new Uint8Array(0))).toBe(false);
    expect(touchesNothing(Uint8Array.of(0x70))).toBe(false);
  });
});
