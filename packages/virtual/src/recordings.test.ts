import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flattened, type RecordedSession, type Recordings, ReplayingHost, type Step } from '../testing/recordings.ts';

const file = new URL('../fixtures/recorded-sessions.json', import.meta.url);
const { sessions, jobs } = JSON.parse(readFileSync(file, 'utf8')) as Recordings;

/** Logs have stamps of a millisecond and the host's own time in them. */
const HOST_MS = 3;
const SHARE = 0.1;

interface Difference {
  readonly step: number;
  readonly recorded: unknown;
  readonly model: unknown;
}

/** Sends all requests of a session and tells where the model answers otherwise. */
async function differences({ board, begin, steps }: RecordedSession): Promise<Difference[]> {
  const host = await ReplayingHost.at(board, begin);
  const found: Difference[] = [];
  let line = host.clock.now();
  for (const [step, recorded] of flattened(steps).entries()) {
    if (recorded.wait !== undefined) await host.clock.sleep(recorded.wait);
    if (recorded.send === undefined) continue;
    const model = await answerOf(host, recorded);
    if (!agrees(recorded, model)) found.push({ step, recorded: recorded.status ?? 'an answer', model });
    const ms = host.clock.now() - line;
    if (!inTime(recorded, ms)) found.push({ step, recorded: recorded.ms, model: ms });
    if (recorded.send !== 'DNLOAD' && recorded.send !== 'ABORT' && recorded.send !== 'UPLOAD') line = host.clock.now();
  }
  return found;
}

async function answerOf(host: ReplayingHost, step: Step): Promise<readonly number[] | 'stall'> {
  if (step.send === 'GETSTATUS') return (await host.status()) ?? 'stall';
  const reply = await host.send(step);
  return reply ? [] : 'stall';
}

function agrees({ status = [null, null, null], stalls = false }: Step, model: readonly number[] | 'stall'): boolean {
  if (model === 'stall' || stalls) return stalls && model === 'stall';
  return status.every((value, index) => value === null || value === model[index]);
}

function inTime({ ms }: Step, model: number): boolean {
  if (ms === undefined) return true;
  const [least, most] = typeof ms === 'number' ? [ms, ms] : ms;
  return model >= Math.min(least * (1 - SHARE), least - HOST_MS) && model <= most * (1 + SHARE) + 1;
}

describe('a recorded session', () => {
  it.each(sessions.map((session) => [session.id, session] as const))(
    'of %s is answered alike by the model',
    async (_, session) => {
      expect(await differences(session)).toEqual([]);
    },
  );

  it('is told from another: an answer that was not recorded is found', async () => {
    const [session] = sessions;
    if (!session) throw new Error('no session');
    const first: Step = { send: 'GETSTATUS', status: [0, null, 2] };
    const changed = { ...session, steps: [first, ...session.steps.slice(1)] };
    expect(await differences(changed)).toMatchObject([{ step: 0, model: [10, 0, 10] }]);
  });
});

describe('a recorded job', () => {
  /** Another host had cleared the errFIRMWARE that an F4 begins with. */
  it.each(jobs.map((job) => [job.id, job] as const))(
    'in which %s takes as long on the model, within 10 %%',
    async (_, job) => {
      const host = await ReplayingHost.at(job.board, ['CLRSTATUS']);
      const seconds = await host.run(job);
      expect(Math.abs(seconds / job.seconds - 1)).toBeLessThanOrEqual(SHARE);
    },
  );
});
