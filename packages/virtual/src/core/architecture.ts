/** What tells the Cortex-M cores apart: instruction sets, exceptions and system registers. Data, no behaviour. */

export type CoreName = 'm0' | 'm0+' | 'm3' | 'm4' | 'm7' | 'm23' | 'm33';

/** One core as its technical reference manual states it. */
export interface Architecture {
  readonly core: CoreName;
  /** ARMv6-M, ARMv7-M or ARMv8-M. */
  readonly version: 6 | 7 | 8;
  /** All of Thumb-2, configurable faults, BASEPRI: ARMv7-M, and ARMv8-M with the Main Extension. */
  readonly mainline: boolean;
  /** The DSP extension: saturating, parallel and 16-bit multiply instructions. */
  readonly dsp: boolean;
  readonly vectorTableOffset: boolean;
  /** Implemented bits of a priority byte, from the top; on all STM32 (PM0215, PM0056, PM0214, PM0253, PM0264). */
  readonly priorityBits: number;
  readonly cpuid: number;
  /** Instruction breakpoints of the FPB (or BPU) and data watchpoints of the DWT that STM32 have. */
  readonly breakpoints: number;
  /** CCR.STKALIGN after reset; where it is fixed, 1. */
  readonly stackAlign: 0 | 1;
}

const BASELINE = { mainline: false, dsp: false, priorityBits: 2, breakpoints: 4, stackAlign: 1 } as const;
const MAINLINE = { mainline: true, dsp: true, vectorTableOffset: true, priorityBits: 4, stackAlign: 1 } as const;

/** CPUID as the parts that ST sells read (PM0215 §4.3.1, PM0056 §4.4.1, PM0214 §4.4.2, PM0253 §4.3.2, PM0264). */
export const ARCHITECTURES: Readonly<Record<CoreName, Architecture>> = {
  m0: { ...BASELINE, core: 'm0', version: 6, vectorTableOffset: false, cpuid: 0x410c_c200 },
  'm0+': { ...BASELINE, core: 'm0+', version: 6, vectorTableOffset: true, cpuid: 0x410c_c601 },
  m3: { ...MAINLINE, core: 'm3', version: 7, dsp: false, cpuid: 0x411f_c231, breakpoints: 6, stackAlign: 0 },
  m4: { ...MAINLINE, core: 'm4', version: 7, cpuid: 0x410f_c241, breakpoints: 6 },
  m7: { ...MAINLINE, core: 'm7', version: 7, cpuid: 0x411f_c271, breakpoints: 8 },
  m23: { ...BASELINE, core: 'm23', version: 8, vectorTableOffset: true, cpuid: 0x411c_d200 },
  m33: { ...MAINLINE, core: 'm33', version: 8, cpuid: 0x410f_d214, priorityBits: 4, breakpoints: 8 },
};
