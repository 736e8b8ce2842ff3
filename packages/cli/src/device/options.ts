/** Which device a command works on: the same options for every command. */
import { type Command, Option } from 'commander';
import { parseSeconds } from '../numbers.ts';
import { checked } from '../verbs/checked.ts';

export interface DeviceOptions {
  readonly usb?: string;
  readonly usbip?: string;
  readonly virtual?: string;
  readonly replay?: string;
  readonly load?: string;
  readonly instant?: boolean;
  readonly chip?: string;
  readonly polite?: boolean;
  readonly trace?: string;
  /** Seconds to wait for the device; for ever where `true`. */
  readonly wait?: number | true;
}

export function addDeviceOptions(command: Command): Command {
  return command
    .optionsGroup('Which device (default: the only one that is plugged in):')
    .addOption(
      new Option('--usb <which>', 'on this machine: bus path (1-4.2), uid:ID, serial number, or vid:pid').conflicts([
        'usbip',
        'virtual',
        'replay',
      ]),
    )
    .addOption(
      new Option('--usbip <host[:port]/busid>', 'exported by another machine or program over USB/IP').conflicts([
        'virtual',
        'replay',
      ]),
    )
    .addOption(
      new Option('--virtual <scenario>', 'a virtual board; "sureflash virtual" lists them').conflicts(['replay']),
    )
    .option('--load <file>', 'with --virtual: what its flash holds at first')
    .option('--instant', 'with --virtual: do not wait for the modelled silicon; times shown are still its own')
    .option('--replay <trace>', 'the device of a recorded trace')
    .option('--wait [seconds]', 'until the device appears; for ever without a number', checked(parseSeconds))
    .optionsGroup('How to talk to it:')
    .option('--chip <name>', 'what chip it is, where the device does not tell')
    .option('--polite', 'always wait the time that the device asks for between polls')
    .option('--trace <file>', 'record every transfer, one JSON line each');
}
