/** Which device a verb works on: the same options for every verb. */
import { parseKiloHertz, parseSeconds } from '../base/numbers.ts';
import { choice, flag, type OptionSpec, type OptionsOf, off, parsed, parsedOrTrue, text } from '../declare/verb.ts';

const which = <T>(spec: OptionSpec<T>): OptionSpec<T> => ({
  ...spec,
  group: 'Which device (default: the only one that is plugged in):',
});
const how = <T>(spec: OptionSpec<T>): OptionSpec<T> => ({ ...spec, group: 'How to talk to it:' });

const CONNECT_MODES = ['normal', 'under-reset', 'hot-plug'] as const;

/** The protocols of debug probes, and the option that asks for each. */
export const PROBE_OPTIONS = { 'ST-LINK': '--stlink', 'CMSIS-DAP': '--cmsis-dap' } as const;
export type ProbeWire = keyof typeof PROBE_OPTIONS;

export const DEVICE_OPTIONS = {
  usb: which(
    text('<which>', 'on this machine: bus path (1-4.2), uid:ID, serial number, or vid:pid', {
      conflicts: ['usbip', 'virtual', 'replay'],
    }),
  ),
  usbip: which(
    text('<host[:port]/busid>', 'exported by another machine or program over USB/IP', {
      conflicts: ['virtual', 'replay'],
    }),
  ),
  stlink: which({
    ...parsedOrTrue('[serial]', 'the chip behind an ST-LINK; with several, the one with this serial number', String),
    conflicts: ['usb', 'usbip', 'replay'],
  }),
  cmsisDap: which({
    ...parsedOrTrue(
      '[serial]',
      'the chip behind a CMSIS-DAP probe (v2); with several, the one with this serial number',
      String,
    ),
    conflicts: ['usb', 'usbip', 'replay', 'stlink'],
  }),
  virtual: which(
    text('<scenario>', 'a virtual board; "sureflash virtual" lists them', {
      conflicts: ['replay'],
      completes: 'board',
    }),
  ),
  load: which(text('<file>', 'with --virtual: initial content of its flash', { completes: 'file' })),
  instant: which(
    flag('with --virtual: do not wait for the modelled silicon; the times shown are still the modelled ones'),
  ),
  replay: which(text('<trace>', 'the device of a recorded trace', { completes: 'file' })),
  wait: which(parsedOrTrue('[seconds]', 'wait until the device appears; without a number, for ever', parseSeconds)),
  detach: which({
    ...flag('send a running program with a DFU run-time interface to its bootloader first'),
    conflicts: ['replay'],
  }),
  chip: how(text('<name>', 'the chip, if the device does not identify it', { completes: 'chip' })),
  connect: how(
    choice(
      '<way>',
      'with a debug probe: reset and halt the chip, do so by its NRST line, or leave it running',
      CONNECT_MODES,
    ),
  ),
  speed: how(
    parsed('<kHz>', 'speed of the line between debug probe and chip; default: the fastest that works', parseKiloHertz),
  ),
  loader: how(
    off('with a debug probe: run no code in the chip and leave its RAM as it is; flash is written more slowly'),
  ),
  polite: how(flag('always wait the time that the device asks for between polls')),
  trace: how(text('<file>', 'record every transfer, one JSON line each', { completes: 'file' })),
};

/** For a second file, or a file, that stands where a device stands otherwise. */
export const INSTEAD_OF_DEVICE = { insteadOf: Object.keys(DEVICE_OPTIONS) };

/** `wait` is the time in seconds to wait for the device, and `true` for ever. */
export type DeviceOptions = OptionsOf<typeof DEVICE_OPTIONS>;
