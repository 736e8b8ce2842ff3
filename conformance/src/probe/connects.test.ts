/** What our client sends until it knows its chip, held against st-info on the same desk. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StLinkName } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { attachStLink, buildStandIn } from '../strangers/attached.ts';
import { stlinkRig } from './probe-rig.ts';

const FLASH = 0x0800_0000;
const MOST_COMMANDS = 40;
const isMissing = ['st-info', 'gcc'].some((program) => spawnSync(program, ['--version']).error !== undefined);
const DESKS: readonly (readonly [probe: StLinkName, chip: string])[] = [
  ['v2-1', 'STM32F103'],
  ['v2-1', 'STM32F407'],
  ['v3e', 'STM32G431'],
];
/** Before a chip answers: version, mode, voltage, speed, SWD. */
const START = ['f1', 'fb', 'f5', 'f7', 'f221', 'f230', 'f243', 'f24b', 'f261', 'f262'];

const keyOf = ([first = 0, second = 0]: Uint8Array): string =>
  (first === 0xf2 ? [first, second] : [first]).map((byte) => byte.toString(16).padStart(2, '0')).join('');
const ofStart = (keys: readonly string[]): string[] => [...new Set(keys)].filter((key) => START.includes(key)).sort();

async function ourCommands(probe: StLinkName, chip: string): Promise<string[]> {
  const rig = stlinkRig({ probe, chip });
  const keys: string[] = [];
  rig.disturb = (command) => {
    keys.push(keyOf(command));
    return undefined;
  };
  const device = await rig.connect();
  for await (const _ of device.target.read({ start: FLASH, end: FLASH + 4 })) break;
  const sent = [...keys];
  await device.close();
  return sent;
}

describe.each(DESKS)('a connection through a %s to an %s', (probe, chip) => {
  it(`reads the first byte of flash within ${MOST_COMMANDS} commands`, async () => {
    expect((await ourCommands(probe, chip)).length).toBeLessThanOrEqual(MOST_COMMANDS);
  });

  it.skipIf(isMissing)('begins with the commands of st-info, the voltage and the access port beside them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sureflash-connects-'));
    const theirs: string[] = [];
    const onCommand = (command: Uint8Array): undefined => void theirs.push(keyOf(command));
    try {
      buildStandIn(folder);
      await attachStLink(folder, { probe, chip, onCommand }, async ({ run }) => {
        expect((await run('st-info', ['--probe'])).code).toBe(0);
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const ours = ofStart(await ourCommands(probe, chip));
    expect(ours.filter((key) => !theirs.includes(key))).toEqual(['f24b', 'f7']);
    expect(ofStart(theirs).filter((key) => !ours.includes(key))).toEqual([]);
  });
});
