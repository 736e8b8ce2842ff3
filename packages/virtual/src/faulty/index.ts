export { type FaultyBoard, faultyBoards } from './boards.ts';
