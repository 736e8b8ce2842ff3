/** `info`: what a device is, what it tells of its chip, and its memory. Reads only. */
import { type About, hex, type Region } from '@sureflash/programmer';
import { visible } from '@sureflash/programmer/basics';
import { leftWhenStopped } from '../base/left-when-stopped.ts';
import { verb } from '../declare/verb.ts';
import { probeText } from '../device/by-uid.ts';
import { idsOf } from '../device/find-local.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { emitDevice } from '../parts/announce.ts';
import { protectionText, readProtectionState } from '../parts/protection.ts';
import { withUnannounced } from '../parts/with-device.ts';
import { rangeText } from '../render/plan.ts';
import { count, size } from '../render/words.ts';
import { hang } from '../render/wrap.ts';

const WIDEST_LABEL = 'Option bits'.length;

export const infoVerb = verb({
  options: DEVICE_OPTIONS,
  examples: [
    ['sureflash info', 'the board plugged in'],
    ['sureflash info --usb 1-4.2', 'the board at this bus path'],
  ],
  run: async (context, _, options) => {
    // What a remark would announce is the first row of the result here.
    await withUnannounced(context, options, async (device) => {
      emitDevice(context, device);
      const { target, about, port, where } = device;
      const { geometry } = target;
      const { blockSize, readings, differences } = about;
      const { vendorId, productId, bcdDevice, manufacturer, product, serial } = port.identity;
      const { commands, protection } = await leftWhenStopped(context.io.signal, async () => ({
        commands: (await target.readCommands?.()) ?? [],
        protection: await readProtectionState(device),
      }));
      const width = Math.max(WIDEST_LABEL, ...geometry.map(({ name }) => name.length)) + 2;
      const row = (name: string, value: string): void => context.print(hang(name.padEnd(width), value, context.io.out));
      row('Device', about.title);
      row('Because', about.because);
      row('Where', where);
      if (about.probe) row('Probe', probeText(about.probe));
      for (const text of target.remarks ?? []) if (!about.because.includes(text)) row('Link', text);
      row('USB', `${idsOf({ vendorId, productId })}, bcdDevice ${hex(bcdDevice, 4)}`);
      row('Strings', [manufacturer, product, serial].filter((text) => text !== undefined).join(' / ') || 'none');
      for (const [name, value] of readingRows(about)) row(name, value);
      row('DEV_ID', devIdText(about));
      row('Protection', protectionText(protection));
      if (blockSize !== undefined) row('Block size', `${blockSize} bytes`);
      // DFU's; a probe has none of its chip.
      if (about.kind !== 'debug-port')
        row('Commands', commands.length === 0 ? 'not given' : commands.join(', ').toLowerCase());
      for (const region of geometry) row(region.name, regionText(region));
      for (const difference of differences) row('Difference', difference);
      for (const { number, name } of port.alternates) row(`Alternate ${number}`, visible(name));
      context.emit({
        type: 'result',
        ok: true,
        commands,
        regions: geometry.map(({ sectors, ...region }) => ({ ...region, sectors: sectors.length })),
        differences,
        devIds: devIdsOf(about),
        protection,
        ...(readings && {
          examination: { ...readings, uid: about.uid, certain: about.certain, chips: chipNames(about) },
        }),
      });
    });
  },
});

/** The device's own where it tells it, else those of the chips that it may be. */
function devIdsOf({ readings, chips }: About): number[] {
  return readings?.devId === undefined ? [...new Set(chips.map(({ devId }) => devId))] : [readings.devId];
}

function devIdText(about: About): string {
  const ids = devIdsOf(about)
    .map((id) => hex(id, 3))
    .join(' or ');
  if (about.readings?.devId !== undefined) return `${ids}, read from the chip`;
  return ids === '' ? 'not known' : `${ids}, by the chip table; this bootloader does not show it`;
}

const chipNames = ({ chips }: About): string[] => chips.flatMap(({ names }) => names);

/** What reading the chip has told, and what it would not tell. */
function readingRows({ uid, readings }: About): [string, string][] {
  if (!readings) return [];
  const { bootloader, flashBytes, serialMatches, optionBits, unknown } = readings;
  const bits = Object.entries(optionBits).map(([name, value]) => `${name} = ${value}`);
  const serial =
    serialMatches === undefined
      ? ''
      : serialMatches
        ? ', the serial number derives from it'
        : ', the serial number does not derive from it';
  return [
    ...(bootloader === undefined ? [] : [['Bootloader', bootloader] as [string, string]]),
    ...(flashBytes === undefined ? [] : [['Flash size', size(flashBytes)] as [string, string]]),
    ...(uid === undefined ? [] : [['Unique id', `${uid}${serial}`] as [string, string]]),
    ...(bits.length === 0 ? [] : [['Option bits', bits.join(', ')] as [string, string]]),
    ...unknown.map((text): [string, string] => ['Not known', text]),
  ];
}

function regionText(region: Region): string {
  const sizes = new Map<number, number>();
  for (const { start, end } of region.sectors) sizes.set(end - start, (sizes.get(end - start) ?? 0) + 1);
  const runs = [...sizes].map(([bytes, n]) => `${n} × ${size(bytes)}`).join(', ');
  const total = region.sectors.reduce((sum, { start, end }) => sum + end - start, 0);
  const readOnly = region.sectors.filter((sector) => !sector.writable).length;
  const note = readOnly === 0 ? '' : `; ${count(readOnly, 'sector')} read-only`;
  return `${rangeText(region)}, ${size(total)} (${runs}${note})`;
}
