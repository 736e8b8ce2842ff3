import { elfSymbols, MemoryImage, type Segment } from '@sureflash/image';
import { applicationCheck, type SealedImage, sealForLoader } from '@sureflash/programmer/fix';
import { createMicrocontroller, microcontrollerChips } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { noise } from '../rig.ts';
import { imageOf } from './arm-media.ts';
import { chipOf, flagsOf } from './jump-rig.ts';
import { link, noCompiler } from './toolchain.ts';

/** A row of the chip table, and the model of one of its parts. */
const SUBJECTS = [
  { id: 'stm32f105', model: 'STM32F105' },
  { id: 'stm32l476', model: 'STM32L476' },
  { id: 'stm32h743', model: 'STM32H743' },
] as const;

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
__attribute__((weak)) int application_check_verify(const uint8_t *application, uint32_t length, const uint8_t *signature);
__attribute__((weak)) int application_check_verify(const uint8_t *application, uint32_t length, const uint8_t *signature) {
  return signature[0] == application[length - 1u];
}
__attribute__((noinline, noreturn)) static void stay(void) { for (;;) {} }
int main(void) {
  state = application_check();
  if (state == APPLICATION_GOOD) application_start();
  stay();
}
`;

type Subject = (typeof SUBJECTS)[number];

/** An application of 3000 bytes: a stack in RAM, an entry that loops, noise. */
function applicationOf(start: number): Uint8Array {
  const bytes = noise(3000, 3);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x2000_2000, true);
  view.setUint32(4, start + 0x100 + 1, true);
  bytes.set([0xfe, 0xe7], 0x100);
  return bytes;
}

interface Case {
  readonly proof?: 'crc32' | 'ed25519';
  /** Content of flash beside the loader. */
  readonly content: (sealed: SealedImage) => readonly Segment[];
}

/** @returns what the loader says, and whether the application runs, with its stack and vectors */
function judged({ id, model }: Subject, { proof = 'crc32', content }: Case): { state: string; runs: boolean } {
  const chip = chipOf(id);
  const facts = microcontrollerChips.get(model);
  if (!facts) throw new Error(`no model of ${model}`);
  const made = applicationCheck({ chip, proof });
  const start = id === 'stm32h743' ? 0x0802_0000 : 0x0800_8000;
  const elf = link({
    flags: flagsOf(chip),
    optimisation: '-Os',
    files: [...made.files, ...made.headers, { name: 'main.c', text: MAIN }],
    flash: { start: 0x0800_0000, bytes: 0x8000 },
    ram: { start: 0x2000_0000, bytes: 0x4000 },
  });
  const bytes = applicationOf(start);
  const sign = (signed: Uint8Array): Uint8Array => new Uint8Array(64).fill(signed.at(-1) ?? 0);
  const sealed = sealForLoader(new MemoryImage([{ address: start, bytes }]), {
    chip,
    ...(proof === 'ed25519' && { sign }),
  });
  const mcu = createMicrocontroller(facts);
  for (const segment of [...imageOf(elf), ...content(sealed)]) mcu.load(segment.address, segment.bytes);
  mcu.powerOn();
  const stateAt = [...elfSymbols(elf)].find(({ name }) => name === 'state')?.address ?? 0;
  const read = (): number => mcu.core.debugPort.read(stateAt, 4);
  for (let ms = 0; ms < 500 && (ms < 2 || read() >= STATES.length); ms += 1) mcu.run(1);
  mcu.run(2);
  const { registers } = mcu.core;
  const runs =
    registers.read('pc') === start + 0x100 && registers.read('msp') === 0x2000_2000 && registers.vtor === start;
  return { state: STATES[read()] ?? 'nothing', runs };
}

/** Segments with one piece replaced. */
const changed = (segments: readonly Segment[], address: number, bytes: readonly number[]): Segment[] => {
  const image = new MemoryImage(segments);
  return image.segments.map((segment) => {
    const copy = segment.bytes.slice();
    if (address >= segment.address && address < segment.address + copy.length)
      copy.set(bytes, address - segment.address);
    return { address: segment.address, bytes: copy };
  });
};

/** The record's marks are erased in the image; a mark is written over them. */
const marked = ({ image, marks }: SealedImage, ...names: (keyof SealedImage['marks'])[]): Segment[] =>
  names.reduce<Segment[]>(
    (all, name) => changed(all, marks[name].address, [...marks[name].bytes]),
    [...image.segments],
  );

const CASES: readonly (Case & { readonly name: string; readonly state: string })[] = [
  {
    name: 'is good and runs once it is sealed and marked as proven',
    state: 'good',
    content: (s) => marked(s, 'proven'),
  },
  { name: 'is unproven as the host writes it at first', state: 'unproven', content: (s) => s.image.segments },
  { name: 'is empty where nothing is', state: 'empty', content: () => [] },
  {
    name: 'is being updated from the first mark on',
    state: 'updating',
    content: (s) => marked(s, 'proven', 'updating'),
  },
  {
    name: 'is being updated when that mark was cut while it was written',
    state: 'updating',
    content: (s) => changed(marked(s, 'proven'), s.marks.updating.address, [0x55]),
  },
  {
    name: 'is unproven when the mark was cut while it was written',
    state: 'unproven',
    content: (s) => changed(marked(s, 'proven'), s.marks.proven.address + 8, [0xff, 0xff, 0xff, 0xff]),
  },
  { name: 'is out of use when it was rejected', state: 'rejected', content: (s) => marked(s, 'proven', 'rejected') },
  {
    name: 'is not what was described after one bit has changed',
    state: 'bad crc',
    content: (s) => changed(marked(s, 'proven'), (s.image.range?.start ?? 0) + 2000, [0]),
  },
  {
    name: 'has no record where the description was cut',
    state: 'no record',
    content: (s) => changed(marked(s, 'proven'), s.record.start + 12, [1]),
  },
  {
    name: 'has no stack in RAM',
    state: 'bad stack',
    content: (s) => changed(marked(s, 'proven'), s.image.range?.start ?? 0, [0, 0, 0, 0x60]),
  },
  { name: 'is good with the right signature', proof: 'ed25519', state: 'good', content: (s) => marked(s, 'proven') },
  {
    name: 'is refused with a wrong signature',
    proof: 'ed25519',
    state: 'bad signature',
    content: (s) => changed(marked(s, 'proven'), s.record.start + 32, [0xaa]),
  },
];

describe.skipIf(noCompiler !== undefined).each(SUBJECTS)('an application behind the check of $id', (subject) => {
  it.each(CASES)('$name', (each) => {
    expect(judged(subject, each)).toEqual({ state: each.state, runs: each.state === 'good' });
  });
});
