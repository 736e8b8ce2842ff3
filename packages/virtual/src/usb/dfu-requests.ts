/** Which DFU request a control transfer is. It knows no loader: each answers in its own way. */

import { DfuRequest } from './dfu-words.ts';
import type { Reply, Setup } from './model.ts';

/** A loader's answers, request by request; one that is absent is stalled. */
export interface DfuAnswers {
  detach?(setup: Setup): Reply;
  download(setup: Setup, data: Uint8Array): Reply;
  upload?(setup: Setup): Reply;
  getStatus(setup: Setup): Reply;
  clearStatus(setup: Setup): Reply;
  getState(setup: Setup): Reply;
  abort(setup: Setup): Reply;
}

/** @returns the loader's answer, or a stall for a request that DFU 1.1 §3 does not have */
export function answerDfu(answers: DfuAnswers, setup: Setup, data: Uint8Array): Reply {
  return answerOf(answers, setup, data) ?? { kind: 'stall' };
}

function answerOf(answers: DfuAnswers, setup: Setup, data: Uint8Array): Reply | undefined {
  switch (setup.request) {
    case DfuRequest.DETACH:
      return answers.detach?.(setup);
    case DfuRequest.DNLOAD:
      return answers.download(setup, data);
    case DfuRequest.UPLOAD:
      return answers.upload?.(setup);
    case DfuRequest.GETSTATUS:
      return answers.getStatus(setup);
    case DfuRequest.CLRSTATUS:
      return answers.clearStatus(setup);
    case DfuRequest.GETSTATE:
      return answers.getState(setup);
    case DfuRequest.ABORT:
      return answers.abort(setup);
    default:
      return undefined;
  }
}
