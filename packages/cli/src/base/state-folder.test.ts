import { describe, expect, it } from 'vitest';
import { stateFolder } from './state-folder.ts';

describe('the folder for what outlives a run', () => {
  it.each([
    ['linux', { XDG_STATE_HOME: '/state' }, '/state/sureflash'],
    ['linux', { XDG_STATE_HOME: 'state' }, '/home/me/.local/state/sureflash'],
    ['freebsd', {}, '/home/me/.local/state/sureflash'],
    ['darwin', {}, '/home/me/Library/Application Support/sureflash'],
    ['darwin', { XDG_STATE_HOME: '/state' }, '/state/sureflash'],
  ] as const)('is on %s with %o %s', (platform, env, expected) => {
    expect(stateFolder({ platform, env, home: '/home/me' })).toBe(expected);
  });

  it.each([
    [{ LOCALAPPDATA: 'D:\\Local' }, 'D:\\Local\\sureflash'],
    [{}, 'C:\\Users\\me\\AppData\\Local\\sureflash'],
  ])('is on Windows with %o %s', (env, expected) => {
    expect(stateFolder({ platform: 'win32', env, home: 'C:\\Users\\me' })).toBe(expected);
  });
});
