/** `dfu-util`: the arguments of dfu-util, for scripts that cannot be changed. Each call is carried out by the verbs of this program. */
import { usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { longName } from '../declare/spelling.ts';
import { flag, type OptionSpecs, type OptionsOf, type Surroundings, text, type Verb, verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS, type DeviceOptions } from '../device/options.ts';
import { type DfuUtilStep, dfuUtilSteps, inDfuUtilWords } from '../parts/dfu-util.ts';
import type { Context } from '../render/context.ts';

const { usbip, virtual, load, instant, chip, trace } = DEVICE_OPTIONS;

const DFU_UTIL_OPTIONS = {
  list: flag('list the devices', { short: 'l' }),
  download: text('<file>', 'program this file, and prove it', { short: 'D', completes: 'file' }),
  upload: text('<file>', 'read memory into this file, raw', { short: 'U', completes: 'file' }),
  dfuseAddress: text('<address>', 'ADDRESS:leave:mass-erase:unprotect:force:LENGTH', { short: 's' }),
  alt: text('<number>', 'accepted and ignored: the address selects the memory', { short: 'a' }),
  device: text('<vid:pid>', 'the device with these ids; of two pairs, the second is used', { short: 'd' }),
  serial: text('<serial>', 'the device with this serial number', { short: 'S' }),
  path: text('<path>', 'the device at this bus path', { short: 'p' }),
  uploadSize: text('<bytes>', 'how much -U reads', { short: 'Z' }),
  reset: flag('start the program afterwards, as :leave does', { short: 'R' }),
  wait: flag('wait for the device', { short: 'w' }),
  transferSize: text('<bytes>', 'accepted and ignored: the device states its block size', { short: 't' }),
  cfg: text('<number>', '1 alone', { short: 'c' }),
  intf: text('<number>', '0 alone', { short: 'i' }),
  detach: flag('send the running program to its bootloader first', { short: 'e' }),
  detachDelay: text('<seconds>', 'accepted and ignored: the device is awaited', { short: 'E' }),
  devnum: text('<number>', 'refused: not supported', { short: 'n' }),
  usbip,
  virtual,
  load,
  instant,
  chip,
  trace,
};

export const dfuUtilVerb = verb({
  options: DFU_UTIL_OPTIONS,
  examples: [
    ['sureflash dfu-util -a 0 -s 0x08000000:leave -D app.bin', 'program, prove, start'],
    ['sureflash dfu-util -D app.dfu', 'a DfuSe file'],
    ['sureflash dfu-util -a 0 -s 0x08000000:65536 -U flash.bin', '64 KB'],
    ['sureflash dfu-util -l', 'what is plugged in'],
  ],
  run: async (context, _, options, surroundings) => {
    const steps = dfuUtilSteps(options);
    const device = deviceOptionsOf(options);
    const byName = await verbsByName(surroundings);
    for (const step of steps) {
      const chosen = byName.get(step.verb);
      if (!chosen) throw new Error(`there is no verb ${step.verb}`);
      const command = commandOf(chosen, step);
      context.note(context.style.strong('As'), command);
      const own = Object.entries(chosen.options).map(([key, spec]) => longName(key, spec).slice('--'.length));
      const options = new Set(own.filter((name) => !OWN_NAMES.has(name)));
      context.wording = (said) => inDfuUtilWords(said, command, options);
      await runStep(context, { chosen, step, device, surroundings });
    }
  },
});

/** Options of ours that this verb takes as they are. */
const OWN_NAMES: ReadonlySet<string> = new Set(['usbip', 'virtual', 'load', 'instant', 'chip', 'trace']);

/** @throws CommandError `usage` for a pair of ids that cannot be read */
function deviceOptionsOf(options: OptionsOf<typeof DFU_UTIL_OPTIONS>): DeviceOptions {
  const { path, serial, device, wait, usbip: remote, virtual: board, load: file, instant: now, chip: name } = options;
  const usb = path ?? serial ?? (device === undefined ? undefined : idsIn(device, options.detach ? 0 : -1));
  return {
    ...(wait && { wait: true }),
    ...defined({ usb, usbip: remote, virtual: board, load: file, instant: now, chip: name, trace: options.trace }),
  };
}

/** `0483:df11`, or `run-time:pair,0483:df11`: first the ids of the running program, then those in DFU mode. */
function idsIn(device: string, at: number): string {
  const pair = device.split(',').at(at) ?? '';
  const match = /^(?:0x)?([0-9a-f]{1,4}):(?:0x)?([0-9a-f]{1,4})$/i.exec(pair);
  if (match)
    return match
      .slice(1)
      .map((id) => id.toLowerCase().padStart(4, '0'))
      .join(':');
  throw usage(`-d ${device} does not name one device.`, 'Write it as 0483:df11.');
}

async function verbsByName({ allVerbs }: Surroundings): Promise<ReadonlyMap<string, Verb>> {
  return new Map((await allVerbs()).map(({ name, verb: each }) => [name, each]));
}

interface StepRun {
  readonly chosen: Verb;
  readonly step: DfuUtilStep;
  readonly device: DeviceOptions;
  readonly surroundings: Surroundings;
}

async function runStep(context: Context, { chosen, step, device, surroundings }: StepRun): Promise<void> {
  // A verb takes the device only where it works on one: `list` has other options.
  const takesDevice = 'virtual' in chosen.options;
  const given = {
    operands: { ...step.operands },
    options: { ...initialOf(chosen.options), ...step.options, ...(takesDevice && device) },
  };
  await chosen.run(context, given, surroundings);
}

function initialOf(options: OptionSpecs): Record<string, unknown> {
  const initial = Object.entries(options).map(([key, spec]): [string, unknown] => [key, spec.initial]);
  return Object.fromEntries(initial.filter(([, value]) => value !== undefined));
}

/** The command to write instead, for people. */
function commandOf({ options }: Verb, { verb: name, operands, options: given }: DfuUtilStep): string {
  const words = Object.entries(given).flatMap(([key, value]) => {
    const spec = options[key];
    const option = spec ? longName(key, spec) : `--${key}`;
    if (value === true) return [option];
    return [option, key === 'at' ? `0x${Number(value).toString(16).padStart(8, '0')}` : String(value)];
  });
  return ['sureflash', name, ...Object.values(operands).flat(), ...words].join(' ');
}
