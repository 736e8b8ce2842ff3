/** What flash holds, against what it should. */
import assert from 'node:assert/strict';
import type { Board } from '@sureflash/virtual';

export const FLASH_START = 0x0800_0000;

export function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  const at = expected.findIndex((byte, index) => actual[index] !== byte);
  assert.ok(at < 0, `differs at offset 0x${at.toString(16)} of ${expected.length} bytes`);
  assert.equal(actual.length, expected.length);
}

export function assertFlash(board: Board, bytes: Uint8Array, address = FLASH_START): void {
  assertSame(board.flash.peek(address, bytes.length), bytes);
}

export function assertBlank(board: Board, address: number, length: number): void {
  const at = board.flash.peek(address, length).findIndex((byte) => byte !== 0xff);
  assert.ok(at < 0, `0x${(address + at).toString(16)} is not erased`);
}
