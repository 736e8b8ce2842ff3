/** What to do, with the option or the command of this program that does it. */
import type { Diagnosis, Remedy, RemedyAction } from '@sureflash/programmer/diagnosis';
import type { Concern } from '@sureflash/programmer/preflight';
import { simulationJson } from './loader-model.ts';

/** A code without a row does not compile. */
const HOW: Readonly<Record<RemedyAction, string>> = {
  'state-chip': '--chip NAME',
  'state-address': '--at ADDRESS',
  'choose-part': '--only START..END',
  'go-on-anyway': '--force',
  'go-on-unproven': '--unproven',
  'write-otp': '--one-time',
  'set-for-ever': '--for-ever',
  'replace-all': '--erase always',
  verify: 'sureflash verify FILE',
  program: 'sureflash program FILE',
  'list-devices': 'sureflash list',
  'show-option-bytes': 'sureflash option-bytes show',
  'set-option-bytes': 'sureflash option-bytes set NAME=VALUE',
  unprotect: 'sureflash unprotect',
  'spare-ram': '--no-loader',
  'erase-by-probe': 'sureflash erase --all --stlink',
  'program-by-probe': 'sureflash program FILE --stlink',
  'try-scratch': 'sureflash doctor --scratch ADDRESS',
  'try-job-sectors': 'sureflash program FILE --scratch',
  'record-trace': '--trace FILE',
  'use-usbip': '--usbip HOST',
  'write-jump': 'sureflash fix bootloader-jump --chip NAME --when vbus:PA9',
  'write-callbacks': 'sureflash fix dfu-media --chip NAME',
  detach: '--detach',
};

/** `State the chip (--chip NAME).` */
export function remedyText({ text, action, chip = 'NAME' }: Remedy): string {
  return action === undefined ? text : `${text.replace(/\.$/, '')} (${HOW[action].replace('NAME', chip)}).`;
}

/** A diagnosis as JSON has it: remedies are sentences. */
export function diagnosisJson(
  { remedies, tellApart, model, ...rest }: Diagnosis,
  wording: (text: string) => string,
): Readonly<Record<string, unknown>> {
  const simulation = model && { model: simulationJson(model) };
  const [remedy, apart] = [remedies, tellApart].map((all) => all.map((each) => wording(remedyText(each))));
  return { ...rest, ...simulation, remedy, tellApart: apart };
}

export function concernJson({ remedy, ...concern }: Concern): Readonly<Record<string, unknown>> {
  return { ...concern, remedy: remedyText(remedy) };
}
