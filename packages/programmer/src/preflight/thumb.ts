/** Whether a Thumb function can touch anything but registers and its own stack frame (ARMv7-M ARM, A5). */

interface Pattern {
  readonly mask: number;
  readonly value: number;
}

/** 16-bit instructions that work on registers, the stack, or the flow inside the function only. */
const HARMLESS: readonly Pattern[] = [
  { mask: 0xf800, value: 0x2000 }, // MOVS Rd, #imm8
  { mask: 0xf800, value: 0x2800 }, // CMP Rn, #imm8
  { mask: 0xf000, value: 0x3000 }, // ADDS, SUBS Rd, #imm8
  { mask: 0xe000, value: 0x0000 }, // LSLS, LSRS, ASRS, ADDS, SUBS on registers
  { mask: 0xffc0, value: 0x4280 }, // CMP Rn, Rm
  { mask: 0xf800, value: 0xa800 }, // ADD Rd, SP, #imm8
  { mask: 0xff00, value: 0xb000 }, // ADD, SUB SP, #imm7
  { mask: 0xfe00, value: 0xb400 }, // PUSH
  { mask: 0xfe00, value: 0xbc00 }, // POP
  { mask: 0xff00, value: 0xb200 }, // SXTH, SXTB, UXTH, UXTB
  { mask: 0xffff, value: 0xbf00 }, // NOP
  { mask: 0xf000, value: 0x9000 }, // STR, LDR Rt, [SP, #imm8]
  { mask: 0xffff, value: 0x4770 }, // BX LR
];

/** `LDR.W R7, [SP], #4`: how compilers take the frame pointer back from the stack. */
const POP_R7 = [0xf85d, 0x7b04] as const;
/** `ADD R7, SP, #imm8`: from here on R7 is the frame pointer. */
const SET_FRAME: Pattern = { mask: 0xff00, value: 0xaf00 };
const MOV = { mask: 0xff00, value: 0x4600 } as const;
const BRANCH = { mask: 0xf800, value: 0xe000 } as const;
const CONDITIONAL = { mask: 0xf000, value: 0xd000 } as const;
/** Loads and stores with an immediate offset from a low register; bits 5–3 name it. */
const FRAME_ACCESS: readonly Pattern[] = [
  { mask: 0xf000, value: 0x6000 },
  { mask: 0xf000, value: 0x7000 },
  { mask: 0xf000, value: 0x8000 },
];
const R7 = 7;

/**
 * True only when every instruction of `code` is one of a short list that cannot reach a peripheral, a variable or
 * another function. False means "not proven", not "touches something".
 */
export function touchesNothing(code: Uint8Array): boolean {
  if (code.length < 2 || code.length % 2 !== 0) return false;
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  let hasFrame = false;
  for (let at = 0; at < code.length; at += 2) {
    const word = view.getUint16(at, true);
    if (matches(word, SET_FRAME)) hasFrame = true;
    if (HARMLESS.some((pattern) => matches(word, pattern)) || isPlainMove(word)) continue;
    const target = branchTarget(word, at);
    if (target !== undefined && target >= 0 && target < code.length) continue;
    if (hasFrame && FRAME_ACCESS.some((pattern) => matches(word, pattern)) && ((word >> 3) & 7) === R7) continue;
    const next = at + 2 < code.length ? view.getUint16(at + 2, true) : undefined;
    if (word !== POP_R7[0] || next !== POP_R7[1]) return false;
    at += 2;
  }
  return true;
}

const matches = (word: number, { mask, value }: Pattern): boolean => (word & mask) === value;

/** `MOV Rd, Rm`; with PC as Rd it is a jump to anywhere. */
function isPlainMove(word: number): boolean {
  return matches(word, MOV) && (word & 0x87) !== 0x87;
}

/** Where a branch goes, from the start of the function; conditions 14 and 15 are no branches (UDF, SVC). */
function branchTarget(word: number, at: number): number | undefined {
  if (matches(word, BRANCH)) return at + 4 + ((word << 21) >> 20);
  if (!matches(word, CONDITIONAL) || ((word >> 8) & 0xf) >= 14) return undefined;
  return at + 4 + ((word << 24) >> 23);
}
