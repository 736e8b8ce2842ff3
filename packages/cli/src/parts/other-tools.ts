/** Words that people bring along from other flash programs, and what to write here instead. Used only where a command line cannot work. */
import { closest } from '../base/closest.ts';

/** By the word that stands where a verb should: `sureflash flash app.elf`. */
const VERB_WORDS: Readonly<Record<string, string>> = {
  flash: 'sureflash program FILE',
  'write-flash': 'sureflash program FILE',
  upload: 'sureflash program FILE',
  download: 'sureflash program FILE (to the device), sureflash read FILE (from it)',
  burn: 'sureflash program FILE',
  load: 'sureflash program FILE',
  dump: 'sureflash read FILE',
  backup: 'sureflash read FILE',
  'read-flash': 'sureflash read FILE',
  'read-mem': 'sureflash read 0x08000000+256',
  hexdump: 'sureflash read 0x08000000+256',
  'write-mem': 'sureflash write ADDRESS WORDS',
  poke: 'sureflash write ADDRESS WORDS',
  fillmemory: 'sureflash fill RANGE VALUE',
  blankcheck: 'sureflash blank-check',
  'dump-to-file': 'sureflash read FILE',
  run: 'sureflash leave, which starts the program in the flash; sureflash program FILE --leave does both',
  start: 'sureflash leave, which starts the program',
  go: 'sureflash leave --at ADDRESS',
  detach: 'sureflash leave, which starts the program',
  'mass-erase': 'sureflash erase --all',
  'chip-erase': 'sureflash erase --all',
  'erase-flash': 'sureflash erase --all',
  'erase-region': 'sureflash erase --range 0x08004000+16K',
  version: 'sureflash --version',
  devices: 'sureflash list',
  'list-devices': 'sureflash list',
  ls: 'sureflash list',
  'board-info': 'sureflash info',
  'chip-id': 'sureflash info',
  'flash-id': 'sureflash info',
  diff: 'sureflash compare A B',
  cmp: 'sureflash compare A B',
  hash: 'sureflash checksum FILE',
  crc: 'sureflash checksum FILE',
  'flash-md5': 'sureflash checksum --range 0x08000000+64K',
  'merge-bin': 'sureflash merge',
  ob: 'sureflash option-bytes show',
  'options-bytes': 'sureflash option-bytes show',
  fuses: 'sureflash option-bytes show',
  rdp: 'sureflash option-bytes show, and sureflash unprotect to open a chip',
  unlock: 'sureflash unprotect',
  recover: 'sureflash unprotect',
  simulate: 'sureflash virtual',
  help: 'sureflash --help',
};

/** By an option that no verb here has. CP is STM32CubeProgrammer, DU dfu-util, ES esptool. */
const OPTION_WORDS: Readonly<Record<string, string>> = {
  // CP, and st-flash's habits
  '-w': 'To write a file: sureflash program FILE',
  '-d': 'To write a file: sureflash program FILE. To choose a device: --usb 0483:df11',
  '--download': 'To write a file: sureflash program FILE',
  '--write': 'To write a file: sureflash program FILE',
  '-r': 'To read memory: sureflash read FILE',
  '-u': 'To read memory: sureflash read FILE',
  '--upload': 'To read memory: sureflash read FILE',
  '-e': 'To erase everything: sureflash erase --all',
  '--mass-erase': 'To erase everything: sureflash erase --all',
  '-l': 'To list devices: sureflash list',
  '--list': 'To list devices: sureflash list',
  '-c': 'A device is chosen by --usb; the only one that is plugged in is taken without it.',
  '-ob': 'Option bytes: sureflash option-bytes show, or set NAME=VALUE',
  '-rdu': 'To remove read protection: sureflash unprotect',
  '-g': 'To start the program: sureflash leave, or program FILE --leave',
  '-w8': 'To write bytes: sureflash write ADDRESS BYTES --width 8',
  '-w16': 'To write words of 16 bits: sureflash write ADDRESS WORDS --width 16',
  '-w32': 'To write words of 32 bits: sureflash write ADDRESS WORDS',
  '-r8': 'To see memory: sureflash read 0x08000000+256',
  '-r16': 'To see memory: sureflash read 0x08000000+256',
  '-r32': 'To see memory: sureflash read 0x08000000+256',
  '-rst': 'To start the program: sureflash leave, or program FILE --leave',
  '-v': 'Every run is verified. The version: sureflash --version',
  '--verify': 'Every run of program is verified: leave the option out. To verify alone: sureflash verify FILE',
  '--no-verify': 'Every run is verified; there is no way around it, and it takes little time.',
  // DU
  '-D': 'To write a file: sureflash program FILE',
  '-U': 'To read memory: sureflash read FILE',
  '-s': 'An address goes into --at, the start afterwards is --leave: sureflash program FILE --at 0x08000000 --leave',
  '-a': 'The memory follows from the addresses in the file; there is no alternate setting to choose.',
  '--alt': 'The memory follows from the addresses in the file; there is no alternate setting to choose.',
  '-R': 'To start the program: --leave',
  '--reset': 'To start the program: --leave',
  '--serial': 'A device is chosen by --usb, also by its serial number: --usb 367F36773037',
  '--device': 'A device is chosen by --usb, also by its ids: --usb 0483:df11',
  '--path': 'A device is chosen by --usb, also by its bus path: --usb 1-4.2',
  // ES
  '--port': 'A device on USB is chosen by --usb.',
  '--before': 'sureflash does not reset a board: start the bootloader by its BOOT0 pin.',
  '--address': 'An address goes into --at: --at 0x08000000',
  '--start': 'An address goes into --at: --at 0x08000000',
  '--base': 'An address goes into --at: --at 0x08000000',
  '--offset': 'An address goes into --at: --at 0x08000000',
  '--dry-run': 'To see what would be done: sureflash plan FILE',
  '-n': 'To see what would be done: sureflash plan FILE',
  '-o': 'The file to write to is the last word: sureflash convert FROM TO, sureflash read FILE',
  '--output': 'The file to write to is the last word: sureflash convert FROM TO, sureflash read FILE',
  '-f': 'To go on against what reads show: --force. To replace a file: --overwrite',
};

/** @param isFile whether there is such a file. @returns lines; empty where the word says nothing to us */
export function hintsForVerb(word: string, verbs: readonly string[], isFile: (path: string) => boolean): string[] {
  const known = new Map(Object.entries(VERB_WORDS)).get(word.toLowerCase().replaceAll('_', '-'));
  if (known !== undefined) return [`Write: ${known}`];
  if (/\.(elf|hex|ihx|bin|s19|srec|mot|dfu|uf2|axf|out)$/i.test(word) || isFile(word)) {
    return [`To program this file: sureflash program ${word}`];
  }
  const meant = closest(word, verbs);
  return meant.length > 0 ? [`Did you mean ${meant.join(' or ')}?`] : [];
}

/** @param option as it was written, perhaps with its value: `--alt=0` */
export function hintsForOption(option: string): string[] {
  const known = new Map(Object.entries(OPTION_WORDS)).get(option.replace(/=.*$/, ''));
  return known === undefined ? [] : [known];
}

/** Words that are one too many: `program app.bin 0x08000000`. */
export function hintsForExcess(words: readonly string[]): string[] {
  const address = words.find((word) => /^0x[0-9a-f]+$/i.test(word));
  return address === undefined ? [] : [`An address goes into --at: --at ${address}`];
}
