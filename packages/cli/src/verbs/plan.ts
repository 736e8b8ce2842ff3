/** `plan`: what `program` would do. Reads only. */
import { prepare } from '@sureflash/programmer';
import { FIRMWARE, JOB_OPTIONS } from '../declare/options.ts';
import { verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { loadJob } from '../files/firmware-job.ts';
import { announceFiles } from '../parts/announce.ts';
import { jobOptions, jobView, judge, planTexts } from '../parts/program-job.ts';
import { checkSuffixIds } from '../parts/suffix-ids.ts';
import { announceSupply, SUPPLY_OPTIONS } from '../parts/supply.ts';
import { withDevice } from '../parts/with-device.ts';
import { diagnosisLines } from '../render/diagnosis.ts';
import { planJson, planLines } from '../render/plan.ts';

export const planVerb = verb({
  operands: { file: FIRMWARE },
  options: { ...JOB_OPTIONS, ...SUPPLY_OPTIONS, ...DEVICE_OPTIONS },
  examples: [['sureflash plan firmware.elf', 'which sectors would be kept, erased, written']],
  run: async (context, { file: words }, options) => {
    const { files, firmware } = await loadJob(context.io, words, options);
    announceFiles(context, files);
    await withDevice(context, options, async (device) => {
      checkSuffixIds(context, device, { files, force: options.force });
      const view = jobView(context, device, firmware);
      const job = { ...jobOptions(context, options), oneTime: true, onProgress: view.onProgress };
      const preparation = await prepare(device, firmware, job).finally(() => view.end());
      judge(context, preparation, { view, options });
      const { plan, supply, diagnosis } = preparation;
      const supplyText = announceSupply(context, supply, options.supply);
      context.emit(planJson(plan));
      for (const line of planLines(plan)) context.print(line);
      if (supplyText) context.note(context.style.strong('Supply'), supplyText);
      for (const text of planTexts(preparation)) context.result(context.style.strong('Plan'), text);
      if (diagnosis)
        for (const line of diagnosisLines(diagnosis, context.style, context.io.out, context.wording))
          context.print(line);
      context.emit({ type: 'result', ok: true });
    });
  },
});
