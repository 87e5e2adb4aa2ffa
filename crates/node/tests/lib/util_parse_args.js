'use strict';
// util.parseArgs, after the documentation.

const assert = require('assert');
const { parseArgs } = require('util');

function same(config, values, positionals = []) {
  const result = parseArgs(config);
  assert.deepStrictEqual({ ...result.values }, values);
  assert.deepStrictEqual(result.positionals, positionals);
  return result;
}

const flags = { a: { type: 'boolean', short: 'a' }, b: { type: 'boolean', short: 'b' }, out: { type: 'string', short: 'o' } };
same({ args: ['-ab', '--out=x'], options: flags }, { a: true, b: true, out: 'x' });
same({ args: ['-o', 'x'], options: flags }, { out: 'x' });
same({ args: ['-abox'], options: flags }, { a: true, b: true, out: 'x' });
same({ args: ['--out', '-'], options: flags }, { out: '-' });
same({ args: ['--out='], options: flags }, { out: '' });
same({ args: ['p', '--', '-z'], allowPositionals: true }, {}, ['p', '-z']);
same({ args: ['--m', '1', '--m=2'], options: { m: { type: 'string', multiple: true } } }, { m: ['1', '2'] });
same({ args: ['--x', '--y=1', 'z', '-q'], strict: false }, { x: true, y: '1', q: true }, ['z']);
same({ args: [], options: { d: { type: 'string', default: 'dd' }, m: { type: 'boolean', multiple: true, default: [true] } } }, { d: 'dd', m: [true] });
same({ args: ['--no-color'], options: { color: { type: 'boolean' } }, allowNegative: true }, { color: false });
assert.strictEqual(Object.getPrototypeOf(parseArgs({ args: [] }).values), null);
assert.deepStrictEqual(parseArgs({ args: ['-a', '--out=1', 'p', '--', 'q'], options: flags, allowPositionals: true, tokens: true }).tokens, [
  { kind: 'option', name: 'a', rawName: '-a', index: 0, value: undefined, inlineValue: undefined },
  { kind: 'option', name: 'out', rawName: '--out', index: 1, value: '1', inlineValue: true },
  { kind: 'positional', index: 2, value: 'p' },
  { kind: 'option-terminator', index: 3 },
  { kind: 'positional', index: 4, value: 'q' },
]);

for (const [config, code, message] of [
  [{ args: ['--x'] }, 'ERR_PARSE_ARGS_UNKNOWN_OPTION', "Unknown option '--x'"],
  [{ args: ['p'] }, 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL', "Unexpected argument 'p'. This command does not take positional arguments"],
  [{ args: ['--out'], options: flags }, 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE', "Option '-o, --out <value>' argument missing"],
  [{ args: ['--a=1'], options: flags }, 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE', "Option '-a, --a' does not take an argument"],
  [{ args: ['--out', '-x'], options: flags }, 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE', /^Option '--out' argument is ambiguous\.\nDid you forget/],
  [{ args: [], options: { x: { type: 'foo' } } }, 'ERR_INVALID_ARG_TYPE', /options\.x\.type/],
  [{ args: [], options: { x: { type: 'string', short: 'xx' } } }, 'ERR_INVALID_ARG_VALUE', /must be a single character/],
  [{ args: [], options: { x: { type: 'string', default: 5 } } }, 'ERR_INVALID_ARG_TYPE', /options\.x\.default/],
  [{ args: 5 }, 'ERR_INVALID_ARG_TYPE', /"args"/],
]) {
  assert.throws(() => parseArgs(config), { code, message });
}
