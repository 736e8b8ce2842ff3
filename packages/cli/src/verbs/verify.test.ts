import { formatFirmware, MemoryImage, type Segment } from '@sureflash/image';
import { UsbIpServer } from '@sureflash/usbip';
import { type Board, RealClock } from '@sureflash/virtual';
import { afterEach, describe, expect, it } from 'vitest';
import { createBoard } from '../device/virtual-board.ts';
import { type Ended, type FakeIo, fakeIo, sureflash } from '../testing/harness.ts';

const FLASH = 0x0800_0000;
const EEPROM = 0x0808_0000;
const OTP = 0x1fff_7800;
const OPTIONS = 0x1ff8_0000;
const RAM = 0x2000_0000;

const counting = (address: number, length = 64): Segment => ({
  address,
  bytes: Uint8Array.from({ length }, (_, i) => i + 1),
});

/** The same, but for one byte. */
function altered({ address, bytes }: Segment, at: number): Segment {
  return { address, bytes: bytes.with(at, 0x77) };
}

function ioWith(segments: readonly Segment[]): FakeIo {
  if (segments.length === 0) return fakeIo();
  return fakeIo({ files: [['x.hex', formatFirmware(new MemoryImage(segments), 'intel-hex')]] });
}

let server: UsbIpServer | undefined;
afterEach(async () => await server?.close());

interface Bench {
  readonly board: Board;
  /** A command for this board, with a file of these segments as `x.hex`. */
  readonly run: (words: string, ...segments: readonly Segment[]) => Promise<Ended>;
}

async function benchWith(scenario: string): Promise<Bench> {
  const clock = new RealClock();
  const board = await createBoard(fakeIo(), scenario, { clock });
  server = new UsbIpServer({ ports: new Map([['1-1', board]]), clock });
  const { host, port } = await server.listen({ port: 0 });
  return {
    board,
    run: async (words, ...segments) => await sureflash(`${words} --usbip ${host}:${port}/1-1`, ioWith(segments)),
  };
}

describe('verify of a file that program has written', () => {
  it.each([
    ['stm32l072-rom', 'flash and EEPROM', [counting(FLASH), counting(EEPROM)], 'Internal Flash, DATA Memory'],
    ['stm32l072-rom', 'EEPROM alone', [counting(EEPROM)], 'DATA Memory'],
    ['stm32f407-rom', 'flash and OTP', [counting(FLASH), counting(OTP)], 'Internal Flash, OTP Memory'],
    ['stm32l152xe-rom', 'flash that meets EEPROM', [counting(EEPROM - 32)], 'Internal Flash, DATA Memory'],
  ])('compares on %s every byte in %s', async (scenario, _, segments, memories) => {
    const { run } = await benchWith(scenario);
    expect(await run('program x.hex --one-time --force', ...segments)).toMatchObject({ code: 0 });
    const bytes = 64 * segments.length;
    const { code, out } = await run('verify x.hex', ...segments);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Verified +${bytes} B read back and equal in ${memories} \\(`));
    const { result } = await run('verify x.hex --json', ...segments);
    expect(result).toMatchObject({ ok: true, verifiedBytes: bytes, memories });
  });
});

describe('a difference', () => {
  it.each([
    ['EEPROM', 'stm32l072-rom', EEPROM],
    ['OTP', 'stm32f407-rom', OTP],
  ])('in %s beside equal flash ends as one in flash does', async (_, scenario, address) => {
    const { run } = await benchWith(scenario);
    await run('program x.hex --one-time --force', counting(FLASH), counting(address));
    const segments = [counting(FLASH), altered(counting(address), 2)];
    const { code, err, io } = await run('verify x.hex --report r.html', ...segments);
    expect(code).toBe(7);
    const place = `0x${(address + 2).toString(16).toUpperCase().padStart(8, '0')}`;
    expect(err).toContain(`${place} holds 0x03 instead of 0x77; 1 of 128 bytes differ. [verify/mismatch]`);
    const page = new TextDecoder().decode(io.files.get('r.html'));
    expect(page).toContain(`${place} holds 0x03 instead of 0x77`);
    expect(page).toMatch(/<h2>Flash<\/h2>\n<p class="faint">1 sector .*<h2>(DATA|OTP) Memory<\/h2>.*differs/s);
    expect(page).toMatch(/First differences.*<b>77<\/b>.*<b>03<\/b>/s);
    const { result } = await run('verify x.hex --json', ...segments);
    expect(result).toMatchObject({
      ok: false,
      code: 'verify/mismatch',
      exitCode: 7,
      facts: { address: address + 2, expected: 0x77, found: 3, differing: 1, compared: 128 },
    });
  });

  it('in EEPROM is not put down to the write protection of a flash sector with the same number', async () => {
    const { board, run } = await benchWith('stm32l072-rom');
    await run('program x.hex --force', counting(FLASH), counting(EEPROM));
    await run('option-bytes set WRPROT1=1 --yes');
    board.chip.start();
    const inFlash = await run('verify x.hex --json', altered(counting(FLASH), 2));
    expect(inFlash.result).toMatchObject({ code: 'verify/mismatch', diagnosis: { cause: 'write-protected' } });
    const inEeprom = await run('verify x.hex --json', counting(FLASH), altered(counting(EEPROM), 2));
    expect(inEeprom.result).toMatchObject({ code: 'verify/mismatch' });
    expect(inEeprom.result).not.toHaveProperty('diagnosis');
  });
});

describe('a memory that cannot be compared', () => {
  it.each([
    ['RAM', RAM, 'plan/outside'],
    ['option bytes', OPTIONS, 'preflight/danger'],
  ])('is refused by verify as by program: %s', async (_, address, refusal) => {
    const { run } = await benchWith('stm32l072-rom');
    const segments = [counting(EEPROM, 8), counting(address, 8)];
    const [programmed, verified] = [
      await run('program x.hex --json', ...segments),
      await run('verify x.hex --json', ...segments),
    ];
    expect(programmed.result).toMatchObject({ code: refusal, exitCode: 5 });
    const facts = { start: address, end: address + 8 };
    expect(verified.result).toMatchObject({ code: 'plan/outside', exitCode: 5, facts });
    expect(verified.result['title']).toMatch(
      /There is: Internal Flash 0x08000000 to 0x0802FFFF; DATA Memory 0x08080000/,
    );
  });

  it('is EEPROM of a chip that is read-protected', async () => {
    const { board, run } = await benchWith('stm32l072-rom');
    await run('option-bytes set RDP=0xBB --yes');
    board.chip.start();
    const { result } = await run('verify x.hex --json', counting(EEPROM));
    expect(result).toMatchObject({ code: 'device/read-protected', exitCode: 8 });
  });
});
