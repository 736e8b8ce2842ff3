/** A device that may not be opened, and one that somebody else has: exit 4, and what to do about it. */

import assert from 'node:assert/strict';
import type { Bench } from '../lib/bench.ts';
import type { Checks } from '../lib/checks.ts';
import { FOLDER, handOver, small } from '../lib/files.ts';
import { quote } from '../lib/guest.ts';
import { here } from '../lib/here.ts';
import { AS_NOBODY, assertEnd, sureflash } from '../lib/programmer.ts';

const PROGRAM = `program ${FOLDER}/small.bin --at 0x08000000`;

export async function access(bench: Bench, checks: Checks): Promise<void> {
  const { guest } = bench;
  checks.area('a device that may not be opened');
  await handOver(guest, { 'small.bin': small });
  const { board, path } = await bench.plug('stm32f105-rom');
  await checks.check('a user without permission gets exit 4 and the udev rule', async () => {
    const ended = await sureflash(guest, PROGRAM, { as: AS_NOBODY });
    assertEnd(ended, 4, 'usb/access');
    assert.match((ended.result.remedy ?? []).join('\n'), /SUBSYSTEM=="usb", ATTR\{idVendor\}=="0483".*TAG\+="uaccess"/);
  });
  await checks.check('list shows that user the board as one that may not be opened', async () => {
    const { lines, status } = await sureflash(guest, 'list', { as: AS_NOBODY });
    assert.equal(status, 0);
    const [first] = lines;
    assert.deepEqual(
      { type: first?.type, path: first?.path, ids: first?.ids },
      { type: 'hidden', path, ids: '0483:df11' },
    );
  });
  await checks.check('the rule that it prints is valid and gives access', async () => {
    const { result } = await sureflash(guest, PROGRAM, { as: AS_NOBODY });
    const [rule] = /SUBSYSTEM==.*$/m.exec((result.remedy ?? []).join('\n')) ?? [];
    assert.ok(rule, 'no rule is printed');
    await guest.must(`echo ${quote(rule)} >/etc/udev/rules.d/70-sureflash.rules && udevadm control --reload`);
    await bench.unplug();
    const { node } = await bench.plug('stm32f105-rom');
    await guest.must('udevadm settle');
    assert.equal((await guest.must(`stat -c %a ${node}`)).trim(), '660');
    const tags = await guest.must(`udevadm info ${node}`);
    assert.match(tags, /TAGS=.*:uaccess:/);
    await guest.must('rm /etc/udev/rules.d/70-sureflash.rules && udevadm control --reload');
  });
  await checks.check('a device that another process has claimed gives exit 4', async () => {
    const holder = guest.run(`${quote(process.execPath)} ${quote(here('testbed/dist/guest/hold.js'))}`);
    await guest.must('until [ -e /run/hold ]; do sleep 0.1; done');
    const ended = await sureflash(guest, PROGRAM);
    await guest.must('rm /run/hold');
    await holder;
    assertEnd(ended, 4, 'usb/busy');
    assert.equal(board.flash.statistics.erases, 0);
  });
  await checks.check('once it is free, the same command succeeds', async () => {
    assertEnd(await sureflash(guest, PROGRAM), 0);
  });
  await bench.unplug();
}
