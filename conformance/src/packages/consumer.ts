/** What somebody writes who uses the packages: the examples, as text, which only see what is installed. */
import { readFile } from 'node:fs/promises';
import { inRepository } from './folders.ts';

const example = async (name: string): Promise<string> => await readFile(inRepository(`examples/${name}`), 'utf8');

/** The files of a project, by their paths in it. */
export const inNode = async (): Promise<Record<string, string>> => ({
  'program-file.ts': await example('program-file.ts'),
  'node/main.ts': await example('node/main.ts'),
});

export const inPage = async (): Promise<Record<string, string>> => ({
  'program-file.ts': await example('program-file.ts'),
  'web/page.ts': await example('web/page.ts'),
});

/** As strict as TypeScript can be told to be; the declarations of the packages are looked at too. */
export const STRICTEST = {
  target: 'es2022',
  lib: ['es2023', 'dom'],
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noUncheckedSideEffectImports: true,
  isolatedModules: true,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
};
