import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { dfuUtilSteps, inDfuUtilWords, parseDfuseAddress } from '../parts/dfu-util.ts';
import { type Ended, example, fakeIo, sureflash } from '../testing/harness.ts';

const V2 = example('dashboard-v2.bin');
const ROM = '--virtual stm32f105-rom --instant';
const dfuUtil = async (words: string): Promise<Ended> => await sureflash(`dfu-util ${words} ${ROM}`);

describe('the arguments of dfu-util', () => {
  it('program a raw file at an address and start it', async () => {
    const { out, err, code } = await dfuUtil(`-a 0 -s 0x08000000:leave -D ${V2}`);
    expect(err).toContain(`sureflash program ${V2} --at 0x08000000 --leave`);
    expect(out).toMatch(/^Verified/);
    expect(out).toMatch(/^Started/m);
    expect(code).toBe(0);
  });

  it.each([
    [`-a0 -s0x08000000 -D${V2} -R`, /^Started/m],
    [`--alt 0 --dfuse-address 0x08000000:mass-erase:force:leave --download ${V2}`, /^Erased {7}128 sectors/],
    [`-d 0483:df11 -a 0 -s 0x08000000 -t 2048 -c 1 -i 0 -w -D ${V2}`, /^Verified/],
    ['-a 0 -s 0x08000000:mass-erase:force', /^Erased/],
  ])('are taken in every spelling: %s', async (words, told) => {
    const { out, code } = await dfuUtil(words);
    expect(out).toMatch(told);
    expect(code).toBe(0);
  });

  it('read so many bytes, or to the end of the flash', async () => {
    const read = async (words: string): Promise<number | undefined> =>
      (await dfuUtil(`${words} --load ${V2}`)).io.files.get('o.hex')?.length;
    expect(await read('-s 0x08000000:1024 -U o.hex')).toBe(1024);
    expect(await read('-s 0x08000000 -Z 0x200 -U o.hex')).toBe(512);
    expect(await read('-s 0x0803F000 -U o.hex')).toBe(4096);
    expect(await read('-a 0 -U o.hex')).toBe(256 * 1024);
  });

  it('read what the flash holds, as it is', async () => {
    const { io } = await dfuUtil(`-s 0x08000000:4096 -U o.bin --load ${V2}`);
    expect(io.files.get('o.bin')).toEqual(new Uint8Array((await readFile(V2)).subarray(0, 4096)));
  });

  it('unprotect a closed chip, and leave the file for the next call, as dfu-util does', async () => {
    const words = `dfu-util -a 0 -s 0x08000000:unprotect:force -D ${V2} --virtual stm32f105-rom-rdp1 --instant`;
    const { out, code } = await sureflash(words);
    expect(out).toMatch(/^Opened/);
    expect(out).not.toContain('Verified');
    expect(code).toBe(0);
  });

  it('ask for an address where a raw file has none', async () => {
    const { err, code } = await dfuUtil(`-a 0 -D ${V2}`);
    expect(err).toContain('it does not say where it belongs');
    expect(err).toContain('-s 0x08000000');
    expect(err).not.toContain('--at');
    expect(code).toBe(2);
  });

  it('send a running program to its bootloader with -e', () => {
    expect(dfuUtilSteps({ detach: true })).toEqual([{ verb: 'detach', operands: {}, options: {} }]);
    expect(dfuUtilSteps({ detach: true, download: 'a.dfu' })).toMatchObject([{ options: { detach: true } }]);
    expect(dfuUtilSteps({ detach: true, upload: 'o.bin' })).toMatchObject([{ options: { detach: true } }]);
  });

  it('do not replace a file', async () => {
    const io = fakeIo({ files: [['o.bin', 'old']] });
    expect(await sureflash(`dfu-util -s 0x08000000:16 -U o.bin ${ROM}`, io)).toMatchObject({ code: 5 });
  });
});

describe('an option of dfu-util that this program does not have', () => {
  it.each([
    [{ devnum: '4' }, /-n \(device number\)/],
    [{ cfg: '2' }, /-c 2/],
    [{ intf: '1' }, /-i 1/],
    [{ download: 'a', dfuseAddress: '0x08000000:will-reset' }, /will-reset/],
    [{ download: 'a', dfuseAddress: '0x08000000:mass-erase' }, /mass-erase erases the flash/],
    [{ download: 'a', dfuseAddress: '0x08000000:unprotect' }, /unprotect erases the flash/],
    [{ download: 'a', dfuseAddress: '0x08000000:quickly' }, /"quickly"/],
    [{ download: 'a', upload: 'b' }, /-D and -U/],
    [{ upload: 'b', alt: '1' }, /-a 1 without an address/],
    [{}, /what to do/],
  ])('is refused by its name: %j', (words, message) => {
    expect(() => dfuUtilSteps(words)).toThrow(message);
  });

  it.each([
    ['Give its address: --at 0x08000000, where it fits.', 'Give its address: -s 0x08000000, where it fits.'],
    ['State where (--at ADDRESS).', 'State where (-s ADDRESS).'],
    ['Take one: --usb 1-4.2', 'Take one: -p 1-4.2'],
    ['Take one: --usb 1209:0002', 'Take one: -d 1209:0002'],
    ['Take one: --usb SERIAL', 'Take one: -S SERIAL'],
    ['Plug it in and add --wait 20', 'Plug it in and add -w'],
    ['Send it there (--detach).', 'Send it there (-e).'],
    ['Go on (--force).', 'Go on (sureflash program a.bin --at 0x0 --force).'],
    ['Or add --force to go on.', 'Or run "sureflash program a.bin --at 0x0 --force" to go on.'],
    ['Say --format binary --at ADDRESS', 'Say "sureflash program a.bin --at 0x0 --format binary"'],
    ['State the chip (--chip NAME).', 'State the chip (--chip NAME).'],
    ['Ask docker run --device=/dev/bus/usb', 'Ask docker run --device=/dev/bus/usb'],
    ['Or a probe (sureflash program FILE --at 0x0).', 'Or a probe (sureflash program FILE --at 0x0).'],
  ])('gives advice in the words of that program: %s', (ours, theirs) => {
    const options = new Set(['force', 'format', 'at', 'wait', 'detach', 'usb']);
    expect(inDfuUtilWords(ours, 'sureflash program a.bin --at 0x0', options)).toBe(theirs);
  });

  it('may stand in any order behind the address', () => {
    expect(parseDfuseAddress(':leave')).toEqual({ modifiers: new Set(['leave']) });
    expect(parseDfuseAddress('0x08000000:force:0x100:mass-erase')).toEqual({
      address: 0x0800_0000,
      length: 256,
      modifiers: new Set(['force', 'mass-erase']),
    });
  });
});
