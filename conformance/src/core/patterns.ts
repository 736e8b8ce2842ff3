/**
 * Instructions to try, by class, as patterns of bits: digits are fixed, letters are fields. What the architecture calls
 * unpredictable is kept out, for there the oracle and a core may differ and both be right.
 */

export type Set = 'v6' | 'thumb2' | 'dsp' | 'v8';

export interface Pattern {
  readonly name: string;
  readonly set: Set;
  readonly bits: string;
  /** Base registers point at memory, others are small. */
  readonly memory?: boolean;
  /** Fields that may be R13 or R15, which registers are otherwise kept from. */
  readonly anyRegister?: string;
  readonly allows?: (fields: Readonly<Record<string, number>>) => boolean;
}

const list = (l: number) => l !== 0;

/** d n m t a h are registers; every other letter is a field of plain bits. */
export const PATTERNS: readonly Pattern[] = [
  { name: 'shift by immediate', set: 'v6', bits: '000kkiiiiimmmddd', allows: ({ k }) => k !== 3 },
  { name: 'ADD, SUB register', set: 'v6', bits: '000110smmmnnnddd' },
  { name: 'ADD, SUB imm3', set: 'v6', bits: '000111siiinnnddd' },
  { name: 'MOV, CMP, ADD, SUB imm8', set: 'v6', bits: '001kkdddiiiiiiii' },
  { name: 'data processing', set: 'v6', bits: '010000kkkkmmmddd' },
  {
    name: 'ADD high',
    set: 'v6',
    bits: '01000100hmmmmddd',
    anyRegister: 'm',
    allows: ({ h, d }) => !(h === 1 && (d === 7 || d === 5)),
  },
  {
    name: 'CMP high',
    set: 'v6',
    bits: '01000101hmmmmddd',
    allows: ({ h, m, d }) => (h === 1 || (m ?? 0) > 7) && !(h === 1 && d === 7),
  },
  { name: 'MOV high', set: 'v6', bits: '01000110hmmmmddd', anyRegister: 'm' },
  { name: 'extend', set: 'v6', bits: '10110010kkmmmddd' },
  { name: 'reverse', set: 'v6', bits: '10111010kkmmmddd', allows: ({ k }) => k !== 2 },
  { name: 'LDR literal', set: 'v6', bits: '01001tttiiiiiiii' },
  { name: 'register offset', set: 'v6', bits: '0101kkkmmmnnnttt', memory: true },
  { name: 'immediate offset', set: 'v6', bits: '011bliiiiinnnttt', memory: true },
  { name: 'immediate offset half', set: 'v6', bits: '1000liiiiinnnttt', memory: true },
  { name: 'SP offset', set: 'v6', bits: '1001ltttiiiiiiii', memory: true },
  { name: 'ADR, ADD SP', set: 'v6', bits: '1010kdddiiiiiiii' },
  { name: 'ADD, SUB SP', set: 'v6', bits: '10110000siiiiiii' },
  { name: 'PUSH', set: 'v6', bits: '1011010lllllllll', memory: true, allows: ({ l }) => list(l ?? 0) },
  { name: 'POP', set: 'v6', bits: '10111100llllllll', memory: true, allows: ({ l }) => list(l ?? 0) },
  {
    name: 'STM',
    set: 'v6',
    bits: '11000nnnllllllll',
    memory: true,
    allows: ({ l = 0, n = 0 }) => list(l) && !((l >>> n) & 1 && (l & ((1 << n) - 1)) !== 0),
  },
  { name: 'LDM', set: 'v6', bits: '11001nnnllllllll', memory: true, allows: ({ l }) => list(l ?? 0) },
  { name: 'B conditional', set: 'v6', bits: '1101cccciiiiiiii', allows: ({ c }) => (c ?? 0) < 14 },
  { name: 'B', set: 'v6', bits: '11100iiiiiiiiiii' },
  { name: 'BL', set: 'v6', bits: '111100000000iiii11111iiiiiiiiiii' },
  { name: 'CBZ', set: 'thumb2', bits: '1011o0i1iiiiinnn' },
  { name: 'MRS APSR', set: 'v6', bits: '11110011111011111000dddd00000000' },
  { name: 'MSR APSR', set: 'v6', bits: '111100111000nnnn1000100000000000' },
  { name: 'BX, BLX', set: 'v6', bits: '01000111lmmmm000', allows: ({ m }) => m !== 15 },
  { name: 'barriers', set: 'v6', bits: '111100111011111110001111010k1111' },

  { name: 'modified immediate', set: 'thumb2', bits: '11110i0kkkksnnnn0iiiddddiiiiiiii', allows: predictableImmediate },
  {
    name: 'compare immediate',
    set: 'thumb2',
    bits: '11110i0kkkk1nnnn0iii1111iiiiiiii',
    allows: (f) => COMPARES.has(f['k'] ?? 0) && predictableImmediate(f),
  },
  { name: 'MOV, MVN immediate', set: 'thumb2', bits: '11110i0001xs11110iiiddddiiiiiiii', allows: predictableImmediate },
  { name: 'ADDW', set: 'thumb2', bits: '11110i100000nnnn0iiiddddiiiiiiii', anyRegister: 'n' },
  { name: 'SUBW', set: 'thumb2', bits: '11110i101010nnnn0iiiddddiiiiiiii', anyRegister: 'n' },
  { name: 'MOVW, MOVT', set: 'thumb2', bits: '11110i10k100iiii0iiiddddiiiiiiii' },
  {
    name: 'SSAT, USAT',
    set: 'thumb2',
    bits: '11110011u0f0nnnn0iiiddddii0bbbbb',
    allows: ({ f, i }) => !(f === 1 && i === 0),
  },
  {
    name: 'SBFX, UBFX',
    set: 'thumb2',
    bits: '11110011u100nnnn0iiiddddii0bbbbb',
    allows: ({ i = 0, b = 0 }) => i + b < 32,
  },
  { name: 'BFI', set: 'thumb2', bits: '111100110110nnnn0iiiddddii0bbbbb', allows: ({ i = 0, b = 0 }) => b >= i },
  { name: 'BFC', set: 'thumb2', bits: '11110011011011110iiiddddii0bbbbb', allows: ({ i = 0, b = 0 }) => b >= i },
  {
    name: 'shifted register',
    set: 'thumb2',
    bits: '1110101kkkksnnnn0iiiddddiiyymmmm',
    allows: ({ k }) => OPERATIONS.has(k ?? 0),
  },
  {
    name: 'compare register',
    set: 'thumb2',
    bits: '1110101kkkk1nnnn0iii1111iiyymmmm',
    allows: ({ k }) => COMPARES.has(k ?? 0),
  },
  { name: 'MOV, MVN, shifts', set: 'thumb2', bits: '11101010010s11110iiiddddiiyymmmm' },
  { name: 'MVN', set: 'thumb2', bits: '11101010011s11110iiiddddiiyymmmm' },
  { name: 'shift by register', set: 'thumb2', bits: '111110100yysnnnn1111dddd0000mmmm' },
  {
    name: 'extend wide',
    set: 'thumb2',
    bits: '111110100kkk11111111dddd10rrmmmm',
    allows: ({ k }) => [0, 1, 4, 5].includes(k ?? 0),
  },
  { name: 'REV, RBIT', set: 'thumb2', bits: '111110101001mmmm1111dddd10kkMMMM' },
  { name: 'CLZ', set: 'thumb2', bits: '111110101011mmmm1111dddd1000MMMM' },
  {
    name: 'MUL, MLA',
    set: 'thumb2',
    bits: '111110110000nnnnaaaadddd0000mmmm',
    anyRegister: 'a',
    allows: ({ a }) => a !== 13,
  },
  { name: 'MLS', set: 'thumb2', bits: '111110110000nnnnaaaadddd0001mmmm' },
  { name: 'SMULL, UMULL', set: 'thumb2', bits: '1111101110u0nnnnaaaadddd0000mmmm', allows: ({ a, d }) => a !== d },
  { name: 'SMLAL, UMLAL', set: 'thumb2', bits: '1111101111u0nnnnaaaadddd0000mmmm', allows: ({ a, d }) => a !== d },
  { name: 'SDIV, UDIV', set: 'thumb2', bits: '1111101110u1nnnn1111dddd1111mmmm' },
  { name: 'B wide', set: 'thumb2', bits: '111100000000iiii10111iiiiiiiiiii' },
  {
    name: 'B wide conditional',
    set: 'thumb2',
    bits: '1111000ccciiiiii10101iiiiiiiiiii',
    allows: ({ c, i }) => (c ?? 0) < 7 && (i ?? 0) < 0x2_0000,
  },
  { name: 'LDR wide imm12', set: 'thumb2', bits: '11111000110lnnnnttttiiiiiiiiiiii', memory: true, anyRegister: '' },
  {
    name: 'LDRB, LDRH imm12',
    set: 'thumb2',
    bits: '1111100g10kLnnnnttttiiiiiiiiiiii',
    memory: true,
    allows: ({ g, L }) => !(g === 1 && L === 0),
  },
  {
    name: 'LDR wide imm8',
    set: 'thumb2',
    bits: '11111000010lnnnntttt1puwiiiiiiii',
    memory: true,
    allows: predictableIndex,
  },
  {
    name: 'LDRB, LDRH imm8',
    set: 'thumb2',
    bits: '1111100g00kLnnnntttt1puwiiiiiiii',
    memory: true,
    allows: (f) => predictableIndex(f) && !(f['g'] === 1 && f['L'] === 0),
  },
  { name: 'LDR wide register', set: 'thumb2', bits: '11111000010lnnnntttt000000iimmmm', memory: true },
  {
    name: 'LDRB, LDRH register',
    set: 'thumb2',
    bits: '1111100g00kLnnnntttt000000iimmmm',
    memory: true,
    allows: ({ g, L }) => !(g === 1 && L === 0),
  },
  { name: 'LDR literal wide', set: 'thumb2', bits: '11111000u1011111tttt0000iiiiiiii' },
  {
    name: 'LDRD',
    set: 'thumb2',
    bits: '1110100pu1w1nnnnttttddddiiiiiiii',
    memory: true,
    allows: ({ p, w, t, d, n }) => (p === 1 || w === 1) && t !== d && (w === 0 || (n !== t && n !== d)),
  },
  {
    name: 'STRD',
    set: 'thumb2',
    bits: '1110100pu1w0nnnnttttddddiiiiiiii',
    memory: true,
    allows: ({ p, w, t, d, n }) => (p === 1 || w === 1) && (w === 0 || (n !== t && n !== d)),
  },
  {
    name: 'LDMIA wide',
    set: 'thumb2',
    bits: '1110100010w1nnnn0l0lllllllllllll',
    memory: true,
    allows: ({ l = 0, w, n = 0 }) => several(l) && !(w === 1 && listed(l, n)),
  },
  {
    name: 'LDMDB',
    set: 'thumb2',
    bits: '1110100100w1nnnn0l0lllllllllllll',
    memory: true,
    allows: ({ l = 0, w, n = 0 }) => several(l) && !(w === 1 && listed(l, n)),
  },
  {
    name: 'STMIA wide',
    set: 'thumb2',
    bits: '1110100010w0nnnn0l0lllllllllllll',
    memory: true,
    allows: ({ l = 0, w, n = 0 }) => several(l) && !(w === 1 && listed(l, n)),
  },
  {
    name: 'STMDB',
    set: 'thumb2',
    bits: '1110100100w0nnnn0l0lllllllllllll',
    memory: true,
    allows: ({ l = 0, w, n = 0 }) => several(l) && !(w === 1 && listed(l, n)),
  },
  { name: 'TBB, TBH', set: 'thumb2', bits: '111010001101nnnn11110000000zmmmm', memory: true },
  { name: 'LDREX', set: 'thumb2', bits: '111010000101nnnntttt1111iiiiiiii', memory: true },
  { name: 'LDREXB, LDREXH', set: 'thumb2', bits: '111010001101nnnntttt1111010k1111', memory: true },
  {
    name: 'STREX alone',
    set: 'thumb2',
    bits: '111010000100nnnnttttddddiiiiiiii',
    memory: true,
    allows: ({ d, n, t }) => d !== n && d !== t,
  },
  { name: 'hints', set: 'thumb2', bits: '11110011101011111000000000000kk0', allows: ({ k }) => k === 0 },

  { name: 'PKH', set: 'dsp', bits: '111010101100nnnn0iiiddddiiy0mmmm' },
  { name: 'SSAT16, USAT16', set: 'dsp', bits: '11110011u010nnnn0000dddd0000bbbb' },
  {
    name: 'extend and add',
    set: 'dsp',
    bits: '111110100kkknnnn1111dddd10rrmmmm',
    anyRegister: 'n',
    allows: ({ k, n }) => (k ?? 0) < 6 && n !== 13,
  },
  {
    name: 'parallel',
    set: 'dsp',
    bits: '111110101kkknnnn1111dddd0uffmmmm',
    allows: ({ k, f }) => [0, 1, 2, 4, 5, 6].includes(k ?? 0) && f !== 3,
  },
  { name: 'QADD', set: 'dsp', bits: '111110101000nnnn1111dddd10kkmmmm' },
  { name: 'SEL', set: 'dsp', bits: '111110101010nnnn1111dddd1000mmmm' },
  {
    name: 'SMLAxy',
    set: 'dsp',
    bits: '111110110001nnnnaaaadddd00xymmmm',
    anyRegister: 'a',
    allows: ({ a }) => a !== 13,
  },
  {
    name: 'SMLAD',
    set: 'dsp',
    bits: '111110110010nnnnaaaadddd000xmmmm',
    anyRegister: 'a',
    allows: ({ a }) => a !== 13,
  },
  {
    name: 'SMLAW',
    set: 'dsp',
    bits: '111110110011nnnnaaaadddd000ymmmm',
    anyRegister: 'a',
    allows: ({ a }) => a !== 13,
  },
  {
    name: 'SMLSD',
    set: 'dsp',
    bits: '111110110100nnnnaaaadddd000xmmmm',
    anyRegister: 'a',
    allows: ({ a }) => a !== 13,
  },
  {
    name: 'SMMLA',
    set: 'dsp',
    bits: '111110110101nnnnaaaadddd000rmmmm',
    anyRegister: 'a',
    allows: ({ a }) => a !== 13,
  },
  { name: 'SMMLS', set: 'dsp', bits: '111110110110nnnnaaaadddd000rmmmm' },
  {
    name: 'USADA8',
    set: 'dsp',
    bits: '111110110111nnnnaaaadddd0000mmmm',
    anyRegister: 'a',
    allows: ({ a }) => a !== 13,
  },
  { name: 'SMLALxy', set: 'dsp', bits: '111110111100nnnnaaaadddd10xymmmm', allows: ({ a, d }) => a !== d },
  { name: 'SMLALD', set: 'dsp', bits: '111110111100nnnnaaaadddd110xmmmm', allows: ({ a, d }) => a !== d },
  { name: 'SMLSLD', set: 'dsp', bits: '111110111101nnnnaaaadddd110xmmmm', allows: ({ a, d }) => a !== d },
  { name: 'UMAAL', set: 'dsp', bits: '111110111110nnnnaaaadddd0110mmmm', allows: ({ a, d }) => a !== d },
  { name: 'MSR APSR_g', set: 'dsp', bits: '111100111000nnnn1000kk0000000000', allows: ({ k }) => k !== 0 },

  { name: 'LDA, LDAEX', set: 'v8', bits: '111010001101nnnntttt11111kss1111', memory: true, allows: ({ s }) => s !== 3 },
  { name: 'STL', set: 'v8', bits: '111010001100nnnntttt111110ss1111', memory: true, allows: ({ s }) => s !== 3 },
];

const OPERATIONS: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 8, 10, 11, 13, 14]);
const COMPARES: ReadonlySet<number> = new Set([0, 4, 8, 13]);

/** Replicated bytes of 0 are unpredictable. */
function predictableImmediate({ i = 0, k = 0 }: Readonly<Record<string, number>>): boolean {
  return OPERATIONS.has(k) && !((i & 0xff) === 0 && (i & 0xc00) === 0 && (i & 0x300) !== 0);
}

function predictableIndex({ p, u, w, n, t }: Readonly<Record<string, number>>): boolean {
  if (p === 0 && w === 0) return false;
  if (p === 1 && u === 1 && w === 0) return false;
  return w === 0 || n !== t;
}

function several(l: number): boolean {
  return (l & (l - 1)) !== 0;
}

/** Wide lists are written 0l0lllllllllllll: LR is bit 13 of the field. */
function listed(l: number, n: number): boolean {
  return ((l >>> (n === 14 ? 13 : n)) & 1) === 1;
}
