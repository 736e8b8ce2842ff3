/** The table of contents of the command line. A verb is loaded when it is asked for; this table knows its name and its line in the overview. */
import type { NamedVerb, Verb } from './declare/verb.ts';

export interface VerbEntry {
  readonly name: string;
  /** Heading in the overview. */
  readonly group: string;
  readonly about: string;
  readonly load: () => Promise<Verb>;
}

const DEVICE = 'With a device:';
const FILES = 'Without a device:';
const SETUP = 'To try it and to set it up:';

/** In the order of the overview. */
export const VERBS: readonly VerbEntry[] = [
  {
    name: 'list',
    group: DEVICE,
    about: 'show the devices that can be programmed',
    load: async () => (await import('./verbs/list.ts')).listVerb,
  },
  {
    name: 'info',
    group: DEVICE,
    about: 'identify a device and show its memory',
    load: async () => (await import('./verbs/info.ts')).infoVerb,
  },
  {
    name: 'program',
    group: DEVICE,
    about: 'program a firmware file and prove that every byte arrived',
    load: async () => (await import('./verbs/program.ts')).programVerb,
  },
  {
    name: 'watch',
    group: DEVICE,
    about: 'program a firmware file whenever its build changes',
    load: async () => (await import('./verbs/watch.ts')).watchVerb,
  },
  {
    name: 'produce',
    group: DEVICE,
    about: 'program every board that is plugged in, and keep a record',
    load: async () => (await import('./verbs/produce.ts')).produceVerb,
  },
  {
    name: 'plan',
    group: DEVICE,
    about: 'show what program would do; nothing is changed',
    load: async () => (await import('./verbs/plan.ts')).planVerb,
  },
  {
    name: 'verify',
    group: DEVICE,
    about: 'compare a device with a firmware file',
    load: async () => (await import('./verbs/verify.ts')).verifyVerb,
  },
  {
    name: 'doctor',
    group: DEVICE,
    about: 'find out why a device cannot be programmed; nothing is changed',
    load: async () => (await import('./verbs/doctor.ts')).doctorVerb,
  },
  {
    name: 'read',
    group: DEVICE,
    about: 'read memory into a file, or show it as a hex dump',
    load: async () => (await import('./verbs/read.ts')).readVerb,
  },
  {
    name: 'write',
    group: DEVICE,
    about: 'write words at an address and prove that they arrived',
    load: async () => (await import('./verbs/write.ts')).writeVerb,
  },
  {
    name: 'fill',
    group: DEVICE,
    about: 'write one value over a range and prove that it arrived',
    load: async () => (await import('./verbs/fill.ts')).fillVerb,
  },
  {
    name: 'erase',
    group: DEVICE,
    about: 'erase sectors and prove that they are blank',
    load: async () => (await import('./verbs/erase.ts')).eraseVerb,
  },
  {
    name: 'blank-check',
    group: DEVICE,
    about: 'check that memory is erased',
    load: async () => (await import('./verbs/blank-check.ts')).blankCheckVerb,
  },
  {
    name: 'compare',
    group: DEVICE,
    about: 'compare two firmware files, or one with a device, byte by byte',
    load: async () => (await import('./verbs/compare.ts')).compareVerb,
  },
  {
    name: 'checksum',
    group: DEVICE,
    about: 'print CRC-32 and SHA-256 of a firmware file or of memory',
    load: async () => (await import('./verbs/checksum.ts')).checksumVerb,
  },
  {
    name: 'reset',
    group: DEVICE,
    about: 'reset the chip behind a debug probe',
    load: async () => (await import('./verbs/reset.ts')).resetVerb,
  },
  {
    name: 'detach',
    group: DEVICE,
    about: 'send a running program with a DFU run-time interface to its bootloader',
    load: async () => (await import('./verbs/detach.ts')).detachVerb,
  },
  {
    name: 'leave',
    group: DEVICE,
    about: 'leave the bootloader and start the program',
    load: async () => (await import('./verbs/leave.ts')).leaveVerb,
  },
  {
    name: 'option-bytes',
    group: DEVICE,
    about: 'show or set read protection, write protection and how the chip starts',
    load: async () => (await import('./verbs/option-bytes.ts')).optionBytesVerb,
  },
  {
    name: 'unprotect',
    group: DEVICE,
    about: 'remove read protection: everything in the chip is erased',
    load: async () => (await import('./verbs/unprotect.ts')).unprotectVerb,
  },
  {
    name: 'check',
    group: FILES,
    about: 'examine a firmware file before a device is touched',
    load: async () => (await import('./verbs/check.ts')).checkVerb,
  },
  {
    name: 'convert',
    group: FILES,
    about: 'write a firmware file in another format',
    load: async () => (await import('./verbs/convert.ts')).convertVerb,
  },
  {
    name: 'fix',
    group: FILES,
    about: 'write C for a chip: the jump to its ROM bootloader, or a working DFU class',
    load: async () => (await import('./verbs/fix.ts')).fixVerb,
  },
  {
    name: 'layout',
    group: FILES,
    about: 'read, check or make a DfuSe memory layout string',
    load: async () => (await import('./verbs/layout.ts')).layoutVerb,
  },
  {
    name: 'merge',
    group: FILES,
    about: 'write several firmware files as one',
    load: async () => (await import('./verbs/merge.ts')).mergeVerb,
  },
  {
    name: 'chips',
    group: FILES,
    about: 'list the known chips, or show all that is known of one',
    load: async () => (await import('./verbs/chips.ts')).chipsVerb,
  },
  {
    name: 'explain',
    group: FILES,
    about: 'explain a cause that sureflash names, or an error code',
    load: async () => (await import('./verbs/explain.ts')).explainVerb,
  },
  {
    name: 'demo',
    group: SETUP,
    about: 'watch the failure that sureflash was made for, and its solution',
    load: async () => (await import('./verbs/demo.ts')).demoVerb,
  },
  {
    name: 'dfu-util',
    group: SETUP,
    about: 'take the arguments of dfu-util, for scripts that cannot be changed',
    load: async () => (await import('./verbs/dfu-util.ts')).dfuUtilVerb,
  },
  {
    name: 'virtual',
    group: SETUP,
    about: 'run virtual boards that others attach over USB/IP; list them if no name is given',
    load: async () => (await import('./verbs/virtual.ts')).virtualVerb,
  },
  {
    name: 'completion',
    group: SETUP,
    about: 'print a completion script for a shell',
    load: async () => (await import('./verbs/completion.ts')).completionVerb,
  },
];

/** Every verb with its declaration: for completion scripts and for documents. */
export async function allVerbs(): Promise<NamedVerb[]> {
  return await Promise.all(VERBS.map(async ({ name, about, load }) => ({ name, about, verb: await load() })));
}
