/** Programs a board from a web page: choose a file, press the button, choose the device. */
import { explain, type Progress, USB_FILTERS } from '@sureflash/programmer';
import { programFile } from '../program-file.ts';

const file = document.querySelector('input');
const state = document.querySelector('output');
const bar = document.querySelector('progress');

function show(event: Progress): void {
  if (bar && event.type === 'step') bar.value = event.fraction;
}

async function flash(): Promise<string> {
  const chosen = file?.files?.[0];
  if (!chosen) return 'Choose a firmware file first.';
  // A browser shows a page only those devices that its user has chosen.
  await navigator.usb.requestDevice({ filters: [...USB_FILTERS] });
  const report = await programFile(navigator.usb, new Uint8Array(await chosen.arrayBuffer()), { onProgress: show });
  return `${report.outcome}: ${report.verifiedBytes} bytes verified`;
}

document.querySelector('button')?.addEventListener('click', () => {
  flash().then(
    (text) => {
      if (state) state.value = text;
    },
    (error: unknown) => {
      if (state) state.value = explain(error).title;
    },
  );
});
