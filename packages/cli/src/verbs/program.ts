/** `program`: from a file to a device that is proven to hold it. */

import { defined } from '../base/defined.ts';
import { parseSeconds } from '../base/numbers.ts';
import { FIRMWARE, JOB_OPTIONS, REPORT_OPTIONS } from '../declare/options.ts';
import { flag, parsedOrTrue, verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { loadJob } from '../files/firmware-job.ts';
import { announceFiles } from '../parts/announce.ts';
import { FOR_LOADER_OPTIONS, sealFor, signingKey } from '../parts/for-loader.ts';
import { programDevice } from '../parts/program-job.ts';
import { checkSuffixIds } from '../parts/suffix-ids.ts';
import { SUPPLY_OPTIONS } from '../parts/supply.ts';
import { TRIAL_OPTIONS } from '../parts/trials.ts';
import { withDevice } from '../parts/with-device.ts';
import { withReport } from '../report/reporting.ts';

export const programVerb = verb({
  operands: { file: FIRMWARE },
  options: {
    ...JOB_OPTIONS,
    leave: flag('start the program afterwards'),
    leaveAndCheck: parsedOrTrue(
      '[seconds]',
      'start the program, wait (120 s) until the board is in its bootloader again, and read everything again',
      parseSeconds,
    ),
    ...TRIAL_OPTIONS,
    ...FOR_LOADER_OPTIONS,
    ...SUPPLY_OPTIONS,
    oneTime: flag('also program OTP memory, which nothing undoes'),
    ...REPORT_OPTIONS,
    ...DEVICE_OPTIONS,
  },
  examples: [
    ['sureflash program firmware.elf', 'the board plugged in'],
    ['sureflash program firmware.bin --at 0x08000000 --leave', 'raw binary; start it'],
    ['sureflash program boot.hex app.elf', 'both in one job'],
    ['sureflash program firmware.hex --leave-and-check', 'read again after it has left its bootloader'],
    ['sureflash program firmware.hex --usb 0483:df11', 'by vendor and product'],
    ['sureflash program firmware.hex --scratch', 'should it fail: one cause, by made-up data in its sectors'],
    ['sureflash program app.elf --for-loader', 'for a loader with our application check'],
    ['sureflash program firmware.hex --virtual stm32f105-rom', 'no hardware needed'],
  ],
  run: async (context, { file: words }, options) => {
    const { report } = options;
    await withReport(context, { inputs: words, ...defined({ report }) }, async (reporting) => {
      const key = await signingKey(context.io, options);
      const { files, firmware } = await loadJob(context.io, words, options);
      announceFiles(context, files);
      reporting.files(files);
      await withDevice(context, options, async (device) => {
        checkSuffixIds(context, device, { files, force: options.force });
        const sealed = options.forLoader
          ? await sealFor(context, device, firmware, { imageVersion: options.imageVersion, key })
          : { firmware };
        await programDevice(context, device, { ...sealed, options, reporting });
        if (options.forLoader) context.result(context.style.ok('Proven'), 'the loader may start this application');
      });
    });
  },
});
