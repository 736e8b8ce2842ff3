/** What somebody writes who uses the packages: programs in TypeScript, as text, that only see what is installed. */

/** Programs a board that listens to a virtual clock; prints the outcome and the number of bytes that were verified. */
export const PROGRAM = `
import { parseFirmware } from '@sureflash/image';
import {
  type Clock,
  connect,
  explain,
  type Progress,
  program,
  type Report,
  systemClock,
  USB_FILTERS,
} from '@sureflash/programmer';
import { listWebUsb, openWebUsb, type WebUsb } from '@sureflash/programmer/transports';
import { findScenario, VirtualClock, VirtualWebUsb } from '@sureflash/virtual';

export async function programFirst(usb: WebUsb, file: Uint8Array, clock: Clock = systemClock): Promise<Report> {
  const [candidate] = await listWebUsb(usb, USB_FILTERS);
  if (!candidate) throw new Error('no device');
  const port = await openWebUsb(candidate.device, USB_FILTERS, { usb, clock });
  await using device = await connect(port, { clock });
  const phases: Progress['type'][] = [];
  const onProgress = ({ type }: Progress): void => void phases.push(type);
  return await program(device, { ...parseFirmware(file), file }, { onProgress });
}

export async function onVirtualBoard(file: Uint8Array): Promise<string> {
  const clock = new VirtualClock();
  const board = findScenario('stm32f105-rom');
  if (!board) return 'no board';
  const usb = new VirtualWebUsb({ connectors: [board.create(clock)], clock });
  try {
    const { outcome, verifiedBytes } = await programFirst(usb, file, clock);
    return \`\${outcome} \${verifiedBytes}\`;
  } catch (error) {
    const { code, title } = explain(error);
    return \`\${code}: \${title}\`;
  }
}
`;

/** The entry of the program in Node. */
export const IN_NODE = `
import { readFile } from 'node:fs/promises';
import { onVirtualBoard } from './program.js';
console.log(await onVirtualBoard(new Uint8Array(await readFile(process.argv[2] ?? ''))));
`;

/** The entry of the program in a web page: the browser's own USB is handed over as it is. */
export const IN_PAGE = `
import { programFirst } from './program.js';
document.querySelector('button')?.addEventListener('click', async () => {
  await navigator.usb.requestDevice({ filters: [{ vendorId: 0x0483, productId: 0xdf11 }] });
  const bytes = new Uint8Array(await (await fetch('firmware.elf')).arrayBuffer());
  const report = await programFirst(navigator.usb, bytes);
  document.title = report.outcome;
});
`;

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
  verbatimModuleSyntax: true,
};
