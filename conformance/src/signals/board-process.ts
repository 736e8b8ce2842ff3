/** A virtual board in a process of its own, exported over USB/IP: it lives on when its programmer is killed. The parent asks over IPC. */
import { UsbIpServer } from '@sureflash/usbip';
import { findScenario, RealClock } from '@sureflash/virtual';
import { noise } from '../rig.ts';
import type { BoardAnswer, BoardQuestion } from './board-words.ts';

const [scenario = '', seed = '1'] = process.argv.slice(2);
const found = findScenario(scenario);
if (!found) throw new RangeError(`no scenario ${scenario}`);
const clock = new RealClock();
const board = found.create(clock, { seed: Number(seed) });
for (const [i, { start, end }] of board.flash.sectors.entries()) {
  board.flash.load(start, noise(end - start, Number(seed) * 1000 + i));
}
const server = new UsbIpServer({ ports: new Map([['1-1', board]]), clock });
const answer = (what: BoardAnswer): void => void process.send?.(what);

process.on('message', (question: BoardQuestion) => {
  if (question === 'flash') {
    const sectors = board.flash.sectors.map(({ start, end }) => ({
      address: start,
      hex: Buffer.from(board.flash.peek(start, end - start)).toString('hex'),
    }));
    answer({ type: 'flash', sectors });
    return;
  }
  board.unplug();
  board.plug();
  answer({ type: 'cycled' });
});
process.on('disconnect', () => process.exit(0));
const { port } = await server.listen({ port: 0 });
answer({ type: 'listening', port });
