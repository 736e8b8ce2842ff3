/** `blank-check`: whether memory is erased. Reads only. */
import { type Blankness, blankCheck, hex } from '@sureflash/programmer';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import { parseRange } from '../base/numbers.ts';
import { optional, verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { withDevice } from '../parts/with-device.ts';
import { progressView } from '../render/progress.ts';
import { count, duration, size } from '../render/words.ts';

export const blankCheckVerb = verb({
  operands: { range: optional('range, such as 0x08004000+16K; default: the whole flash') },
  options: DEVICE_OPTIONS,
  examples: [
    ['sureflash blank-check', 'exit code 0: the whole flash is erased, 7: it is not'],
    ['sureflash blank-check 0x08004000+16K', '16 KB of it'],
  ],
  run: async (context, { range: text }, options) => {
    const range = text === undefined ? undefined : parseRange(text);
    await withDevice(context, options, async (device) => {
      const { clock } = device;
      const started = clock.now();
      const view = progressView(context, clock);
      const how = { signal: context.io.signal, onProgress: view.onProgress };
      const { checked, used } = await blankCheck(device, range, how).finally(() => view.end());
      if (used.length > 0) throw notBlank(used);
      const took = duration(clock.now() - started);
      context.result(context.style.ok('Blank'), `${size(checked)} read, every byte of it erased (${took})`);
      context.emit({ type: 'result', ok: true, checkedBytes: checked });
    });
  },
});

function notBlank(used: Blankness['used']): CommandError {
  const bytes = used.reduce((sum, each) => sum + each.bytes, 0);
  const [first] = used;
  const where = first ? `${hex(first.first.address)} holds ${hex(first.first.found, 2)}; ` : '';
  const numbers = used.map(({ sector }) => sector.index);
  return new CommandError({
    code: 'cli/not-blank',
    exitCode: EXIT.mismatch,
    title: `Not blank: ${where}${count(used.length, 'sector')} hold ${size(bytes)} that are not erased.`.replace(
      'sector hold',
      'sector holds',
    ),
    remedy: [`Sectors: ${spans(numbers)}`, 'Erase them: sureflash erase --all, --sectors or --range'],
    facts: { sectors: numbers, bytes, ...(first && { address: first.first.address, found: first.first.found }) },
  });
}

/** `0-3, 7` */
function spans(numbers: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const n of numbers) {
    const run = runs.at(-1);
    if (run && n === run.last + 1) run.last = n;
    else runs.push({ first: n, last: n });
  }
  return runs.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}
