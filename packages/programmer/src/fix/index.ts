export { CORE_FLAGS, type GeneratedFile, type GeneratedModule } from './generated.ts';
export { deviceHeaders } from './headers/device.ts';
export { type FixKind, type RecognisedFix, recogniseFix } from './identity.ts';
export { bootloaderJump } from './jump/bootloader-jump.ts';
export type { BootloaderJumpOptions, Style } from './jump/options.ts';
export { parseTrigger, type Trigger } from './jump/trigger.ts';
