/** What `--help` says beside the options: examples, exit codes, how numbers are written. */
import type { Command } from 'commander';
import { EXIT } from './exit-codes.ts';

/** A command line and what it does. */
export type Example = readonly [command: string, meaning: string];

const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  sureflash: [
    ['sureflash demo', 'see what it does'],
    ['sureflash program firmware.elf', 'the board plugged in'],
    ['sureflash program firmware.hex --virtual stm32f105-rom', 'no hardware needed'],
    ['sureflash program --help', 'help of one command'],
  ],
  list: [
    ['sureflash list', 'on this machine'],
    ['sureflash list --uid', 'with the unique ids of the chips'],
    ['sureflash list --usbip 192.168.1.20', 'on another one'],
  ],
  info: [
    ['sureflash info', 'the board plugged in'],
    ['sureflash info --usb 1-4.2', 'the board at this bus path'],
  ],
  program: [
    ['sureflash program firmware.elf', 'the board plugged in'],
    ['sureflash program firmware.bin --at 0x08000000 --leave', 'raw binary; start it'],
    ['sureflash program firmware.hex --usb 0483:df11', 'by vendor and product'],
    ['sureflash program firmware.hex --virtual stm32f105-rom', 'no hardware needed'],
  ],
  plan: [['sureflash plan firmware.elf', 'which sectors would be kept, erased, written']],
  verify: [['sureflash verify firmware.elf', 'exit code 0: the flash holds it, 7: it does not']],
  doctor: [
    ['sureflash doctor', 'the board plugged in, or why there is none'],
    ['sureflash doctor firmware.elf', 'with the file that it should take'],
    ['sureflash doctor --chip STM32F105', 'how to enter the bootloader of this chip'],
    ['sureflash doctor --scratch 0x0803F800', 'erases and writes this sector'],
  ],
  read: [
    ['sureflash read backup.bin', 'the whole flash'],
    ['sureflash read start.hex --range 0x08000000+16K', '16 KB from its start'],
    ['sureflash read options.bin --region option-bytes', 'another memory'],
  ],
  erase: [
    ['sureflash erase --range 0x08004000+16K', '16 KB: whole sectors'],
    ['sureflash erase --range 0x08004000..0x08008000', 'the same, by its end'],
    ['sureflash erase --sectors 0-3,7', 'by their numbers'],
    ['sureflash erase --all', 'the whole flash'],
  ],
  'option-bytes': [
    ['sureflash option-bytes show', 'all of them by name'],
    ['sureflash option-bytes set BOR_LEV=0 nBOOT0=1', 'shows the plan, asks, reads back'],
    ['sureflash option-bytes set RDP=level-1 --yes', 'closes the chip; without a question'],
  ],
  unprotect: [['sureflash unprotect', 'says what is erased, and asks']],
  leave: [['sureflash leave', 'starts what is at the start of flash']],
  check: [['sureflash check firmware.elf --chip STM32F105', 'before it is programmed']],
  compare: [
    ['sureflash compare old.elf new.hex', 'exit code 0: equal, 7: different'],
    ['sureflash compare app.elf', 'with the board plugged in'],
  ],
  checksum: [
    ['sureflash checksum app.elf', 'of what it puts into memory'],
    ['sureflash checksum --range 0x08000000+64K', 'of the board plugged in'],
  ],
  chips: [
    ['sureflash chips', 'all of them'],
    ['sureflash chips STM32F105RB', 'one in full'],
  ],
  convert: [
    ['sureflash convert app.elf app.dfu', 'by the ending'],
    ['sureflash convert app.bin app.uf2 --at 0x08000000', 'a raw binary needs it'],
    ['sureflash convert app.elf app.uf2 --family STM32F4', 'for UF2 bootloaders'],
    ['sureflash convert app.hex app.dfu --vid 0x1209 --pid 0xdb42', 'with ids of its own'],
  ],
  virtual: [
    ['sureflash virtual', 'list the boards'],
    ['sureflash virtual stm32f105-rom', 'one at 127.0.0.1/1-1'],
    ['sureflash virtual stm32f407-rom stm32l476-rom --port 0', 'two, on a free port'],
  ],
  demo: [['sureflash demo --instant', 'without the waiting']],
  completion: [
    ['source <(sureflash completion bash)', 'bash, in this shell'],
    ['sureflash completion zsh > ~/.zfunc/_sureflash', 'zsh; a folder in fpath'],
    ['sureflash completion fish | source', 'fish, in this shell'],
  ],
};

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  success: 'success, and proven',
  defect: 'a defect of sureflash',
  usage: 'wrong usage: this command line cannot work',
  device: 'no device, several, or another chip than was stated',
  access: 'no access: permission, driver, or in use',
  file: 'bad file, or it does not fit the device',
  refused: 'the device refused or broke off',
  mismatch: 'verification failed, or files differ',
  protected: 'protected: read protection, or read-only memory',
  interrupted: 'interrupted; the next run completes it',
};

const NUMBERS = `
Numbers: 0x08000000, 134217728, 16K, 1M. Ranges: START..END (the end is not
inside) or START+SIZE, such as 0x08000000..0x08004000 or 0x08000000+16K.`;

/** What stands below the options in the help of `command`. */
export function helpBelow(command: Command): string {
  const width = command.configureOutput().getOutHelpWidth?.() ?? 80;
  const isProgram = command.parent === null;
  const takesNumbers = command.options.some(({ long }) => long === '--at' || long === '--range' || long === '--only');
  return [
    `\nExamples:\n${examplesText(EXAMPLES[command.name()] ?? [], width)}`,
    ...(takesNumbers ? [NUMBERS] : []),
    ...(isProgram ? [`\nExit codes:\n${exitCodesText()}`] : []),
  ].join('\n');
}

/** Two columns where they fit, else the meaning above its command. */
export function examplesText(examples: readonly Example[], width: number): string {
  const column = Math.max(0, ...examples.map(([command]) => command.length)) + 2;
  const fits = examples.every(([, meaning]) => 2 + column + meaning.length <= width);
  return examples
    .map(([command, meaning]) => (fits ? `  ${command.padEnd(column)}${meaning}` : `  # ${meaning}\n  ${command}`))
    .join('\n');
}

function exitCodesText(): string {
  return Object.entries(EXIT)
    .toSorted(([, a], [, b]) => a - b)
    .map(([name, code]) => `  ${String(code).padStart(3)}  ${meaningOf(name)}`)
    .join('\n');
}

function meaningOf(name: string): string {
  return new Map(Object.entries(MEANINGS)).get(name) ?? name;
}
