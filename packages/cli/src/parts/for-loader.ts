/** `--for-loader`: what the loader on the device expects of its application, and the image sealed for it. The library does the order. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { type Chip, chipName, sectorsOf } from '@sureflash/chips';
import type { MemoryImage } from '@sureflash/image';
import { hex, isFlashError, read } from '@sureflash/programmer';
import type { JobSteps, LoaderExpectation, SealedImage } from '@sureflash/programmer/fix';
import { CommandError, usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { Io } from '../base/io.ts';
import { parseNumber } from '../base/numbers.ts';
import { flag, type OptionsOf, parsed, text } from '../declare/verb.ts';
import type { OpenDevice } from '../device/open.ts';
import { readBytes } from '../files/file-access.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';
import type { Context } from '../render/context.ts';

export const FOR_LOADER_OPTIONS = {
  forLoader: flag('add the record that a loader with our application check expects; mark it as proven at the end'),
  imageVersion: parsed('<number>', 'with --for-loader: the version in the record', (input) =>
    parseNumber(input, 'a version'),
  ),
  signKey: text('<file>', 'with --for-loader: Ed25519 private key (PEM) for the signature', { completes: 'file' }),
};
type LoaderChoices = OptionsOf<typeof FOR_LOADER_OPTIONS>;

export interface SealedFirmware {
  readonly firmware: LoadedFirmware;
  readonly steps: JobSteps;
}

/** @throws CommandError for a key that is none, and where an option needs `--for-loader` */
export async function signingKey(
  io: Io,
  { forLoader, imageVersion, signKey }: LoaderChoices,
): Promise<KeyObject | undefined> {
  if (!forLoader && (imageVersion !== undefined || signKey !== undefined)) {
    throw usage('A version and a signature go into the record of a loader.', 'Add --for-loader.');
  }
  if (signKey === undefined) return undefined;
  const key = privateKey(await readBytes(io, signKey));
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new CommandError({
    code: 'cli/key',
    exitCode: EXIT.file,
    title: `${signKey} is no Ed25519 private key in PEM form.`,
    remedy: ['Make one: openssl genpkey -algorithm ed25519 -out key.pem'],
    facts: { path: signKey },
  });
}

function privateKey(pem: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey({ key: Buffer.from(pem), format: 'pem' });
  } catch {
    return undefined;
  }
}

/** @throws CommandError where nothing says what to seal for; FlashError as `sealForLoader` */
export async function sealFor(
  context: Context,
  device: OpenDevice,
  firmware: LoadedFirmware,
  { imageVersion, key }: { readonly imageVersion?: number | undefined; readonly key: KeyObject | undefined },
): Promise<SealedFirmware> {
  const { sealForLoader, stepsForLoader } = await import('@sureflash/programmer/fix');
  const expects = await expectationOf(context, device, firmware.image);
  if (expects.proof === 'ed25519' && !key) {
    throw usage('The loader on this device starts only signed applications.', 'Name the private key: --sign-key FILE');
  }
  const sealed = sealForLoader(firmware.image, {
    ...expects,
    ...defined({ imageVersion }),
    ...(key && { sign: (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, key)) }),
  });
  tellSeal(context, sealed, { version: imageVersion ?? 0, signed: key !== undefined });
  return { firmware: { ...firmware, image: sealed.image }, steps: stepsForLoader(sealed) };
}

async function expectationOf(context: Context, device: OpenDevice, image: MemoryImage): Promise<LoaderExpectation> {
  const { expectedByLoader } = await import('@sureflash/programmer/fix');
  const start = image.range?.start ?? 0;
  const below = await flashBelow(context, device, start);
  const expects = below && expectedByLoader(below);
  if (expects) {
    checkChip(device, expects.chip);
    return expects;
  }
  const { style } = context;
  const seen = 'no application check of ours was found in the flash below the image';
  context.note(style.warn('Warning'), `${seen}: sealed for the chip's whole flash, with a CRC.`);
  return assumed(device, start);
}

/** What is below `address` in the same memory; `undefined` where the device does not let us read it. */
async function flashBelow({ io }: Context, device: OpenDevice, address: number): Promise<MemoryImage | undefined> {
  const region = device.target.geometry.find(({ start, end }) => start < address && address < end);
  if (!region) return undefined;
  try {
    return await read(device, { start: region.start, end: address }, { signal: io.signal });
  } catch (error) {
    if (isFlashError(error) && error.code !== 'usb/gone') return undefined;
    throw error;
  }
}

/** @throws CommandError `usage` for a chip that is not certain */
function assumed({ about, target }: OpenDevice, application: number): LoaderExpectation {
  const chip = about.certain ? about.chips[0] : undefined;
  if (!chip) throw usage('The chip of the loader is not known.', 'Name it: --chip STM32F105');
  const ends = target.geometry.filter(({ kind }) => kind === 'flash').map(({ end }) => end);
  const variant = chip.variants.find((each) => ends.includes(sectorsOf(each).at(-1)?.end ?? 0));
  return { chip, application, proof: 'crc32', ...defined({ variant }) };
}

function checkChip({ about }: OpenDevice, chip: Chip): void {
  if (about.chips.length === 0 || about.chips.some(({ id }) => id === chip.id)) return;
  throw usage(
    `The loader in this flash was made for the ${chipName(chip)}, and the device is another chip.`,
    'Program the loader of this chip first.',
  );
}

function tellSeal(
  context: Context,
  { record, crc }: SealedImage,
  { version, signed }: { readonly version: number; readonly signed: boolean },
): void {
  context.emit({ type: 'seal', start: record.start, end: record.end, crc32: hex(crc), version, signed });
  const proof = signed ? 'CRC-32 and signature' : 'CRC-32';
  context.note(
    context.style.strong('Record'),
    `${hex(record.start)}: length, ${proof} (${hex(crc)}), version ${version}`,
  );
}
