'use strict';
// Errors as `util.inspect` writes them: their stack, with a head that names the class, and without the lines
// that their cause shows as well.

const { prefix } = require('internal/util/inspect/names');
const { isNativeError } = require('internal/util/types');

const FRAME = '\n    at';

function stackOf(error) {
  const { stack } = error;
  return stack ? String(stack) : Error.prototype.toString.call(error);
}

// `stack`, `message` and `name` are seen in the stack already.
function dropShownKeys(ctx, keys, error, stack) {
  if (ctx.showHidden || keys.length === 0) return;
  for (const name of ['name', 'message', 'stack']) {
    const index = keys.indexOf(name);
    if (index !== -1 && (typeof error[name] !== 'string' || stack.includes(error[name]))) keys.splice(index, 1);
  }
}

// Puts the class's name into the head where the stack's own names another (`Error: x` of a `class Foo extends Error`).
function improveHead(stack, constructor, name, tag) {
  let length = name.length;
  if (constructor === null || (name.endsWith('Error') && stack.startsWith(name) &&
      (stack.length === length || stack[length] === ':' || stack[length] === '\n'))) {
    let fallback = 'Error';
    if (constructor === null) {
      const start = /^([A-Z][\w ()[\]-]+)(?=:|\n\s+at)/.exec(stack) ?? /^([\w-]*Error)$/.exec(stack);
      fallback = start?.[1] ?? '';
      length = fallback.length;
      fallback ||= 'Error';
    }
    const wanted = prefix(constructor, tag, fallback).slice(0, -1);
    if (name !== wanted) {
      if (wanted.includes(name)) {
        stack = length === 0 ? `${wanted}: ${stack}` : `${wanted}${stack.slice(length)}`;
      } else {
        stack = `${wanted} [${name}]${stack.slice(length)}`;
      }
    }
  }
  return stack;
}

// The longest run of lines that both have, where the first error's run lies inside of it.
function commonLines(a, b) {
  for (let i = 0; i < a.length - 3; i++) {
    const start = b.indexOf(a[i]);
    if (start === -1) continue;
    const rest = b.length - start;
    if (rest <= 3) continue;
    let length = 1;
    const most = Math.min(a.length - i, rest);
    while (length < most && a[i + length] === b[start + length]) length++;
    if (length > 3) return { length, offset: i };
  }
  return { length: 0, offset: 0 };
}

function frames(ctx, error, text) {
  const { asNodeWrites } = require('internal/util/inspect/node_frames');
  const lines = asNodeWrites(text.split('\n'), error);
  let cause;
  try {
    ({ cause } = error);
  } catch {
    // A getter that throws: no cause to compare with.
  }
  if (cause !== undefined && cause !== null && isNativeError(cause)) {
    const causeStack = stackOf(cause);
    const start = causeStack.indexOf(FRAME);
    if (start !== -1) {
      const { length, offset } = commonLines(lines, asNodeWrites(causeStack.slice(start + 1).split('\n')));
      if (length > 3) {
        const skipped = length - 2;
        lines.splice(offset + 1, skipped, ctx.stylize(`    ... ${skipped} lines matching cause stack trace ...`, 'undefined'));
      }
    }
  }
  return lines;
}

let builtinIds;

function isInternalFrame(line) {
  const found = /^\s+at (?:.*\()?(?:node:)?([^(\s]+?)(?:\.js)?:\d+:\d+\)?$/.exec(line);
  if (found === null) return false;
  builtinIds ??= new Set(require('module').builtinModules);
  return line.includes('node:internal') || (line.includes('node:') && builtinIds.has(found[1]));
}

// With colors, frames of the host are dim, names of packages are underlined, and the working directory is dim.
function colorFrame(ctx, line) {
  if (isInternalFrame(line)) return ctx.stylize(line, 'undefined');
  let result = line.replace(/(\/node_modules\/)((?:@[^/]+\/)?[^/]+)(\/)/g, (all, before, name, after) => (
    `${before}${ctx.stylize(name, 'module')}${after}`));
  let directory;
  try {
    directory = process.cwd();
  } catch {
    return result;
  }
  for (const start of [`${directory}/`, `file://${directory}/`]) {
    const index = result.indexOf(start);
    if (index < 1 || !'( '.includes(result[index - 1])) continue;
    const open = result[index - 1] === '(' ? index - 1 : index;
    const rest = result.slice(index + start.length);
    const inside = open === index ? rest : rest.replace(/\)$/, ctx.stylize(')', 'undefined'));
    result = result.slice(0, open) + ctx.stylize(result.slice(open, index + start.length), 'undefined') + inside;
    break;
  }
  return result;
}

function errorText(error, constructor, tag, ctx, keys) {
  const name = error.name != null ? String(error.name) : 'Error';
  let stack = stackOf(error);
  dropShownKeys(ctx, keys, error, stack);
  if ('cause' in error && (keys.length === 0 || !keys.includes('cause'))) keys.push('cause');
  if (Array.isArray(error.errors) && (keys.length === 0 || !keys.includes('errors'))) keys.push('errors');
  stack = improveHead(stack, constructor, name, tag);

  // Frames start after the message, which may look like frames itself.
  const messageAt = (error.message && stack.indexOf(error.message)) || -1;
  const framesAt = stack.indexOf(FRAME, messageAt === -1 ? messageAt : messageAt + error.message.length);
  if (framesAt === -1) {
    stack = `[${stack}]`;
  } else {
    let lines = frames(ctx, error, stack.slice(framesAt + 1));
    if (ctx.colors) lines = lines.map((line) => colorFrame(ctx, line));
    stack = `${stack.slice(0, framesAt)}\n${lines.join('\n')}`;
  }
  if (ctx.indentationLvl !== 0) stack = stack.replaceAll('\n', `\n${' '.repeat(ctx.indentationLvl)}`);
  return stack;
}

module.exports = { errorText };
