/** Data accesses as instructions make them: alignment (ARMv7-M ARM, A3.2) and sign extension. */

import type { Cpu } from './cpu.ts';
import { usageFault } from './faults.ts';

export function loadWord(cpu: Cpu, address: number): number {
  if ((address & 3) !== 0 && cpu.aligned) throw usageFault('UNALIGNED');
  return cpu.bus.read32(address);
}

export function loadHalf(cpu: Cpu, address: number): number {
  if ((address & 1) !== 0 && cpu.aligned) throw usageFault('UNALIGNED');
  return cpu.bus.read16(address);
}

export function loadSignedHalf(cpu: Cpu, address: number): number {
  return (loadHalf(cpu, address) << 16) >> 16;
}

export function loadByte(cpu: Cpu, address: number): number {
  return cpu.bus.read8(address);
}

export function loadSignedByte(cpu: Cpu, address: number): number {
  return (cpu.bus.read8(address) << 24) >> 24;
}

export function storeWord(cpu: Cpu, address: number, value: number): void {
  if ((address & 3) !== 0 && cpu.aligned) throw usageFault('UNALIGNED');
  cpu.bus.write32(address, value);
}

export function storeHalf(cpu: Cpu, address: number, value: number): void {
  if ((address & 1) !== 0 && cpu.aligned) throw usageFault('UNALIGNED');
  cpu.bus.write16(address, value);
}

export function storeByte(cpu: Cpu, address: number, value: number): void {
  cpu.bus.write8(address, value);
}

/** For LDM, STM, LDRD, STRD and exclusive accesses, which no core makes unaligned. */
export function mustBeAligned(address: number, bytes: 2 | 4): void {
  if ((address & (bytes - 1)) !== 0) throw usageFault('UNALIGNED');
}

export type Load = (cpu: Cpu, address: number) => number;
export type Store = (cpu: Cpu, address: number, value: number) => void;
