/** The suite that every port must pass, over npm `usb` and the guest's kernel. It runs in the guest, its board here. */

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { Bench } from '../lib/bench.ts';
import type { Checks } from '../lib/checks.ts';
import { HOST, quote } from '../lib/guest.ts';
import { here } from '../lib/here.ts';

/** What is looked at of vitest's JSON report. */
interface SuiteReport {
  readonly testResults: readonly { readonly assertionResults: readonly SuiteResult[] }[];
}

interface SuiteResult {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

const SUITE = 'conformance/src/usb-port.test.ts';

export async function port(bench: Bench, checks: Checks): Promise<void> {
  checks.area('the port suite over npm usb and the kernel');
  const server = createServer((request, response) => {
    const [, verb = '', scenario = ''] = (request.url ?? '').split('/');
    act(bench, verb, scenario).then(
      () => response.end(),
      (error: unknown) => response.writeHead(500, String(error).replaceAll('\n', ' ')).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tests = await checks.check('runs to its end', async () => {
    const vitest = quote(here('node_modules/vitest/vitest.mjs'));
    const address = `http://${HOST}:${portOf(server)}`;
    const { status, out, err } = await bench.guest.run(
      `cd ${quote(here('.'))} && SUREFLASH_KERNEL_BENCH=${address} ` +
        `${quote(process.execPath)} ${vitest} run ${SUITE} --reporter json`,
      { limitMs: 900_000 },
    );
    const report = out.slice(out.indexOf('{'));
    assert.ok(report.startsWith('{'), `status ${status}\n${out.slice(-2000)}${err.slice(-2000)}`);
    return (JSON.parse(report) as SuiteReport).testResults.flatMap(({ assertionResults }) => assertionResults);
  });
  server.close();
  for (const { title, status, failureMessages } of tests ?? []) {
    await checks.check(title, async () => assert.equal(status, 'passed', failureMessages.join('\n')));
  }
  await bench.unplug();
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address.port;
}

/** `unplug` pulls the plug while the guest looks on; `remove` waits until its kernel has noticed. */
async function act(bench: Bench, verb: string, scenario: string): Promise<void> {
  if (verb === 'plug') await bench.plug(scenario);
  else if (verb === 'unplug') bench.rack.place('1-1').remove();
  else if (verb === 'remove') await bench.unplug();
  else throw new Error(`there is no verb ${verb}`);
}
