/** A loader that calls the generated application check and checks signatures itself, and what it says of a flash when its code runs on the core. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Chip } from '@sureflash/chips';
import { elfSymbols, type Range } from '@sureflash/image';
import { applicationCheck, type GeneratedFile, type ProofMethod } from '@sureflash/programmer/fix';
import {
  type ChipFacts,
  createMicrocontroller,
  type Flash,
  type Microcontroller,
  microcontrollerChips,
} from '@sureflash/virtual';
import { noise } from '../rig.ts';
import { ed25519Numbers } from './ed25519-numbers.ts';
import { chipOf, flagsOf } from './jump-rig.ts';
import { link } from './toolchain.ts';

/** A row of the chip table, the model of one of its parts, and where its application begins. */
export const LOADER_SUBJECTS = [
  { id: 'stm32f105', model: 'STM32F105', start: 0x0800_8000 },
  { id: 'stm32l476', model: 'STM32L476', start: 0x0800_8000 },
  { id: 'stm32h743', model: 'STM32H743', start: 0x0802_0000 },
] as const;
export type LoaderSubject = (typeof LOADER_SUBJECTS)[number];

/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410 §7), and keys of the tests. */
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const keyOf = (seed: number) =>
  createPrivateKey({ key: Buffer.from([...PKCS8, ...noise(32, seed)]), format: 'der', type: 'pkcs8' });

/** Signs as `seed`'s key; the loader knows that of seed 1. */
export const signedBy =
  (seed: number) =>
  (bytes: Uint8Array): Uint8Array =>
    new Uint8Array(sign(null, bytes, keyOf(seed)));

/** The loader's own check of signatures: a verifier in C, and the public key. */
function verifierFiles(): GeneratedFile[] {
  const publicKey = createPublicKey(keyOf(1)).export({ type: 'spki', format: 'der' }).subarray(-32);
  const source = readFileSync(new URL('../../firmware/ed25519.c', import.meta.url), 'utf8');
  return [
    { name: 'ed25519_numbers.h', text: ed25519Numbers(publicKey) },
    { name: 'ed25519.c', text: source },
  ];
}

/** application_state_t, in its order. */
const STATES = [
  'good',
  'empty',
  'bad stack',
  'bad entry',
  'no record',
  'bad length',
  'updating',
  'rejected',
  'bad crc',
  'bad signature',
  'unproven',
] as const;
const NOTHING = 0xffff_ffff;

const MAIN = `#include "application_check.h"
volatile uint32_t state = ${NOTHING}u;
__attribute__((noinline, noreturn)) static void stay(void) { for (;;) {} }
#define R(address) (*(volatile uint32_t *)(address))
void SysTick_Handler(void);
void SysTick_Handler(void) {}
/* What a loader has on: SysTick, an interrupt enabled and pending, interrupts masked. */
static void turn_on(void) {
  __asm volatile("cpsid i");
  R(0xE000E014u) = 999u;
  R(0xE000E018u) = 0u;
  R(0xE000E010u) = 7u;
  R(0xE000E100u) = 0x30u;
  R(0xE000E200u) = 0x10u;
}
int main(void) {
  state = application_check();
  if (state == APPLICATION_GOOD) {
    turn_on();
    application_start();
  }
  stay();
}
`;

/** An application: a stack in RAM, an entry that loops, noise. */
export function applicationOf(start: number, length = 3000, seed = 3): Uint8Array {
  const bytes = noise(length, seed);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x2000_2000, true);
  view.setUint32(4, start + 0x100 + 1, true);
  bytes.set([0xfe, 0xe7], 0x100);
  return bytes;
}

export interface LoaderProgram {
  readonly subject: LoaderSubject;
  readonly chip: Chip;
  readonly facts: ChipFacts;
  readonly elf: Uint8Array;
}

/** @param change is made to the generated source before it is compiled */
export function loaderOf(
  subject: LoaderSubject,
  proof: ProofMethod = 'crc32',
  change: (source: string) => string = (source) => source,
): LoaderProgram {
  const chip = chipOf(subject.id);
  const facts = microcontrollerChips.get(subject.model);
  if (!facts) throw new Error(`no model of ${subject.model}`);
  const made = applicationCheck({ chip, proof });
  const files = made.files.map(({ name, text }) => ({ name, text: name.endsWith('.c') ? change(text) : text }));
  const elf = link({
    flags: flagsOf(chip),
    optimisation: '-Os',
    files: [...files, ...made.headers, ...(proof === 'ed25519' ? verifierFiles() : []), { name: 'main.c', text: MAIN }],
    flash: { start: 0x0800_0000, bytes: 0x8000 },
    ram: { start: 0x2000_0000, bytes: 0x4000 },
  });
  return { subject, chip, facts, elf };
}

/** What a loader says of its flash, and whether the application runs, with its stack and vectors. */
export interface LoaderVerdict {
  readonly state: string;
  readonly runs: boolean;
}

/** Longest that a loader takes, with a signature to check at the clock of after a reset. */
const LONGEST_CHECK_MS = 8000;

/** Bytes from the start of the application that `judgeOf` looks at; the record too. */
const LOOKED_AT = 0x4000;

/**
 * A chip with this loader, on which it runs as often as it is asked: what another flash holds at the places of the
 * application and of its record is put into it first.
 */
export function judgeOf({ subject, facts, elf }: LoaderProgram, record: Range): (flash: Flash) => LoaderVerdict {
  const { start } = subject;
  const mcu = createMicrocontroller(facts);
  mcu.loadElf(elf);
  const stateAt = [...elfSymbols(elf)].find(({ name }) => name === 'state')?.address ?? 0;
  const read = (): number => mcu.core.debugPort.read(stateAt, 4);
  return (flash) => {
    mcu.load(start, flash.peek(start, LOOKED_AT));
    mcu.load(record.start, flash.peek(record.start, record.end - record.start));
    mcu.powerOn();
    mcu.run(0.5);
    for (let ms = 0; ms < LONGEST_CHECK_MS && read() >= STATES.length; ms += 0.5) mcu.run(0.5);
    mcu.run(0.5);
    return { state: STATES[read()] ?? 'nothing', runs: isStarted(mcu, start) };
  };
}

/** Whether the application runs at its first instruction, with its stack and vectors, and nothing of the loader is on. */
function isStarted({ core }: Microcontroller, start: number): boolean {
  const { registers, debugPort } = core;
  const off = [0xe000_e010, 0xe000_e100, 0xe000_e200].every((at) => (debugPort.read(at, 4) & 0xffff) === 0);
  return (
    off &&
    registers.primask === 0 &&
    registers.read('pc') === start + 0x100 &&
    registers.read('msp') === 0x2000_2000 &&
    registers.vtor === start
  );
}
