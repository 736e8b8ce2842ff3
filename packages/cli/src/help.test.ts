import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { examplesText } from './help.ts';
import { fakeIo, sureflash } from './testing/harness.ts';
import { VERBS } from './verbs.ts';

describe('sureflash --help', () => {
  it('goes from usage over the verbs by group to examples and exit codes', async () => {
    const { code, out, err } = await sureflash('--help');
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out).toMatch(/^Usage: sureflash <command> \[options\]\n\nPrograms STM32 microcontrollers/);
    const headings = [...out.matchAll(/^(\S.*):$/gm)].map(([, heading]) => heading);
    const groups = [...new Set(VERBS.map(({ group }) => group.replace(/:$/, '')))];
    expect(headings).toEqual(['Options', ...groups, 'Examples', 'Exit codes']);
  });

  it.each(VERBS)('lists $name below its heading, with what it does', async ({ name, group, about }) => {
    const { out } = await sureflash('--help', fakeIo({ width: 100 }));
    const section = out.split(`\n${group}\n`)[1]?.split('\n\n')[0] ?? '';
    expect(section.replace(/\s+/g, ' ')).toContain(` ${name} ${about}`);
  });

  it.each([['help'], ['-h']])('is what %s prints too', async (words) => {
    expect((await sureflash(words)).out).toBe((await sureflash('--help')).out);
  });

  it('goes to standard error, with 2, where there is no verb: nothing was done', async () => {
    const { code, out, err } = await sureflash([]);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toBe((await sureflash('--help')).out);
  });
});

describe('the help of a verb', () => {
  it('has its own options first, then those of every verb, then examples', async () => {
    expect((await sureflash('erase --help')).out).toMatchInlineSnapshot(`
      "Usage: sureflash erase [options]

      erase sectors and prove that they are blank

      Options:
        --all                        the whole flash
        --sectors <numbers>          some sectors, such as 0-3,7
        --range <range>              this range
        --keep <what>                bytes of a sector beside the range: keep them, or
                                     none of them (choices: "rest", "none", default:
                                     "rest")
        --scratch [range]            if it fails and several causes fit: tell them
                                     apart by made-up data in these sectors, or in
                                     those of the job
        --supply <volts>             supply voltage of an F2, F4 or F7; "none" leaves
                                     the bootloader at 1.8 V

      Which device (default: the only one that is plugged in):
        --usb <which>                on this machine: bus path (1-4.2), uid:ID, serial
                                     number, or vid:pid
        --usbip <host[:port]/busid>  exported by another machine or program over
                                     USB/IP
        --stlink [serial]            the chip behind an ST-LINK; with several, the one
                                     with this serial number
        --cmsis-dap [serial]         the chip behind a CMSIS-DAP probe (v2); with
                                     several, the one with this serial number
        --virtual <scenario>         a virtual board; "sureflash virtual" lists them
        --load <file>                with --virtual: initial content of its flash
        --instant                    with --virtual: do not wait for the modelled
                                     silicon; the times shown are still the modelled
                                     ones
        --replay <trace>             the device of a recorded trace
        --wait [seconds]             wait until the device appears; without a number,
                                     for ever
        --detach                     send a running program with a DFU run-time
                                     interface to its bootloader first

      How to talk to it:
        --chip <name>                the chip, if the device does not identify it
        --connect <way>              with a debug probe: reset and halt the chip, do
                                     so by its NRST line, or leave it running
                                     (choices: "normal", "under-reset", "hot-plug")
        --speed <kHz>                speed of the line between debug probe and chip;
                                     default: the fastest that works
        --no-loader                  with a debug probe: run no code in the chip and
                                     leave its RAM as it is; flash is written more
                                     slowly
        --polite                     always wait the time that the device asks for
                                     between polls
        --trace <file>               record every transfer, one JSON line each

      Output:
        --json                       one JSON object per line on standard output
        -q, --quiet                  no progress and no remarks
        -v, --verbose                more remarks: each fact read from the device,
                                     each change of a sector
        --no-color                   no colours

      Help:
        -h, --help                   show this help

      Examples:
        sureflash erase --range 0x08004000+16K          16 KB: whole sectors
        sureflash erase --range 0x08004000..0x08008000  the same, by its end
        sureflash erase --sectors 0-3,7                 by their numbers
        sureflash erase --all                           the whole flash

      Numbers: 0x08000000, 134217728, 16K, 1M. Ranges: START..END (END is not
      included) or START+SIZE, such as 0x08000000..0x08004000 or 0x08000000+16K.
      "
    `);
  });

  it('is what "help erase" prints too', async () => {
    expect((await sureflash('help erase')).out).toBe((await sureflash('erase --help')).out);
  });

  it.each(VERBS.map(({ name }) => name))('is there for %s, with an example, in lines that fit', async (verb) => {
    for (const width of [80, 100]) {
      const { code, out } = await sureflash(`${verb} --help`, fakeIo({ width }));
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`^Examples:\\n(  .*\\n)*  .*sureflash ${verb}`, 'm'));
      expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    }
  });
});

describe('examples in the help of a verb', () => {
  it('have their meaning above them where a line has no room for both', () => {
    const examples = [['sureflash demo', 'see it']] as const;
    expect(examplesText(examples, 80)).toBe('  sureflash demo  see it');
    expect(examplesText(examples, 20)).toBe('  # see it\n  sureflash demo');
  });
});

describe('--version', () => {
  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect((await sureflash('--version')).out).toBe(`${version}\n`);
  });
});
