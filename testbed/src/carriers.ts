/**
 * `node testbed/dist/carriers.js`: where shall device models run? The same board behind a server in the guest and behind one
 * on the host: control transfers a second, and what a download takes. README.md holds the figures.
 */

import { Bench } from './lib/bench.ts';
import { FIRMWARE, SUREFLASH } from './lib/files.ts';
import { type Guest, quote } from './lib/guest.ts';
import { here } from './lib/here.ts';
import { runToEnd } from './lib/run-to-end.ts';

const IMAGE = quote(`${FIRMWARE}.bin`);

await runToEnd(async () => {
  const bench = await Bench.start();
  try {
    await bench.plug('stm32f105-rom');
    await measure(bench.guest, 'server on the host');
    await bench.unplug();
    bench.guest.run(`${SUREFLASH} virtual stm32f105-rom`, { limitMs: 500_000 }).catch(() => {});
    await bench.guest.must(`until usbip list -r 127.0.0.1 >/dev/null 2>&1; do sleep 0.5; done`);
    await bench.guest.must(`sh ${quote(here('testbed/guest/attach.sh'))} 127.0.0.1 3240 1-1`);
    await measure(bench.guest, 'server in the guest');
    return 0;
  } finally {
    await bench.close();
  }
});

async function measure(guest: Guest, where: string): Promise<void> {
  const rate = await guest.must(`${quote(process.execPath)} ${quote(here('testbed/dist/guest/transfer-rate.js'))}`);
  const { status, out, err, ms } = await guest.run(`dfu-util -a 0 -s 0x08000000 -D ${IMAGE}`);
  if (status !== 0) throw new Error(out + err);
  console.log(`${where}: ${rate.trim()}; 117 KB download by dfu-util ${(ms / 1000).toFixed(1)} s`);
}
