/** Exit codes, documented and stable. */
export const EXIT = {
  success: 0,
  defect: 1,
  usage: 2,
  device: 3,
  access: 4,
  file: 5,
  refused: 6,
  mismatch: 7,
  protected: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
