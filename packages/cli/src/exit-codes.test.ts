import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { EXIT } from './base/exit-codes.ts';
import { ESCAPE, example, fakeIo, sureflash } from './testing/harness.ts';

const ELF = example('dashboard-v2.elf');
const OLD = example('dashboard-v1.hex');
const BIN = example('dashboard-v2.bin');
const ROM = '--virtual stm32f105-rom --instant';

/** What the command line says, the code in it, and what it says to do. */
interface Case {
  readonly words: string;
  readonly exit: number;
  readonly code: string;
  readonly says: RegExp;
}

const USAGE: readonly Omit<Case, 'exit' | 'code'>[] = [
  { words: 'frobnicate', says: /Unknown command 'frobnicate'\..*\n +See: sureflash --help/ },
  { words: 'fro\u001b[31mb', says: /Unknown command 'fro\\u\{1b\}\[31mb'/ },
  { words: 'progam x.elf', says: /Unknown command 'progam'\..*\n +Did you mean program\?/ },
  { words: 'help progam', says: /Did you mean program\?/ },
  {
    words: 'program',
    says: /Missing required argument 'file'\..*\n.*sureflash\.json\.\n +See: sureflash program --help/,
  },
  { words: 'flash app.elf', says: /Unknown command 'flash'\..*\n +Write: sureflash program FILE/ },
  { words: 'upload app.elf', says: /Write: sureflash program FILE/ },
  { words: 'mass_erase', says: /Write: sureflash erase --all/ },
  { words: 'version', says: /Write: sureflash --version/ },
  { words: 'app.elf', says: /To program this file: sureflash program app\.elf/ },
  {
    words: '-w app.elf -v',
    says: /Unknown option '-w'\..*\n +To write a file: sureflash program FILE\n +Every run is verified/,
  },
  {
    words: '-a 0 -s 0x08000000:leave -D app.bin',
    says: /An address goes into --at, .*\n +To write a file: sureflash program FILE/,
  },
  { words: 'program app.elf --verify', says: /Every run of program is verified: leave the option out/ },
  {
    words: 'program app.bin 0x08000000',
    says: /"0x08000000" is an address, not a file\..*\n +An address goes into --at: --at 0x08000000/,
  },
  { words: 'info a.elf', says: /Too many arguments for 'info'\. Expected 0 arguments but got 1\./ },
  { words: 'program x.elf --frob', says: /Unknown option '--frob'\./ },
  { words: 'program x.elf --virtual', says: /Option '--virtual <scenario>' argument missing\./ },
  {
    words: 'program x.elf --usb 1-1 --virtual b',
    says: /'--usb <which>' cannot be used with .*'--virtual <scenario>'/,
  },
  { words: 'program x.bin --at 8k0', says: /--at <address>: "8k0" is not an address\..*\n +Write it as 0x08000000/ },
  { words: 'program x.elf --keep all', says: /--keep <what>.*Allowed choices are rest, none\./ },
  { words: 'read x.bin --range 5', says: /--range <range>: "5" is not a range\..*\n +Write it as .*\.\..* or .*\+16K/ },
  { words: 'read backup', says: /"backup" does not say in which format to write\..*\n +Give the file an ending/ },
  {
    words: `erase ${ROM}`,
    says: /This does not say what to erase\..*\n +Give one of: --all .*--sectors.*--range/,
  },
  { words: `erase --all --sectors 1 ${ROM}`, says: /This does not say what to erase\./ },
  { words: `erase --sectors 0x08 ${ROM}`, says: /"0x08" is neither a sector number.*\n +Write decimal numbers/ },
  { words: `erase --sectors 128 ${ROM}`, says: /There is no sector 128\..*\n +This flash has the sectors 0 to 127/ },
  {
    words: `read x.bin --region ccm ${ROM}`,
    says: /This device has no memory named "ccm"\..*\n +It has: Internal Flash \(flash\)/,
  },
  { words: `read x.bin --region flash --range 0+4 ${ROM}`, says: /A range and --region exclude each other/ },
  { words: 'checksum', says: /A checksum needs a file or a range\./ },
  { words: 'explain stub-medai', says: /no cause and no error code "stub-medai"\..*\n +Did you mean stub-media\?/ },
  { words: 'chips Z80', says: /The chip "Z80" is not in the table\./ },
  { words: `info --wait soon ${ROM}`, says: /--wait \[seconds\]: "soon" is not a time in seconds\./ },
  {
    words: `program ${BIN} ${ROM}`,
    says: /is a raw binary: it does not say where.*\n +Give its address: --at 0x08000000/,
  },
  { words: `program ${ELF} --virtual stm32f999`, says: /no virtual board "stm32f999".*\n +There are: stm32f105-rom, / },
  {
    words: `program ${ELF} ${ROM} --chip stm99`,
    says: /The chip "stm99" is not in the table.*\n +Write it as on the chip: STM32F105RB\. Families: .*F1, /,
  },
  { words: `program ${ELF} --instant`, says: /--load and --instant need --virtual\..*\n +Add --virtual/ },
  { words: `program ${ELF} --usbip a/b/c`, says: /"a\/b\/c" is not a USB\/IP address\..*\n +Write it as host\/busid/ },
  { words: 'virtual stm32f999', says: /There is no virtual board "stm32f999"\./ },
  { words: 'virtual stm32f105-rom --port 70000', says: /A TCP port is at most 65535\./ },
  { words: 'completion tcsh', says: /Allowed choices are bash, zsh, fish, powershell\./ },
  { words: `convert ${ELF} x.uf2 --family PIC`, says: /"PIC" is not a UF2 family\..*\n +There are: STM32F0, / },
];

const OTHERS: readonly Case[] = [
  {
    words: `program ${ELF}`,
    exit: 3,
    code: 'cli/no-device',
    // A container may have no USB in its system files; that is said then.
    says: /(No programmable device|shows no USB to programs)(.|\n)*\n +Start the chip.*\n +Try/,
  },
  {
    words: `program ${ELF} --usb 1-9`,
    exit: 3,
    code: 'cli/no-device',
    says: /No programmable device matches "1-9"\.|shows no USB to programs/,
  },
  {
    words: 'erase --sectors 120 --virtual stm32f407-rom --instant --chip STM32F105RB',
    exit: 3,
    code: 'device/other-chip',
    says: /This device is not an STM32F105.*: the ROM of STM32F105 names its DEV_ID.*STM32F405.*\. Nothing was changed\./s,
  },
  { words: 'program none.elf', exit: 5, code: 'cli/file', says: /none\.elf cannot be read: there is no such file/ },
  {
    words: 'program short.hex',
    exit: 5,
    code: 'image/truncated',
    says: /short\.hex: Line 3: .*\n +Build the file again/,
  },
  {
    words: `program ${OLD} --format elf`,
    exit: 5,
    code: 'image/syntax',
    says: /not an ELF file.*\n +Leave out --format elf/,
  },
  { words: 'program empty.bin --at 0', exit: 5, code: 'image/empty', says: /empty\.bin: The file is empty/ },
  {
    words: `program ${BIN} --at 0x20000000 ${ROM}`,
    exit: 5,
    code: 'plan/outside',
    says: /0x20000000 to 0x2001D467 does not lie in the flash of this device.*Internal Flash 0x08000000 to 0x0803FFFF/,
  },
  { words: `read x.bin --range 0x09000000+4K ${ROM}`, exit: 5, code: 'plan/outside', says: /0x09000000 to 0x09000FFF/ },
  {
    words: `program ${ELF} ${ROM} --trace no/t`,
    exit: 5,
    code: 'cli/file',
    says: /no\/t cannot be written: there is no/,
  },
  {
    words: `program ${ELF} --virtual stm32f105-cubemx-stub --instant`,
    exit: 6,
    code: 'plan/doubtful',
    says: /Stopped before writing.*\n\nWhy +.*application(.|\n)*the same 256 bytes(.|\n)*What to do\n +- Start the ROM bootloader/,
  },
  {
    words: `program ${ELF} --virtual stm32f105-cubemx-stub --instant --force`,
    exit: 7,
    code: 'verify/mismatch',
    says: /0x080001E4 holds 0xFF instead of 0x00(.|\n)*Why +An application(.|\n)*so nothing was programmed(.|\n)*More +sureflash explain stub-media/,
  },
  {
    words: `verify ${ELF} ${ROM} --load ${OLD}`,
    exit: 7,
    code: 'verify/mismatch',
    says: /0x08000804 holds 0x30 instead of 0x31; 276 of 119908 bytes differ/,
  },
  {
    words: `program ${ELF} --virtual stm32f105-rom-wrp --instant`,
    exit: 8,
    code: 'plan/protected',
    says: /0x08002000(.|\n)*/i,
  },
  {
    words: `compare ${ELF} ${OLD}`,
    exit: 7,
    code: 'cli/different',
    says: /differ: 276 bytes in 7 places\. /,
  },
  {
    words: `program ${ELF} --virtual stm32f105-rom-rdp1 --instant`,
    exit: 8,
    code: 'device/read-protected',
    says: /The chip is read-protected: it refused to read at 0x08000000\./,
  },
  {
    words: `program ${ELF} --virtual stm32f105-custom --instant`,
    exit: 8,
    code: 'plan/read-only',
    says: /map marks 0x08000000 to 0x[0-9A-F]{8} as read-only/,
  },
];

const CASES: readonly Case[] = [...USAGE.map((each) => ({ ...each, exit: 2, code: 'cli/usage' })), ...OTHERS];

/** Right behind the verb, where no other option can take it for its value. */
function withJson(words: string): string {
  return words.replace(/^\S+/, '$& --json');
}

async function files(): Promise<[string, Uint8Array | string][]> {
  const hex = await readFile(OLD, 'utf8');
  return [
    ['short.hex', hex.slice(0, 100)],
    ['empty.bin', ''],
  ];
}

describe.each(CASES)('sureflash $words', ({ words, exit, code, says }) => {
  it(`ends with ${exit} and says what to do`, async () => {
    const ended = await sureflash(words, fakeIo({ files: await files() }));
    expect(ended.code).toBe(exit);
    expect(ended.err).toMatch(says);
    expect(ended.err).toContain(`[${code}]`);
    expect(ended.err).not.toMatch(/undefined|\[object/);
    expect(ended.err).not.toContain(ESCAPE);
  });

  it(`says the same as JSON, and nothing else`, async () => {
    const { code: ends, err, result } = await sureflash(withJson(words), fakeIo({ files: await files() }));
    expect(ends).toBe(exit);
    expect(err).toBe('');
    // `completion` has no --json: what is wrong first is that option.
    const expected = words.startsWith('completion') ? 'cli/usage' : code;
    expect(result).toMatchObject({ type: 'result', ok: false, exitCode: exit, code: expected });
    expect(result['title']).toMatch(/./);
    expect(result['facts']).toBeTypeOf('object');
  });
});

describe('JSON errors', () => {
  it('carry the facts and the diagnosis of a failed proof', async () => {
    const { result } = await sureflash(`program ${ELF} --virtual stm32f105-cubemx-stub --instant --force --json`);
    expect(result['facts']).toMatchObject({ address: 0x0800_01e4, expected: 0x00, found: 0xff, compared: 119_912 });
    expect(result['diagnosis']).toMatchObject({ cause: 'stub-media' });
    expect(JSON.stringify(result['diagnosis'])).toContain('mismatch at 0x080001E4');
  });

  it('name the file and the line of a damaged one', async () => {
    const { result } = await sureflash('program short.hex --json', fakeIo({ files: await files() }));
    expect(result).toMatchObject({ facts: { path: 'short.hex', line: 3 } });
  });
});

describe('exit codes', () => {
  it('are distinct, and each is explained in the help', async () => {
    const { out } = await sureflash('--help');
    const codes = Object.values(EXIT);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(out).toMatch(new RegExp(`^ +${code}  \\S`, 'm'));
  });

  it('are 0 for list without a device: there was nothing wrong', async () => {
    const { code, out, err } = await sureflash('list');
    expect(code).toBe(0);
    expect(out).toBe('');
    expect(err).toMatch(/^No programmable device is plugged in\.\nStart a chip in its bootloader .*--virtual/);
  });
});
