/** The error that a job ends with, and the causes that it names. */
import { type FlashError, isFlashError } from '@sureflash/programmer';

/** @throws what is no `FlashError`; `Error` where `work` succeeds */
export async function failureOf(work: Promise<unknown>): Promise<FlashError> {
  try {
    await work;
  } catch (error) {
    if (isFlashError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** The named cause, and those that fit as well. */
export const causesOf = ({ diagnosis }: FlashError): string[] =>
  diagnosis ? [diagnosis.cause, ...diagnosis.rivals.map(({ cause }) => cause)] : [];
