/** Which device a command works on: the same options for every command. */
import { type Command, Option } from 'commander';

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
}

export function addDeviceOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--usb <which>', 'a device on this machine: bus path (1-4.2), serial number, or vid:pid')
        .conflicts(['usbip', 'virtual', 'replay'])
        .helpGroup('Which device:'),
    )
    .addOption(
      new Option('--usbip <host[:port]/busid>', 'a device that another machine or program exports over USB/IP')
        .conflicts(['virtual', 'replay'])
        .helpGroup('Which device:'),
    )
    .addOption(
      new Option('--virtual <scenario>', 'a virtual board inside this process; "sureflash virtual" lists them')
        .conflicts(['replay'])
        .helpGroup('Which device:'),
    )
    .addOption(new Option('--replay <trace>', 'the device of a recorded trace').helpGroup('Which device:'))
    .addOption(
      new Option('--load <file>', 'with --virtual: what its flash holds at first').helpGroup('How to talk to it:'),
    )
    .addOption(
      new Option(
        '--instant',
        'with --virtual: do not wait for the modelled silicon; times shown are still its own',
      ).helpGroup('How to talk to it:'),
    )
    .addOption(
      new Option('--chip <name>', 'what chip it is, where the device does not tell').helpGroup('How to talk to it:'),
    )
    .addOption(
      new Option('--polite', 'always wait the time that the device asks for between polls').helpGroup(
        'How to talk to it:',
      ),
    )
    .addOption(
      new Option('--trace <file>', 'record every transfer, one JSON line each').helpGroup('How to talk to it:'),
    );
}
