/** Collects what a command does and how it ends, and writes the report where one was asked for. */
import type { Region } from '@sureflash/programmer';
import type { Diagnosis, Observation } from '@sureflash/programmer/diagnosis';
import { textOf } from '@sureflash/programmer/diagnosis';
import { JobFailed } from '@sureflash/programmer/engine';
import { ownVersion } from '../base/version.ts';
import type { Device } from '../device/open.ts';
import { saveFile } from '../files/file-access.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';
import type { Context } from '../render/context.ts';
import { fileText } from '../render/plan.ts';
import { problemOf } from '../render/problem.ts';
import { type ReportData, reportPage } from './page.ts';
import { Recorder } from './recorder.ts';

export interface ReportOptions {
  /** Where the report goes. */
  readonly report?: string;
}

/** What is known of a run so far. */
export class Reporting {
  readonly facts: (readonly [name: string, value: string])[] = [];
  recorder = new Recorder({ now: () => 0 });
  /** How it ended, where it ended well. */
  outcome = '';
  observations: readonly Observation[] = [];
  /** The memories of the device; empty where none was opened. */
  regions: readonly Region[] = [];
  #hasBegun = false;

  file(path: string, firmware: LoadedFirmware): void {
    this.facts.push(['File', fileText(path, firmware)]);
  }

  /** The run begins at the first call: times count from there, also for what follows on the same device. */
  device({ target, port, where, clock, chip }: Device): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.regions = target.geometry;
    const { manufacturer, product, serial } = port.identity;
    const strings = [manufacturer, product, serial].filter((text) => text !== undefined);
    this.facts.push(['Device', `${target.identification.title} (${where})`], ['USB strings', strings.join(' / ')]);
    if (chip) this.facts.push(['Chip', chip.names.join(', ')]);
    this.recorder = new Recorder(clock);
  }
}

/** @throws what `work` throws, once the report is written */
export async function withReport(
  context: Context,
  { report, command }: ReportOptions & { readonly command: string },
  work: (reporting: Reporting) => Promise<void>,
): Promise<void> {
  const reporting = new Reporting();
  let ended: Ended;
  try {
    await work(reporting);
    ended = { ok: true, outcome: reporting.outcome, remedy: [] };
  } catch (error) {
    if (report !== undefined)
      await write(context, report, dataOf(reporting, { command, ended: failure(reporting, error) }));
    throw error;
  }
  if (report !== undefined) await write(context, report, dataOf(reporting, { command, ended }));
}

interface Ended {
  readonly ok: boolean;
  readonly outcome: string;
  readonly code?: string;
  readonly remedy: readonly string[];
  readonly diagnosis?: Diagnosis;
}

function failure({ recorder }: Reporting, error: unknown): Ended {
  if (error instanceof JobFailed) recorder.excerpt = error.excerpt;
  const { code, title, remedy, diagnosis } = problemOf(error);
  return { ok: false, outcome: title, code, remedy, ...(diagnosis && { diagnosis }) };
}

function dataOf(
  { facts, regions, recorder, observations }: Reporting,
  { command, ended }: { readonly command: string; readonly ended: Ended },
): ReportData {
  const made = new Date().toISOString().slice(0, 16).replace('T', ' ');
  return {
    command,
    made: `${made} UTC`,
    version: ownVersion(),
    facts,
    regions,
    recorder,
    observations: observations.map(textOf),
    ...ended,
  };
}

async function write(context: Context, path: string, data: ReportData): Promise<void> {
  await saveFile(context.io, path, new TextEncoder().encode(reportPage(data)));
  context.note(context.style.strong('Report'), path);
  context.emit({ type: 'report', path });
}
