/** The error of an operation that the device has refused, with the device's own words where it has some. */
import type { FlashError } from '../../errors.ts';
import { type DeviceOperation, operationFailed } from './completion.ts';
import type { DfuRequests } from './requests.ts';
import type { DfuStatus } from './status.ts';

/** @returns `dfu/status`, or `dfu/protocol` for a wrong state */
export async function failureOf(
  requests: Pick<DfuRequests, 'readText'>,
  operation: Pick<DeviceOperation, 'name' | 'address'>,
  status: DfuStatus,
): Promise<FlashError> {
  const words = status.text === 0 ? undefined : await requests.readText(status.text);
  return operationFailed(operation, status, words);
}
