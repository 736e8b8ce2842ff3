export { connectThroughProbe, type ProbeConnectOptions } from './connect.ts';
export type { ConnectMode, DebugProbe, ProbeChoices } from './debug-probe.ts';
