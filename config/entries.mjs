/** The public entries of the packages, and what API Extractor is told about them. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** Packages whose names are promises to others. The command line's promise is its options. */
export const PACKAGES = ['image', 'chips', 'programmer', 'virtual', 'usbip'];

/** The entries of a package: its name in reports, and its built declarations. */
export function entriesOf(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([, target]) => target.types)
    .map(([subpath, { types }]) => ({
      name: subpath === '.' ? 'index' : subpath.slice(2).replaceAll('/', '-'),
      declarations: join(folder, types),
    }));
}

/** Runs API Extractor on one entry. `outputs` says what it writes; `accept` whether a report that differs is replaced. */
export function documentEntry(folder, { declarations }, outputs, { accept = false } = {}) {
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: declarations,
      compiler: { tsconfigFilePath: join(folder, 'tsconfig.json'), skipLibCheck: true },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: 'none' } },
        extractorMessageReporting: {
          default: { logLevel: 'none' },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
      ...outputs,
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });
  return Extractor.invoke(config, {
    localBuild: accept,
    showVerboseMessages: false,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
}
