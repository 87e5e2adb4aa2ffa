'use strict';
// `util.parseArgs`: command line arguments by a description of the options.

const { codes } = require('internal/errors');
const {
  validateArray, validateBoolean, validateBooleanArray, validateObject, validateString, validateStringArray, validateUnion,
} = require('internal/validators');

function checkOptions(options) {
  validateObject(options, 'options');
  for (const [name, option] of Object.entries(options)) {
    const path = `options.${name}`;
    validateObject(option, path);
    const { type, short, multiple, default: fallback } = option;
    validateUnion(type, `${path}.type`, ['string', 'boolean']);
    if (Object.hasOwn(option, 'short')) {
      validateString(short, `${path}.short`);
      if (short.length !== 1) throw new codes.ERR_INVALID_ARG_VALUE(`${path}.short`, short, 'must be a single character');
    }
    if (Object.hasOwn(option, 'multiple')) validateBoolean(multiple, `${path}.multiple`);
    if (fallback === undefined) continue;
    if (multiple) (type === 'string' ? validateStringArray : validateBooleanArray)(fallback, `${path}.default`);
    else (type === 'string' ? validateString : validateBoolean)(fallback, `${path}.default`);
  }
}

function longName(short, options) {
  for (const [name, option] of Object.entries(options)) if (option.short === short) return name;
  return short;
}

function typeOf(name, options) {
  return Object.hasOwn(options, name) ? options[name].type : undefined;
}

function looksLikeOption(value) {
  return value !== undefined && value.length > 1 && value[0] === '-';
}

// Arguments that belong to no option end the options in no way but `--`.
function tokenize(args, options) {
  const tokens = [];
  const isString = (name) => typeOf(name, options) === 'string';
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    const next = args[index + 1];
    const takeNext = (name, rawName) => {
      const takes = isString(name) && next !== undefined;
      tokens.push({ kind: 'option', name, rawName, index, value: takes ? next : undefined, inlineValue: takes ? false : undefined });
      if (takes) index++;
    };
    if (arg === '--') {
      tokens.push({ kind: 'option-terminator', index });
      for (index++; index < args.length; index++) tokens.push({ kind: 'positional', index, value: args[index] });
    } else if (!looksLikeOption(arg)) {
      tokens.push({ kind: 'positional', index, value: arg });
    } else if (arg.startsWith('--')) {
      const equals = arg.indexOf('=', 3);
      if (equals === -1) {
        takeNext(arg.slice(2), arg);
      } else {
        const name = arg.slice(2, equals);
        tokens.push({ kind: 'option', name, rawName: `--${name}`, index, value: arg.slice(equals + 1), inlineValue: true });
      }
    } else {
      // A group of short options: the first that takes a value takes the rest.
      for (let at = 1; at < arg.length; at++) {
        const name = longName(arg[at], options);
        const rawName = `-${arg[at]}`;
        if (!isString(name)) {
          tokens.push({ kind: 'option', name, rawName, index, value: undefined, inlineValue: undefined });
        } else if (at === arg.length - 1) {
          takeNext(name, rawName);
        } else {
          tokens.push({ kind: 'option', name, rawName, index, value: arg.slice(at + 1), inlineValue: true });
          break;
        }
      }
    }
  }
  return tokens;
}

function checkUse(token, options, allowPositionals, allowNegative) {
  const known = Object.hasOwn(options, token.name);
  const negated = allowNegative && !known && token.name.startsWith('no-') && typeOf(token.name.slice(3), options) === 'boolean';
  if (!known && !negated) throw new codes.ERR_PARSE_ARGS_UNKNOWN_OPTION(token.rawName, allowPositionals);
  const { short, type } = options[negated ? token.name.slice(3) : token.name];
  const shown = `${short ? `-${short}, ` : ''}--${token.name}`;
  if (type === 'string' && typeof token.value !== 'string') {
    throw new codes.ERR_PARSE_ARGS_INVALID_OPTION_VALUE(`Option '${shown} <value>' argument missing`);
  }
  if (type === 'boolean' && token.value !== undefined && token.value !== null) {
    throw new codes.ERR_PARSE_ARGS_INVALID_OPTION_VALUE(`Option '${shown}' does not take an argument`);
  }
}

function checkAmbiguity(token) {
  if (token.inlineValue || !looksLikeOption(token.value)) return;
  const example = token.rawName.startsWith('--') ? `'${token.rawName}=-XYZ'` : `'--${token.name}=-XYZ' or '${token.rawName}-XYZ'`;
  throw new codes.ERR_PARSE_ARGS_INVALID_OPTION_VALUE(`Option '${token.rawName}' argument is ambiguous.
Did you forget to specify the option argument for '${token.rawName}'?
To specify an option argument starting with a dash use ${example}.`);
}

function store(values, token, options, allowNegative) {
  let { name } = token;
  let value = token.value ?? true;
  if (name === '__proto__') return;
  if (allowNegative && token.value === undefined && name.startsWith('no-')) {
    name = name.slice(3);
    value = false;
  }
  if (options[name]?.multiple) (values[name] ??= []).push(value);
  else values[name] = value;
}

function defaultArgs() {
  const { argv, execArgv } = process;
  // With -e and -p there is no file among the arguments.
  const evaluated = execArgv.some((arg) => ['-e', '--eval', '-p', '--print', '-pe'].includes(arg.split('=')[0]));
  return argv.slice(evaluated ? 1 : 2);
}

function parseArgs(config = {}) {
  const setting = (name) => (config !== null && typeof config === 'object' && Object.hasOwn(config, name) ? config[name] : undefined);
  const args = setting('args') ?? defaultArgs();
  const strict = setting('strict') ?? true;
  const allowPositionals = setting('allowPositionals') ?? !strict;
  const returnTokens = setting('tokens') ?? false;
  const allowNegative = setting('allowNegative') ?? false;
  const options = setting('options') ?? { __proto__: null };
  validateArray(args, 'args');
  validateBoolean(strict, 'strict');
  validateBoolean(allowPositionals, 'allowPositionals');
  validateBoolean(returnTokens, 'tokens');
  validateBoolean(allowNegative, 'allowNegative');
  checkOptions(options);

  const tokens = tokenize(args, options);
  const result = { values: { __proto__: null }, positionals: [] };
  if (returnTokens) result.tokens = tokens;
  for (const token of tokens) {
    if (token.kind === 'option') {
      if (strict) {
        checkUse(token, options, allowPositionals, allowNegative);
        checkAmbiguity(token);
      }
      store(result.values, token, options, allowNegative);
    } else if (token.kind === 'positional') {
      if (!allowPositionals) throw new codes.ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL(token.value);
      result.positionals.push(token.value);
    }
  }
  for (const [name, option] of Object.entries(options)) {
    if (option.default !== undefined && result.values[name] === undefined) result.values[name] = option.default;
  }
  return result;
}

module.exports = { parseArgs };
