'use strict';
// Tables for `console.table`: which rows and columns the data has, and drawing them. Writes nothing.

const { previewEntries } = internalBinding('util');
const { getStringWidth } = require('internal/util/inspect');
const { isMap, isMapIterator, isSet, isSetIterator } = require('internal/util/types');

const KEY = 'Key';
const VALUES = 'Values';
const INDEX = '(index)';
const ITERATION_INDEX = '(iteration index)';

function isPrimitive(value) {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

function drawRow(cells, widths) {
  const padded = cells.map((cell, i) => ` ${cell}${' '.repeat(widths[i] - getStringWidth(cell) - 1)}`);
  return `│${padded.join('│')}│\n`;
}

function draw(head, columns) {
  const height = Math.max(0, ...columns.map((column) => column.length));
  const rows = Array.from({ length: height }, (_, row) => columns.map((column) => column[row] ?? ''));
  const widths = head.map((title, i) => Math.max(getStringWidth(title), ...columns[i].map((cell) => getStringWidth(cell))) + 2);
  const line = (left, middle, right) => left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
  let text = `${line('┌', '┬', '┐')}\n${drawRow(head, widths)}${line('├', '┼', '┤')}\n`;
  for (const row of rows) text += drawRow(row, widths);
  return text + line('└', '┴', '┘');
}


function indices(count) {
  return Array.from({ length: count }, (_, i) => `${i}`);
}

// `show` writes one value. Undefined is for data that is no table.
function table(data, properties, show) {
  if (isMap(data) || isMapIterator(data)) {
    let flat;
    let isPairs = true;
    if (isMap(data)) flat = [...data].flat(1);
    else [flat, isPairs] = previewEntries(data);
    if (!isPairs) return draw([ITERATION_INDEX, VALUES], [indices(flat.length), flat.map(show)]);
    const keys = flat.filter((_, i) => i % 2 === 0);
    const values = flat.filter((_, i) => i % 2 === 1);
    return draw([ITERATION_INDEX, KEY, VALUES], [indices(keys.length), keys.map(show), values.map(show)]);
  }
  if (isSet(data) || isSetIterator(data)) {
    const values = isSet(data) ? [...data] : previewEntries(data)[0];
    return draw([ITERATION_INDEX, VALUES], [indices(values.length), values.map(show)]);
  }
  const columns = new Map();
  let hasValues = false;
  const values = [];
  const rowKeys = Object.keys(data);
  rowKeys.forEach((rowKey, row) => {
    const item = data[rowKey];
    if (isPrimitive(item)) {
      hasValues = true;
      values[row] = show(item);
      return;
    }
    for (const key of properties ?? Object.keys(item)) {
      let column = columns.get(key);
      if (column === undefined) columns.set(key, column = new Array(rowKeys.length).fill(''));
      column[row] = Object.hasOwn(item, key) ? show(item[key]) : '';
    }
  });
  const head = [INDEX, ...columns.keys()];
  const cells = [rowKeys, ...columns.values()];
  if (hasValues) {
    head.push(VALUES);
    cells.push(Array.from(rowKeys, (_, i) => values[i] ?? ''));
  }
  return draw(head.map(String), cells);
}

module.exports = { table };
