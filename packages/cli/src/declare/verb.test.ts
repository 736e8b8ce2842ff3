import { describe, expect, expectTypeOf, it } from 'vitest';
import { Context } from '../render/context.ts';
import { fakeIo } from '../testing/harness.ts';
import { longName, operandTerm } from './spelling.ts';
import {
  anyNumber,
  choice,
  firmware,
  flag,
  off,
  oneOrMore,
  optional,
  parsed,
  required,
  verb,
  withInitial,
} from './verb.ts';

const surroundings = { allVerbs: async () => await Promise.resolve([]) };

describe('a verb', () => {
  it('gets its operands and options with the types of its declaration', async () => {
    const declared = verb({
      operands: { from: required('a file'), to: optional('another'), more: anyNumber('others') },
      options: {
        at: parsed('<address>', 'where', Number),
        keep: withInitial(choice('<what>', 'what stays', ['rest', 'none']), 'rest'),
        yes: flag('do not ask'),
      },
      examples: [],
      run: async (_, { from, to, more }, { at, keep, yes }) => {
        expectTypeOf(from).toEqualTypeOf<string>();
        expectTypeOf(to).toEqualTypeOf<string | undefined>();
        expectTypeOf(more).toEqualTypeOf<readonly string[]>();
        expectTypeOf(at).toEqualTypeOf<number | undefined>();
        expectTypeOf(keep).toEqualTypeOf<'rest' | 'none'>();
        expectTypeOf(yes).toEqualTypeOf<boolean | undefined>();
        expect([from, to, more, at, keep, yes]).toEqual(['a', undefined, [], 8, 'none', undefined]);
        await Promise.resolve();
      },
    });
    const given = { operands: { from: 'a', more: [] }, options: { at: 8, keep: 'none' } };
    await declared.run(new Context(fakeIo(), {}), given, surroundings);
    expect.assertions(1);
  });
});

describe('the spelling of a declaration', () => {
  it.each([
    ['file', required(''), '<file>'],
    ['file', firmware(''), '[file...]'],
    ['name', optional(''), '[name]'],
    ['what', oneOrMore(''), '<what...>'],
    ['board', anyNumber(''), '[board...]'],
  ])('of the operand %s is as its kind says: %j', (name, spec, term) => {
    expect(operandTerm(name, spec)).toBe(term);
  });

  it.each([
    ['forEver', flag(''), '--for-ever'],
    ['color', off(''), '--no-color'],
  ])('of the option %s has hyphens', (key, spec, name) => {
    expect(longName(key, spec)).toBe(name);
  });
});
