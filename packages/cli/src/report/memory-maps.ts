/** The sectors of a run as rows of cells, one for each memory, each cell with a sign and a colour, so that one of them is enough. */
import { hex, type Range, type Region } from '@sureflash/programmer';
import type { MapState } from '../render/sector-map.ts';
import { count, size } from '../render/words.ts';
import { type Html, html } from './html.ts';
import type { RecordedSector } from './recorder.ts';

/** More cells than this become groups. */
const MOST_CELLS = 256;
/** The least advanced state of a group tells. */
const ORDER: readonly MapState[] = ['failed', 'unknown', 'pending', 'erased', 'written', 'verified', 'kept'];
const CLASS_OF: Readonly<Record<MapState, string>> = {
  unknown: '·',
  kept: '=',
  pending: '-',
  erased: '○',
  written: '◐',
  verified: '✓',
  failed: '×',
};
const MEANING: Readonly<Record<MapState, string>> = {
  unknown: 'not looked at',
  kept: 'kept: held the image already',
  pending: 'to change',
  erased: 'erased',
  written: 'written',
  verified: 'read back and equal',
  failed: 'differs',
};

/** @param records in ascending order */
export function memoryMaps(records: readonly RecordedSector[], regions: readonly Region[]): Html[] {
  return regions
    .map((region) => ({ region, within: records.filter(({ sector }) => isWithin(sector, region)) }))
    .filter(({ within }) => within.length > 0)
    .toSorted((a, b) => a.region.start - b.region.start)
    .map(({ region, within }) => memoryMap(region.kind === 'flash' ? 'Flash' : region.name, within));
}

const isWithin = (inner: Range, outer: Range): boolean => inner.start >= outer.start && inner.end <= outer.end;

function memoryMap(title: string, records: readonly RecordedSector[]): Html {
  const each = Math.ceil(records.length / MOST_CELLS);
  const groups = Array.from({ length: Math.ceil(records.length / each) }, (_, i) =>
    records.slice(i * each, (i + 1) * each),
  );
  const states = ORDER.filter((state) => groups.some((group) => stateOf(group) === state));
  const [first] = records;
  const last = records.at(-1);
  return html`<section><h2>${title}</h2>
<p class="faint">${count(records.length, 'sector')} from ${hex(first?.sector.start ?? 0)} to ${hex((last?.sector.end ?? 1) - 1)}</p>
<ul class="cells">${groups.map(mapCell)}</ul>
<ul class="cells legend">${states.map((state) => html`<li class="${state}">${CLASS_OF[state]} ${MEANING[state]}</li>`)}</ul></section>`;
}

function stateOf(group: readonly RecordedSector[]): MapState {
  return ORDER.find((state) => group.some((record) => record.state === state)) ?? 'unknown';
}

function mapCell(group: readonly RecordedSector[]): Html {
  const state = stateOf(group);
  const [first] = group;
  const last = group.at(-1);
  const bytes = (last?.sector.end ?? 0) - (first?.sector.start ?? 0);
  const which = group.length === 1 ? `sector ${first?.sector.index ?? 0}` : `${group.length} sectors`;
  const title = `${which}, ${hex(first?.sector.start ?? 0)}, ${size(bytes)}: ${MEANING[state]}`;
  return html`<li class="${state}" title="${title}">${CLASS_OF[state]}</li>`;
}
