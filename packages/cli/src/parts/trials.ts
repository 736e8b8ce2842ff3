/** Trials on a device that has failed: who is asked, in which words, and how the board is started anew for them. */
import type { Device, Range, TrialOptions, TrialProposal } from '@sureflash/programmer';
import { parsePlace, parseRange } from '../base/numbers.ts';
import { parsedOrTrue } from '../declare/verb.ts';
import type { OpenDevice } from '../device/open.ts';
import type { Context } from '../render/context.ts';
import { rangeText } from '../render/plan.ts';
import { count, size } from '../render/words.ts';
import { labelled } from '../render/wrap.ts';
import { YES } from './confirm.ts';

/** A range, or an address that stands for its sector. */
export function parseScratch(text: string): Range {
  if (/\.\.|\+/.test(text)) return parseRange(text);
  const start = parsePlace(text, 'an address or a range');
  return { start, end: start + 1 };
}

export const TRIAL_OPTIONS = {
  scratch: parsedOrTrue(
    '[range]',
    'if it fails and several causes fit: tell them apart by made-up data in these sectors, or in those of the job',
    parseScratch,
  ),
};

export interface TrialsAsked {
  /** The user has allowed trials beforehand, in these sectors or in those of the job. */
  readonly scratch?: Range | true | undefined;
  /** Ends what is being drawn. */
  readonly end: () => void;
}

/** @returns absent where they were not allowed beforehand, and nobody can be asked */
export function trialsFor(
  context: Context,
  device: OpenDevice,
  { scratch, end }: TrialsAsked,
): TrialOptions | undefined {
  const { io, json } = context;
  const isAllowed = scratch !== undefined;
  const ask = json ? undefined : io.ask;
  if (!isAllowed && !ask) return undefined;
  return {
    ...(isAllowed && scratch !== true && { scratch }),
    mayTry: async (proposal) => {
      end();
      tell(context, proposal);
      return isAllowed || (ask !== undefined && YES.test((await ask('Try it? [y/N] ')).trim()));
    },
    ...((device.bringBack || ask) && { restart: async () => await startedAnew(context, device) }),
  };
}

const NOTHING_FOUND = 'no loader was found that does all that was seen; a trial may show what this one does';
const NOTHING_ELSE = 'None of these loaders would change anything else.';
const PERHAPS_ELSE =
  'The loader may change other places as well, as the job itself may have: nobody knows what it does.';

/** Also with `--quiet`: it is what the question is about. */
function tell(context: Context, proposal: TrialProposal): void {
  const { io, style, json } = context;
  const { loaders, sectors, writeBytes, restarts } = proposal;
  const [first = NOTHING_FOUND, ...others] = loaders;
  context.emit({ type: 'trial', loaders, sectors, writeBytes, restarts });
  if (json) return;
  const start = sectors[0]?.start ?? 0;
  const end = sectors.at(-1)?.end ?? 0;
  const bytes = sectors.reduce((sum, each) => sum + each.end - each.start, 0);
  const anew = restarts ? 'start the board anew, ' : '';
  const lines = [
    labelled(style.strong(loaders.length === 1 ? 'Likely' : 'Undecided'), first, io.err),
    ...others.map((loader) => labelled('', `or ${loader}`, io.err)),
    labelled(
      style.strong('Trial'),
      `${anew}erase ${count(sectors.length, 'sector')} (${size(bytes)}) between ${rangeText({ start, end })}, write ${size(writeBytes)} of made-up data there, read it back, and erase them again. What they hold now is lost; bytes that were kept beside the image stay kept. ${loaders.length > 0 ? NOTHING_ELSE : PERHAPS_ELSE}`,
      io.err,
    ),
  ];
  io.err.write(`${lines.join('\n')}\n`);
}

/** A person has to find two pins and a button. */
const RETURN_MS = 120_000;

/** A board that nobody can start anew by itself is started by a person, who says when it is done. */
async function startedAnew(context: Context, device: OpenDevice): Promise<Device> {
  const { io, style } = context;
  if (device.bringBack) device.bringBack();
  else
    await io.ask?.(
      'Start the board anew in its bootloader (unplug it and plug it in, or its reset), then press Enter: ',
    );
  context.note(style.strong('Waiting'), 'for the board');
  const { kind, uid } = device.about;
  const isBack = ({ about }: Device): boolean => about.kind === kind && about.uid === uid;
  return await device.reopen({ isBack, limitMs: RETURN_MS, signal: io.signal });
}
