/** A thread of `npm run campaign:probe`: does its share of the trials, and posts what came of each. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FaultTrial, faultTrial } from './faults.ts';

const ownShare = workerData as readonly FaultTrial[];
for (const trial of ownShare) parentPort?.postMessage({ ...trial, verdict: await faultTrial(trial) });
