/** What every media file must do and must not do, called directly: bounds, units, errors of the controller, locks. */
import { Chip, microcontrollerChips, romRows } from '@sureflash/virtual';
import { noise } from '../rig.ts';
import { imageOf, type Machine, machineOf, put } from './arm-media.ts';
import { type BuiltMedia, buildMedia, type MediaBuild, type Subject } from './media-rig.ts';

const OK = 0;

interface Bench {
  readonly subject: Subject;
  readonly built: BuiltMedia;
  readonly machine: Machine;
  readonly flash: Chip['flash'];
  /** First address behind the flash. */
  readonly end: number;
}

function bench(subject: Subject, built: BuiltMedia): Bench {
  const row = romRows.find(({ name }) => name === subject.row);
  const facts = microcontrollerChips.get(subject.model);
  if (!row || !facts) throw new Error(`no model of ${subject.model}`);
  const { flash } = new Chip({ ...row.profile, cells: facts.cells });
  for (const { address, bytes } of imageOf(built.elf)) flash.load(address, bytes);
  return { subject, built, machine: machineOf(facts, flash, built.elf), flash, end: flash.sectors.at(-1)?.end ?? 0 };
}

function write({ machine }: Bench, address: number, bytes: Uint8Array): boolean {
  put(machine, bytes);
  return machine.call('write', [machine.scratch, address, bytes.length]).result === OK;
}

const erase = ({ machine }: Bench, address: number): boolean => machine.call('erase', [address]).result === OK;
const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0xff);

interface Check {
  readonly name: string;
  /** @returns whether all is well */
  readonly run: (bench: Bench) => boolean;
  /** Only on these chips. */
  readonly on?: readonly string[];
}

/** Control register of the last sector's bank, its LOCK, and its bits for programming and erasing. */
const CONTROL: Readonly<Record<string, readonly [at: number, lock: number, selected: number]>> = {
  stm32f105: [0x4002_2010, 7, 7],
  stm32f405: [0x4002_3c10, 31, 7],
  stm32l476: [0x4002_2014, 31, 7],
  stm32g431: [0x4002_2014, 31, 7],
  stm32h743: [0x5200_210c, 0, 6],
};

const CHECKS: readonly Check[] = [
  {
    name: 'writes what it is given, to a length that ends within a unit',
    run(b) {
      const bytes = noise(1003, 5);
      const at = b.built.application;
      return write(b, at, bytes) && same(b.flash.peek(at, 1003), bytes) && isBlank(b.flash.peek(at + 1003, 64));
    },
  },
  {
    name: 'takes the same bytes twice, and refuses other ones without an erase',
    run(b) {
      const bytes = noise(64, 6);
      const at = b.built.application;
      if (!write(b, at, bytes) || !write(b, at, bytes)) return false;
      const other = bytes.map((byte) => byte ^ 0x5a);
      return !write(b, at, other) && same(b.flash.peek(at, 64), bytes);
    },
  },
  {
    name: 'erases one sector and no other, and writes there again',
    run(b) {
      const sector = b.flash.sectors.find(({ start }) => start > b.built.application);
      if (!sector) return false;
      const bytes = noise(128, 7);
      const ends = [sector.start - 64, sector.start, sector.end - 64, sector.end];
      if (!ends.every((at) => write(b, at, bytes.subarray(0, 64)))) return false;
      if (!erase(b, sector.start + 100)) return false;
      const kept = [sector.start - 64, sector.end].every((at) => same(b.flash.peek(at, 64), bytes.subarray(0, 64)));
      return kept && isBlank(b.flash.peek(sector.start, sector.end - sector.start)) && write(b, sector.start, bytes);
    },
  },
  {
    name: 'reaches the last sector, in the second bank where there is one',
    run(b) {
      const last = b.flash.sectors.at(-1);
      const first = b.flash.sectors.find(({ start }) => start >= b.built.application);
      if (!last || !first) return false;
      const bytes = noise(96, 8);
      if (!write(b, first.start, bytes) || !write(b, last.end - 96, bytes) || !erase(b, last.start)) return false;
      return isBlank(b.flash.peek(last.start, last.end - last.start)) && same(b.flash.peek(first.start, 96), bytes);
    },
  },
  {
    name: 'erases and writes nothing of the loader, nor behind the flash',
    run(b) {
      const { application } = b.built;
      const loader = b.flash.peek(0x0800_0000, application - 0x0800_0000);
      const bytes = new Uint8Array(64).fill(0x11);
      const refused = [
        erase(b, 0x0800_0000),
        erase(b, application - 1),
        erase(b, b.end),
        erase(b, 0xffff_ffff),
        write(b, 0x0800_0000, bytes),
        write(b, application - 32, bytes),
        write(b, b.end - 32, bytes),
        write(b, 0xffff_ffe0, bytes),
      ].every((took) => !took);
      return (
        refused &&
        same(b.flash.peek(0x0800_0000, loader.length), loader) &&
        isBlank(b.flash.peek(application, 64)) &&
        isBlank(b.flash.peek(b.end - 64, 64))
      );
    },
  },
  {
    name: 'says so when the controller refuses: a sector that is protected',
    run(b) {
      const sector = b.flash.sectors.find(({ start }) => start >= b.built.application);
      if (!sector) return false;
      b.flash.protect([sector.index]);
      return !erase(b, sector.start) && !write(b, sector.start, noise(32, 9));
    },
  },
  {
    name: 'is not stopped by an error that was there before',
    on: ['stm32l476', 'stm32g431'],
    run(b) {
      const { debugPort } = b.machine.chip.core;
      // A store without PG: PGSERR stays set (RM0351 §3.3.7).
      debugPort.write(0x4002_2008, 4, 0x4567_0123);
      debugPort.write(0x4002_2008, 4, 0xcdef_89ab);
      debugPort.write(b.built.application, 4, 1);
      debugPort.write(0x4002_2014, 4, 0x8000_0000);
      return debugPort.read(0x4002_2010, 4) !== 0 && write(b, b.built.application, noise(64, 10));
    },
  },
  {
    name: 'takes the time that flash takes',
    run(b) {
      const sector = b.flash.sectors.at(-1);
      if (!sector) return false;
      const before = b.machine.chip.now();
      const leastMs = b.flash.statistics.eraseMs;
      return erase(b, sector.start) && b.machine.chip.now() - before >= b.flash.statistics.eraseMs - leastMs - 0.5;
    },
  },
  {
    name: 'leaves the controller locked, with nothing selected',
    run(b) {
      const last = b.flash.sectors.at(-1);
      const [at, lock, selected] = CONTROL[b.subject.id] ?? [0, 0, 0];
      if (!last || !write(b, last.start, noise(32, 11)) || !erase(b, last.start)) return false;
      const control = b.machine.chip.core.debugPort.read(at, 4);
      return ((control >>> lock) & 1) === 1 && (control & selected) === 0;
    },
  },
  {
    name: 'reads all of the flash, and nothing outside',
    run(b) {
      const { machine } = b;
      const first = machine.call('read', [0x0800_0000, machine.scratch, 64]).result;
      const bytes = Uint8Array.from({ length: 64 }, (_, i) => machine.chip.core.debugPort.read(first + i, 1));
      const outside = [0, 0x07ff_ffff, b.end - 32, b.end, 0x2000_0000];
      return (
        same(bytes, b.flash.peek(0x0800_0000, 64)) &&
        outside.every((at) => machine.call('read', [at, machine.scratch, 64]).result === 0)
      );
    },
  },
];

/** Builds, then runs each check on a fresh chip. @returns the first that is not kept, or what the build says; nothing if all is well */
export function wrongOf(build: MediaBuild): string | undefined {
  let built: BuiltMedia;
  try {
    built = buildMedia(build);
  } catch (error) {
    return `does not compile: ${String(error).split('\n')[0]}`;
  }
  return CHECKS.filter(({ on }) => !on || on.includes(build.subject.id))
    .map(({ name, run }) => {
      try {
        return run(bench(build.subject, built)) ? undefined : name;
      } catch (error) {
        return `${name}: ${String(error).split('\n')[0]}`;
      }
    })
    .find((wrong) => wrong !== undefined);
}
