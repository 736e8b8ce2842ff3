/** Instructions a second of the Cortex-M core, on a bitwise CRC-32 and a copy loop as Debian's gcc 12.2 builds them with -O2. */
import { type Core, createCore, createMemoryMap } from '@sureflash/virtual';

/**
 * uint32_t crc(const uint8_t *p, uint32_t n): c = ~0; while (n--) { c ^= *p++; 8 × c = c >> 1 ^ (0xEDB88320 & -(c & 1)); }
 * void copy(const volatile uint32_t *from, uint32_t n, volatile uint32_t *to): while (n--) *to++ = *from++;
 */
const LOOPS: Readonly<Record<'m0' | 'm4', Readonly<Record<string, string>>>> = {
  m0: {
    crc: '70b5002915d046180500012001240a4940422b78584008234208204040420840013b5040002bf7d10135b542f1d1c04370bd0020fce7c0462083b8ed',
    copy: '10b54c1e002905d00168043011600432013cf9d210bdc046',
  },
  m4: {
    crc: 'b1b184460b4800b54ff0ff320ceb010e1cf8013b08215a4042f300030340013983ea5202f8d1f445f2d1d0435df804fb084670472083b8ed',
    copy: '61b110b44b1e013b04681460591c00f1040002f10402f6d110bc7047704700bf',
  },
};
const CODE = 0x0800_0000;
const RAM = 0x2000_0000;
/** Where a loop returns to: B to itself. */
const END = CODE + 0x200;

/** Millions of instructions a second. */
export interface CoreSpeed {
  readonly core: string;
  readonly loop: string;
  readonly millionsASecond: number;
  readonly ofProcessorTime: number;
}

export function measureCore({ cycles = 30_000_000 } = {}): CoreSpeed[] {
  return (['m0', 'm4'] as const).flatMap((core) =>
    Object.entries(LOOPS[core]).map(([loop, code]) => ({ core, loop, ...measureLoop(core, code, cycles) })),
  );
}

function measureLoop(name: 'm0' | 'm4', code: string, cycles: number): Omit<CoreSpeed, 'core' | 'loop'> {
  const core = prepared(name, code);
  // Branches take more than a cycle: how many instructions there are to a cycle is counted first.
  const before = core.cycles;
  const sample = 20_000;
  for (let step = 0; step < sample; step++) core.step();
  const perCycle = sample / (core.cycles - before);
  core.run(cycles / 10);
  const started = performance.now();
  const usage = process.cpuUsage();
  core.run(cycles);
  const { user } = process.cpuUsage(usage);
  if (core.registers.read('pc') === END) throw new Error(`the ${name} loop ended before its time`);
  const instructions = cycles * perCycle;
  const perMicrosecond = (us: number): number => Math.round((instructions / us) * 10) / 10;
  return {
    millionsASecond: perMicrosecond((performance.now() - started) * 1000),
    ofProcessorTime: perMicrosecond(user),
  };
}

function prepared(name: 'm0' | 'm4', code: string): Core {
  const flash = new Uint8Array(0x1000);
  flash.set(Buffer.from(code, 'hex'), 0x100);
  const view = new DataView(flash.buffer);
  view.setUint32(0, RAM + 0x8000, true);
  view.setUint32(4, CODE + 0x101, true);
  view.setUint16(0x200, 0xe7fe, true);
  const bus = createMemoryMap([
    { name: 'flash', start: CODE, length: flash.length, bytes: flash },
    { name: 'ram', start: RAM, length: 0x100_0000, bytes: new Uint8Array(0x100_0000), writable: true },
    {
      name: 'more ram',
      start: RAM + 0x1000_0000,
      length: 0x400_0000,
      bytes: new Uint8Array(0x400_0000),
      writable: true,
    },
  ]);
  const core = createCore({ core: name, bus });
  core.reset(CODE);
  core.registers.write(0, RAM + 0x1000_0000);
  core.registers.write(1, 0xff_ffff);
  core.registers.write(2, RAM + 0x1000_0000);
  core.registers.write('lr', END + 1);
  return core;
}
