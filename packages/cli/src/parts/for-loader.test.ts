import { generateKeyPairSync } from 'node:crypto';
import { findChipByName } from '@sureflash/chips';
import { applicationCheck } from '@sureflash/programmer/fix';
import { describe, expect, it } from 'vitest';
import { type FakeIo, fakeIo, sureflash } from '../testing/harness.ts';

const START = 0x0800_8000;
const ON_ROM = '--virtual stm32f105-rom --instant --at 0x08008000';
const RECORD = 'Record       0x0803FF40: length, CRC-32';

/** 64 KB of flash: the string of an application check, and nothing else that a loader has. */
function loaderWith(proof: 'crc32' | 'ed25519'): Uint8Array {
  const chip = findChipByName('STM32F105');
  if (!chip) throw new Error('no STM32F105');
  const source = applicationCheck({ chip, proof }).files.find(({ name }) => name.endsWith('.c'))?.text ?? '';
  const bytes = new Uint8Array(0x8000).fill(0xff);
  bytes.set(new TextEncoder().encode(`${/identity\[\] = "([^"]*)"/.exec(source)?.[1]}\0`), 0x400);
  return bytes;
}

function application(): Uint8Array {
  const bytes = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) & 0xff);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x2000_2000, true);
  view.setUint32(4, START + 0x101, true);
  return bytes;
}

const { privateKey } = generateKeyPairSync('ed25519');
const RSA = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const pemOf = (key: typeof privateKey): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();

function ioWith(proof: 'crc32' | 'ed25519' = 'crc32'): FakeIo {
  return fakeIo({
    files: [
      ['app.bin', application()],
      ['loader.bin', loaderWith(proof)],
      ['key.pem', pemOf(privateKey)],
      ['rsa.pem', pemOf(RSA)],
    ],
  });
}

describe('program --for-loader', () => {
  it('seals for the loader that it finds in the flash, programs, and marks as proven at the end', async () => {
    const ended = await sureflash(
      `program app.bin ${ON_ROM} --for-loader --load loader.bin --image-version 7`,
      ioWith(),
    );
    expect(ended.code).toBe(0);
    expect(ended.err).toContain(RECORD);
    expect(ended.err).toContain('version 7');
    expect(ended.err).not.toContain('no application check');
    expect(ended.out).toMatch(/Verified .*\n[\s\S]*Proven {7}the loader may start this application\n/);
  });

  it('warns and seals by the chip table where no loader of ours is in the flash', async () => {
    const ended = await sureflash(`program app.bin ${ON_ROM} --for-loader`, ioWith());
    expect(ended.code).toBe(0);
    expect(ended.err).toContain('no application check of ours');
    expect(ended.err).toContain(RECORD);
  });

  it('signs with the key, and refuses to program unsigned what the loader would not start', async () => {
    const command = `program app.bin ${ON_ROM} --for-loader --load loader.bin`;
    const refused = await sureflash(command, ioWith('ed25519'));
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('--sign-key FILE');
    const signed = await sureflash(`${command} --sign-key key.pem --json`, ioWith('ed25519'));
    expect(signed.code).toBe(0);
    expect(signed.json).toContainEqual(expect.objectContaining({ type: 'seal', signed: true, version: 0 }));
  });

  it.each([
    ['--for-loader --sign-key rsa.pem', 5, 'is no Ed25519 private key'],
    ['--for-loader --sign-key app.bin', 5, 'is no Ed25519 private key'],
    ['--sign-key key.pem', 2, 'Add --for-loader'],
    ['--image-version 3', 2, 'Add --for-loader'],
  ])('ends with an error for %s, before a device is touched', async (words, code, says) => {
    const ended = await sureflash(`program app.bin ${ON_ROM} ${words}`, ioWith());
    expect(ended.code).toBe(code);
    expect(ended.err).toContain(says);
    expect(ended.out).toBe('');
  });

  it('refuses an application that begins where the loader is', async () => {
    const { code, err } = await sureflash(
      'program app.bin --virtual stm32f105-rom --instant --at 0x08000000 --for-loader --force',
      ioWith(),
    );
    expect(code).not.toBe(0);
    expect(err).toContain('behind the loader');
  });
});
