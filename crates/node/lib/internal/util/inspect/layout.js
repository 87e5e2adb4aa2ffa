'use strict';
// Puts the written entries of an object into lines: all in one if they fit, arrays in columns, else one entry a
// line. Knows entries only as text.

const { getStringWidth, stripVTControlCharacters } = require('internal/util/inspect/text');

const KIND_OBJECT = 0;
const KIND_ARRAY = 1;
const KIND_ARRAY_EXTRAS = 2;

const MAX_COLUMNS = 15;
// Characters are about this much higher than wide: columns are chosen so that the block looks square.
const CHAR_RATIO = 2.5;
const SEPARATOR = 2;

function fits(ctx, entries, start, base) {
  let total = entries.length + start;
  if (total + entries.length > ctx.breakLength) return false;
  for (const entry of entries) {
    total += ctx.colors ? stripVTControlCharacters(entry).length : entry.length;
    if (total > ctx.breakLength) return false;
  }
  return base === '' || !base.includes('\n');
}

// More than six entries of an array are put into columns if they are short, and of similar length.
function intoColumns(ctx, entries, value) {
  const hasMore = ctx.maxArrayLength < entries.length;
  const count = hasMore ? entries.length - 1 : entries.length;
  const widths = [];
  let total = 0;
  let widest = 0;
  for (let i = 0; i < count; i++) {
    const width = getStringWidth(entries[i], ctx.colors);
    widths.push(width);
    total += width + SEPARATOR;
    if (width > widest) widest = width;
  }
  const cell = widest + SEPARATOR;
  if (cell * 3 + ctx.indentationLvl >= ctx.breakLength) return entries;
  if (total / cell <= 5 && widest > 6) return entries;

  const bias = Math.sqrt(cell - total / entries.length);
  const biased = Math.max(cell - 3 - bias, 1);
  const columns = Math.min(
    Math.round(Math.sqrt(CHAR_RATIO * biased * count) / biased),
    Math.floor((ctx.breakLength - ctx.indentationLvl) / cell),
    ctx.compact * 4,
    MAX_COLUMNS);
  if (columns <= 1) return entries;

  const columnWidths = [];
  for (let column = 0; column < columns; column++) {
    let width = 0;
    for (let i = column; i < count; i += columns) width = Math.max(width, widths[i]);
    columnWidths.push(width + SEPARATOR);
  }
  // Numbers are aligned to the right, unless anything else is among them.
  const numeric = value !== undefined && entries.every((_, i) => typeof value[i] === 'number' || typeof value[i] === 'bigint');
  const lines = [];
  for (let first = 0; first < count; first += columns) {
    const end = Math.min(first + columns, count);
    let line = '';
    for (let i = first; i < end; i++) {
      // Widths count columns of the terminal, padding counts code units.
      const padding = columnWidths[i - first] + entries[i].length - widths[i];
      const last = i === end - 1;
      if (numeric) line += last ? entries[i].padStart(padding - SEPARATOR) : `${entries[i]}, `.padStart(padding);
      else line += last ? entries[i] : `${entries[i]}, `.padEnd(padding);
    }
    lines.push(line);
  }
  if (hasMore) lines.push(entries[count]);
  return lines;
}

function intoLines(ctx, entries, base, braces, kind, depth, value) {
  const head = base === '' ? '' : `${base} `;
  const indentation = `\n${' '.repeat(ctx.indentationLvl)}`;
  if (ctx.compact === true) {
    if (fits(ctx, entries, 0, base)) {
      return `${braces[0]}${base === '' ? '' : ` ${base}`} ${entries.join(', ')} ${braces[1]}`;
    }
    // The first entry stays on the line of a lone brace.
    const start = base === '' && braces[0].length === 1 ? ' ' : `${base === '' ? '' : ` ${base}`}\n${indentation.slice(1)}  `;
    return `${braces[0]}${start}${entries.join(`,${indentation}  `)} ${braces[1]}`;
  }
  if (typeof ctx.compact === 'number' && ctx.compact >= 1) {
    const count = entries.length;
    if (kind === KIND_ARRAY_EXTRAS && count > 6) entries = intoColumns(ctx, entries, value);
    // One line holds at most `compact` inner levels.
    if (ctx.currentDepth - depth < ctx.compact && count === entries.length) {
      const start = entries.length + ctx.indentationLvl + braces[0].length + base.length + 10;
      if (fits(ctx, entries, start, base)) {
        const joined = entries.join(', ');
        if (!joined.includes('\n')) return `${head}${braces[0]} ${joined} ${braces[1]}`;
      }
    }
  }
  return `${head}${braces[0]}${indentation}  ${entries.join(`,${indentation}  `)}${indentation}${braces[1]}`;
}

module.exports = { KIND_ARRAY, KIND_ARRAY_EXTRAS, KIND_OBJECT, intoLines };
