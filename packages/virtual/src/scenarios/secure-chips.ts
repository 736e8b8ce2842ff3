/** Chips with TrustZone on, behind a debug probe: what their option bytes say of their worlds, and how far they let a debugger in. */

import { type ChipFacts, chipFamilies, optionView, type PartFacts } from '../registers/index.ts';
import { createVirtualStLink, type VirtualStLink, type VirtualStLinkOptions } from '../stlink/index.ts';
import { KB } from '../table/row.ts';
import { deskOptions, type ProbeScenario } from './probes.ts';

function chipOf(family: string, part: PartFacts): ChipFacts {
  const model = chipFamilies.get(family);
  if (!model) throw new RangeError(`no model of ${family}`);
  return model(part);
}

/** RM0438 §2.3, §6.3; DS12736: 512 KB in two banks. */
const L552 = chipOf('L5', {
  name: 'STM32L552',
  devId: 0x472,
  banks: [[[128, 2 * KB]], [[128, 2 * KB]]],
  ram: [[0x2000_0000, 256 * KB]],
  flashSizeAt: 0x0bfa_05e0,
  uidAt: 0x0bfa_0590,
});
/** RM0456 §2.3, §7.3: 2 MB in two banks. */
const U585 = chipOf('U5', {
  name: 'STM32U585',
  devId: 0x482,
  banks: [[[128, 8 * KB]], [[128, 8 * KB]]],
  ram: [[0x2000_0000, 768 * KB]],
  flashSizeAt: 0x0bfa_07a0,
  uidAt: 0x0bfa_0700,
});
/** RM0481 §2.3, §7.3: 2 MB in two banks. */
const H563 = chipOf('H5', {
  name: 'STM32H563',
  devId: 0x484,
  banks: [[[128, 8 * KB]], [[128, 8 * KB]]],
  ram: [[0x2000_0000, 640 * KB]],
  flashSizeAt: 0x08ff_f80c,
  uidAt: 0x08ff_f800,
});

type SetOptions = NonNullable<VirtualStLinkOptions['setOptions']>;

/** Bank 1 is secure, bank 2 is not (SECWM1 covers its 128 pages, SECWM2 none), TZEN is 1. @param rdp the byte of OPTR */
const dividedByOptr =
  (rdp = 0xaa): SetOptions =>
  (options) => {
    const view = optionView(options);
    options[0] = rdp;
    view.setUint32(0, (view.getUint32(0, true) | 0x8000_0000) >>> 0, true);
    view.setUint32(16, 0xff80_0000 | (127 << 16), true);
    view.setUint32(32, 0xff80_ff80 | 127, true);
  };

/** The same of H5. @param state PRODUCT_STATE (RM0481 §7.11.8) */
const dividedByOptsr =
  (state = 0xed): SetOptions =>
  (options) => {
    const view = optionView(options);
    options[1] = state;
    view.setUint32(8, ((view.getUint32(8, true) & 0x00ff_ffff) | 0xb400_0000) >>> 0, true);
    view.setUint32(20, 127 << 16, true);
    view.setUint32(24, 127, true);
  };

/** TrustZone is off, and the product is in this state. */
const inState =
  (state: number): SetOptions =>
  (options) => {
    options[1] = state;
  };

interface SecureRow extends Omit<ProbeScenario, 'plugIn'> {
  readonly desk: Omit<VirtualStLinkOptions, 'clock' | 'longestRunMs' | 'probe'>;
}

const BANKS = 'SECWM1 covers bank 1, SECWM2 nothing.';
const RUNNING = { microcontroller: { world: 'non-secure' } } as const;

const SECURE: readonly SecureRow[] = [
  {
    name: 'nucleo-l552-secure',
    title: 'Nucleo-L552ZE-Q with TrustZone on',
    description: `TZEN is 1, RDP is level 0: a debugger reaches both worlds. ${BANKS}`,
    source: 'RM0438 §6.5, §6.6; AN5347',
    desk: { chip: L552, setOptions: dividedByOptr() },
  },
  {
    name: 'nucleo-l552-rdp05',
    title: 'Nucleo-L552ZE-Q with TrustZone on and its secure world closed to debuggers',
    description: `RDP is level 0.5, and the non-secure program runs. ${BANKS}`,
    source: 'RM0438 §6.6.2; AN5347 §7.1',
    desk: { chip: L552, setOptions: dividedByOptr(0x55), ...RUNNING },
  },
  {
    name: 'nucleo-l552-rdp05-in-secure',
    title: 'The same while its core stays in secure code',
    description:
      'No debugger halts it there; non-secure flash and registers are reached all the same, which is a guess.',
    source: 'RM0438 §6.6.2; DDI0553, halting debug authentication',
    desk: { chip: L552, setOptions: dividedByOptr(0x55) },
  },
  {
    name: 'nucleo-l552-secure-rdp1',
    title: 'Nucleo-L552ZE-Q with TrustZone on and read protection, in secure code',
    description: 'RDP is level 1: while secure code runs, a debugger reaches nothing but DBGMCU.',
    source: 'AN5347 §7.1; community.st.com ta-p/570404',
    desk: { chip: L552, setOptions: dividedByOptr(0x00) },
  },
  {
    name: 'nucleo-l552-rdp1',
    title: 'Nucleo-L552ZE-Q with TrustZone on and read protection, in its non-secure program',
    description: 'RDP is level 1: a debugger reaches the non-secure world, but no flash.',
    source: 'RM0438 §6.6.2; AN5347 §7.1',
    desk: { chip: L552, setOptions: dividedByOptr(0x00), ...RUNNING },
  },
  {
    name: 'stm32u585-secure',
    title: 'An STM32U585 with TrustZone on',
    description: `TZEN is 1, RDP is level 0: a debugger reaches both worlds. ${BANKS}`,
    source: 'RM0456 §7.5, §7.6',
    desk: { chip: U585, setOptions: dividedByOptr() },
  },
  {
    name: 'stm32u585-rdp05',
    title: 'An STM32U585 with TrustZone on and its secure world closed to debuggers',
    description: `RDP is level 0.5, and the non-secure program runs. ${BANKS}`,
    source: 'RM0456 §7.6.2',
    desk: { chip: U585, setOptions: dividedByOptr(0x55), ...RUNNING },
  },
  {
    name: 'nucleo-h563-secure',
    title: 'Nucleo-H563ZI with TrustZone on, an open product',
    description: `TZEN is 0xB4, PRODUCT_STATE is Open: a debugger reaches both worlds. ${BANKS}`,
    source: 'RM0481 §7.5, §7.6.1; wiki.st.com, Product state for STM32H5',
    desk: { chip: H563, setOptions: dividedByOptsr() },
  },
  {
    name: 'nucleo-h563-tz-closed',
    title: 'Nucleo-H563ZI whose secure world is closed',
    description: `PRODUCT_STATE is TZ-Closed, and the non-secure program runs. ${BANKS}`,
    source: 'RM0481 §7.6.1; wiki.st.com, Product state for STM32H5',
    desk: { chip: H563, setOptions: dividedByOptsr(0xc6), ...RUNNING },
  },
  {
    name: 'nucleo-h563-irot',
    title: 'Nucleo-H563ZI that is provisioned, in the secure code of its root of trust',
    description: 'PRODUCT_STATE is iROT-provisioned: debug is possible while non-secure code runs alone.',
    source: 'RM0481 §7.6.1; wiki.st.com, Product state for STM32H5',
    desk: { chip: H563, setOptions: dividedByOptsr(0x2e) },
  },
  {
    name: 'nucleo-h563-provisioning',
    title: 'Nucleo-H563ZI that is being provisioned',
    description: 'PRODUCT_STATE is Provisioning, TrustZone is off: the core stays in the ROM, where nobody halts it.',
    source: 'RM0481 §4.2, §7.6.1; community.st.com td-p/817188',
    desk: { chip: H563, setOptions: inState(0x17) },
  },
  {
    name: 'nucleo-h563-closed',
    title: 'Nucleo-H563ZI that is closed',
    description:
      'PRODUCT_STATE is Closed: nothing but DBGMCU is reached, where debug authentication asks for a regression.',
    source: 'RM0481 §7.6.1, §59.12; wiki.st.com, Product state for STM32H5',
    desk: { chip: H563, setOptions: inState(0x72) },
  },
];

/** Each behind an STLINK-V3E, as on the boards of ST. */
export const secureChipScenarios: readonly ProbeScenario<VirtualStLink>[] = SECURE.map(({ desk, ...row }) => ({
  ...row,
  plugIn: (clock, options) => {
    const shared = deskOptions(clock, options);
    const microcontroller = { ...shared.microcontroller, ...desk.microcontroller };
    return { desk: createVirtualStLink({ ...desk, ...shared, microcontroller, probe: 'v3e' }) };
  },
}));
