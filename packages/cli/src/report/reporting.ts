/** Collects what a command does and how it ends, and writes the report where one was asked for. */
import { createHash } from 'node:crypto';
import { release, type as systemName } from 'node:os';
import { chipOf, isFlashError, type Region } from '@sureflash/programmer';
import type { Diagnosis, Observation } from '@sureflash/programmer/diagnosis';
import { textOf } from '@sureflash/programmer/diagnosis';
import { defined } from '../base/defined.ts';
import { ownVersion } from '../base/version.ts';
import type { OpenDevice } from '../device/open.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';
import type { JobFile } from '../files/firmware-job.ts';
import { openOutput } from '../files/output.ts';
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
    const { file } = firmware;
    this.facts.push([
      'SHA-256 of the file',
      `${createHash('sha256').update(file).digest('hex')} (${file.length} bytes)`,
    ]);
  }

  files(files: readonly JobFile[]): void {
    for (const { path, firmware } of files) this.file(path, firmware);
  }

  /** The run begins at the first call: times count from there, also for what follows on the same device. */
  device({ target, about, port, where, clock }: OpenDevice): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.regions = target.geometry;
    const { manufacturer, product, serial } = port.identity;
    const strings = [manufacturer, product, serial].filter((text) => text !== undefined);
    this.facts.push(['Device', `${about.title} (${where})`], ['USB strings', strings.join(' / ')]);
    const chip = chipOf(about);
    if (chip) this.facts.push(['Chip', chip.names.join(', ')]);
    if (about.uid !== undefined) this.facts.push(['Unique id', about.uid]);
    const { bootloader } = about.readings ?? {};
    if (bootloader !== undefined) this.facts.push(['Bootloader', bootloader]);
    this.recorder = new Recorder(clock);
  }
}

export interface ReportJob extends ReportOptions {
  /** Files that are read: the report replaces none of them. */
  readonly inputs: readonly string[];
}

/**
 * The report is opened before the work begins. One that cannot be written then is told, and changes nothing of how the run ends.
 * @throws what `work` throws, once the report is written
 */
export async function withReport(
  context: Context,
  { report, inputs }: ReportJob,
  work: (reporting: Reporting) => Promise<void>,
): Promise<void> {
  const reporting = new Reporting();
  const output = report === undefined ? undefined : await openOutput(context.io, report, { overwrite: true, inputs });
  if (report !== undefined) context.emit({ type: 'report', path: report });
  const end = async (ended: Ended): Promise<void> => {
    if (report === undefined || !output) return;
    try {
      await output.save(
        new TextEncoder().encode(reportPage(dataOf(reporting, { command: commandLine(context.words), ended }))),
      );
      context.note(context.style.strong('Report'), report);
    } catch (error) {
      // How the run ended is one thing, and what could be told of it another.
      const { title } = problemOf(error);
      context.warn(`there is no report of this run: ${title}`);
      context.emit({ type: 'unwritten', path: report, reason: title });
    }
  };
  try {
    await work(reporting);
  } catch (error) {
    await end(failure(reporting, error));
    throw error;
  }
  await end({ ok: true, outcome: reporting.outcome, remedy: [] });
}

interface Ended {
  readonly ok: boolean;
  readonly outcome: string;
  readonly code?: string;
  readonly remedy: readonly string[];
  readonly diagnosis?: Diagnosis;
}

function failure({ recorder }: Reporting, error: unknown): Ended {
  if (isFlashError(error)) recorder.excerpt = error.excerpt;
  const { code, title, remedy, diagnosis } = problemOf(error);
  return { ok: false, outcome: title, code, remedy, ...defined({ diagnosis }) };
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
    facts: [...facts, ['Ran on', `${systemName()} ${release()}, ${process.arch}, Node ${process.versions.node}`]],
    regions,
    recorder,
    observations: observations.map(textOf),
    ...ended,
  };
}

/** Words with a space or a sign that a shell would read are quoted. */
function commandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
