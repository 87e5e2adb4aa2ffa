'use strict';
// What lies inside of objects with an own kind of content (arrays, maps, buffers, promises, ...), each entry as
// text. How the entries are laid out is not known here.

const { getPromiseDetails, previewEntries } = internalBinding('util');
const { KIND_ARRAY, KIND_ARRAY_EXTRAS } = require('internal/util/inspect/layout');
const { bigintText, numberText } = require('internal/util/inspect/text');
const { isStackOverflowError } = require('internal/errors');

function plural(count) {
  return count > 1 ? 's' : '';
}

function moreItems(count) {
  return `... ${count} more item${plural(count)}`;
}

function shownCount(ctx, length) {
  return Math.min(Math.max(0, ctx.maxArrayLength), length);
}

// Holes count as one entry for each run of them.
function sparseEntries(ctx, value, depth, count, entries, start) {
  const keys = Object.keys(value);
  let index = start;
  for (let position = start; position < keys.length && entries.length < count; position++) {
    const key = keys[position];
    // Only indices: names come after them.
    if (!/^(?:0|[1-9][0-9]{0,9})$/.test(key) || Number(key) > 2 ** 32 - 2) break;
    if (`${index}` !== key) {
      const holes = Number(key) - index;
      entries.push(ctx.stylize(`<${holes} empty item${plural(holes)}>`, 'undefined'));
      index = Number(key);
      if (entries.length === count) break;
    }
    entries.push(ctx.formatProperty(ctx, value, depth, key, KIND_ARRAY));
    index++;
  }
  const rest = value.length - index;
  if (entries.length !== count) {
    if (rest > 0) entries.push(ctx.stylize(`<${rest} empty item${plural(rest)}>`, 'undefined'));
  } else if (rest > 0) {
    entries.push(moreItems(rest));
  }
  return entries;
}

function arrayEntries(ctx, value, depth) {
  const count = shownCount(ctx, value.length);
  const rest = value.length - count;
  const entries = [];
  for (let i = 0; i < count; i++) {
    if (!Object.hasOwn(value, i)) return sparseEntries(ctx, value, depth, count, entries, i);
    entries.push(ctx.formatProperty(ctx, value, depth, i, KIND_ARRAY));
  }
  if (rest > 0) entries.push(moreItems(rest));
  return entries;
}

function typedArrayEntries(array, length) {
  return (ctx, value, depth) => {
    const count = shownCount(ctx, length);
    const rest = length - count;
    const entries = [];
    const isBig = count > 0 && typeof array[0] === 'bigint';
    for (let i = 0; i < count; i++) {
      entries.push(isBig ? ctx.stylize(bigintText(array[i], ctx.numericSeparator), 'bigint') :
        ctx.stylize(numberText(array[i], ctx.numericSeparator), 'number'));
    }
    if (rest > 0) entries.push(moreItems(rest));
    if (ctx.showHidden) {
      entries.push(...partEntries(['BYTES_PER_ELEMENT', 'length', 'byteLength', 'byteOffset', 'buffer'])(ctx, array, depth, true));
    }
    return entries;
  };
}

// What a value has from its prototype, but is shown with. `isTyped`: buffers are shown without their bytes.
function partEntries(keys) {
  return (ctx, value, depth, isTyped) => {
    ctx.indentationLvl += 2;
    const entries = keys.map((key) => {
      const text = ctx.formatValue(ctx, value[key], depth, isTyped);
      return `${ctx.stylize(`[${key}]`, 'string')}: ${text}`;
    });
    ctx.indentationLvl -= 2;
    return entries;
  };
}

function arrayBufferEntries(ctx, value, depth) {
  return [bytesEntry(ctx, value), ...partEntries(['byteLength'])(ctx, value, depth)];
}

function bytesEntry(ctx, value) {
  let bytes;
  try {
    bytes = new Uint8Array(value);
  } catch {
    return ctx.stylize('(detached)', 'special');
  }
  const count = shownCount(ctx, bytes.length);
  const pairs = [];
  for (let i = 0; i < count; i++) pairs.push(bytes[i].toString(16).padStart(2, '0'));
  const rest = bytes.length - count;
  const more = rest > 0 ? ` ... ${rest} more byte${plural(rest)}` : '';
  return `${ctx.stylize('[Uint8Contents]', 'special')}: <${pairs.join(' ')}${more}>`;
}

function setEntries(values) {
  return (ctx, value, depth) => {
    const count = shownCount(ctx, values.length);
    const rest = values.length - count;
    const entries = [];
    ctx.indentationLvl += 2;
    for (let i = 0; i < count; i++) entries.push(ctx.formatValue(ctx, values[i], depth));
    if (rest > 0) entries.push(moreItems(rest));
    ctx.indentationLvl -= 2;
    return entries;
  };
}

// `flat` alternates keys and values.
function mapEntries(flat) {
  return (ctx, value, depth) => {
    const size = flat.length / 2;
    const count = shownCount(ctx, size);
    const rest = size - count;
    const entries = [];
    ctx.indentationLvl += 2;
    for (let i = 0; i < count; i++) {
      entries.push(`${ctx.formatValue(ctx, flat[2 * i], depth)} => ${ctx.formatValue(ctx, flat[2 * i + 1], depth)}`);
    }
    if (rest > 0) entries.push(moreItems(rest));
    ctx.indentationLvl -= 2;
    return entries;
  };
}

// Iterators and weak collections: looked into without being advanced. Their order means nothing for weak ones.
function previewList(ctx, depth, list, isWeak) {
  const count = shownCount(ctx, list.length);
  const entries = [];
  ctx.indentationLvl += 2;
  for (let i = 0; i < count; i++) entries.push(ctx.formatValue(ctx, list[i], depth));
  ctx.indentationLvl -= 2;
  if (isWeak && !ctx.sorted) entries.sort();
  const rest = list.length - count;
  if (rest > 0) entries.push(moreItems(rest));
  return entries;
}

function previewPairs(ctx, depth, list, isWeak) {
  const size = list.length / 2;
  const count = shownCount(ctx, size);
  let entries = [];
  ctx.indentationLvl += 2;
  if (isWeak) {
    for (let i = 0; i < count; i++) {
      entries.push(`${ctx.formatValue(ctx, list[2 * i], depth)} => ${ctx.formatValue(ctx, list[2 * i + 1], depth)}`);
    }
    if (!ctx.sorted) entries = entries.sort();
  } else {
    for (let i = 0; i < count; i++) {
      const pair = [ctx.formatValue(ctx, list[2 * i], depth), ctx.formatValue(ctx, list[2 * i + 1], depth)];
      entries.push(ctx.intoLines(ctx, pair, '', ['[', ']'], KIND_ARRAY_EXTRAS, depth));
    }
  }
  ctx.indentationLvl -= 2;
  const rest = size - count;
  if (rest > 0) entries.push(moreItems(rest));
  return entries;
}

function weakEntries(ctx) {
  return [ctx.stylize('<items unknown>', 'special')];
}

function weakSetEntries(ctx, value, depth) {
  const preview = previewEntries(value);
  return preview === undefined ? weakEntries(ctx) : previewList(ctx, depth, preview[0], true);
}

function weakMapEntries(ctx, value, depth) {
  const preview = previewEntries(value);
  return preview === undefined ? weakEntries(ctx) : previewPairs(ctx, depth, preview[0], true);
}

function iteratorEntries(braces) {
  return (ctx, value, depth) => {
    const [list, isPairs] = previewEntries(value);
    if (!isPairs) return previewList(ctx, depth, list, false);
    braces[0] = braces[0].replace(/ Iterator] {$/, ' Entries] {');
    return previewPairs(ctx, depth, list, false);
  };
}

function promiseEntries(ctx, value, depth) {
  const [state, result] = getPromiseDetails(value);
  if (state === 0) return [ctx.stylize('<pending>', 'special')];
  ctx.indentationLvl += 2;
  const text = ctx.formatValue(ctx, result, depth);
  ctx.indentationLvl -= 2;
  return [state === 2 ? `${ctx.stylize('<rejected>', 'special')} ${text}` : text];
}

// Exports that are not initialised yet cannot be read.
function namespaceEntries(keys) {
  return (ctx, value, depth) => {
    const entries = [];
    for (const key of keys.splice(0)) {
      try {
        entries.push(ctx.formatProperty(ctx, value, depth, key, 0));
      } catch (error) {
        if (isStackOverflowError(error)) throw error;
        const placeholder = ctx.formatProperty(ctx, { [key]: '' }, depth, key, 0);
        const end = placeholder.lastIndexOf(' ');
        entries.push(`${placeholder.slice(0, end + 1)}${ctx.stylize('<uninitialized>', 'special')}`);
      }
    }
    return entries;
  };
}

module.exports = {
  arrayBufferEntries,
  arrayEntries,
  iteratorEntries,
  mapEntries,
  namespaceEntries,
  partEntries,
  promiseEntries,
  setEntries,
  typedArrayEntries,
  weakEntries,
  weakMapEntries,
  weakSetEntries,
};
