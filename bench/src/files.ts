/**
 * How fast and with how much memory 8 MiB of firmware are read, beside nrf-intel-hex. Each figure comes from a process of its own
 * (`files-child.ts`), which reads the file from disk as the command line does.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FormatName, formatFirmware, MemoryImage } from '@sureflash/image';
import { randomBytes } from '@sureflash/virtual';
import { FLASH_START, rounded } from './figures.ts';

const CONTENT_BYTES = 8 * 1024 * 1024;
const ENTRY = FLASH_START + 0x131;
const READER_PROCESS = fileURLToPath(new URL('files-child.js', import.meta.url));

/** Reading one file. */
export interface FileFigures {
  readonly fileBytes: number;
  readonly ms: number;
  /** The most memory that was held, the file itself included, to the size of the file. */
  readonly memoryTimesFile: number;
  /** Bytes that stay allocated beside the file, to those of the image. */
  readonly copies?: number;
}

export interface FilesFigures {
  readonly contentBytes: number;
  readonly intelHex: FileFigures;
  readonly nrfIntelHex: FileFigures;
  readonly srec: FileFigures;
  readonly elf: FileFigures;
  readonly ratios: { readonly intelHexTimeToNrf: number; readonly srecTimeToNrf: number };
}

export function measureFiles(): FilesFigures {
  const folder = mkdtempSync(join(tmpdir(), 'sureflash-bench-'));
  const image = new MemoryImage([{ address: FLASH_START, bytes: randomBytes(1, CONTENT_BYTES) }]);
  const write = (format: FormatName): { readonly path: string; readonly fileBytes: number } => {
    const path = join(folder, `8.${format}`);
    const file = formatFirmware(image, format, { entry: ENTRY });
    writeFileSync(path, file);
    return { path, fileBytes: file.length };
  };
  try {
    const [hexFile, srecFile, elfFile] = [write('intel-hex'), write('srec'), write('elf')];
    const intelHex = measureFile('ours', hexFile);
    const nrfIntelHex = measureFile('nrf-intel-hex', hexFile);
    const srec = measureFile('ours', srecFile);
    const elf = { ...measureFile('ours', elfFile), copies: rounded(figureOf('copies', 'ours', elfFile.path), 2) };
    const ratios = {
      intelHexTimeToNrf: rounded(intelHex.ms / nrfIntelHex.ms, 4),
      srecTimeToNrf: rounded(srec.ms / nrfIntelHex.ms, 4),
    };
    return { contentBytes: CONTENT_BYTES, intelHex, nrfIntelHex, srec, elf, ratios };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureFile(
  reader: string,
  { path, fileBytes }: { readonly path: string; readonly fileBytes: number },
): FileFigures {
  const ms = rounded(figureOf('time', reader, path), 2);
  return { fileBytes, ms, memoryTimesFile: rounded(figureOf('memory', reader, path) / fileBytes, 2) };
}

/** @returns the figure that the child prints */
function figureOf(figure: string, reader: string, path: string): number {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', READER_PROCESS, figure, reader, path],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}
