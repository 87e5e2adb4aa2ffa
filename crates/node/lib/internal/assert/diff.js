'use strict';
// Compares texts line by line for the messages of assertions, and lists for `util.diff`.

const MAX_CELLS = 250_000;
const MAX_PRINTED = 50;
// Of equal lines between differences, so many are shown at each end.
const CONTEXT = 2;
const END_CONTEXT = 3;

const DELETE = -1;
const NOP = 0;
const INSERT = 1;

// The steps from `expected` to `actual`, by a longest common subsequence: [INSERT | DELETE | NOP, item].
function steps(actual, expected, equal = (a, b) => a === b) {
  let head = 0;
  while (head < actual.length && head < expected.length && equal(actual[head], expected[head])) head++;
  let tail = 0;
  while (tail < actual.length - head && tail < expected.length - head &&
      equal(actual[actual.length - 1 - tail], expected[expected.length - 1 - tail])) tail++;
  const rows = actual.length - head - tail;
  const columns = expected.length - head - tail;
  const result = [];
  for (let i = 0; i < head; i++) result.push([NOP, actual[i], expected[i]]);
  if (rows * columns > MAX_CELLS) {
    for (let i = 0; i < Math.max(rows, columns); i++) {
      if (i < rows) result.push([INSERT, actual[head + i]]);
      if (i < columns) result.push([DELETE, expected[head + i]]);
    }
  } else {
    const width = columns + 1;
    const lengths = new Uint32Array((rows + 1) * width);
    for (let i = rows - 1; i >= 0; i--) {
      for (let j = columns - 1; j >= 0; j--) {
        lengths[i * width + j] = equal(actual[head + i], expected[head + j]) ? lengths[(i + 1) * width + j + 1] + 1 :
          Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
      }
    }
    let i = 0;
    let j = 0;
    while (i < rows || j < columns) {
      if (i < rows && j < columns && equal(actual[head + i], expected[head + j])) {
        result.push([NOP, actual[head + i++], expected[head + j++]]);
      } else if (i < rows && (j === columns || lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
        result.push([INSERT, actual[head + i++]]);
      } else {
        result.push([DELETE, expected[head + j++]]);
      }
    }
  }
  for (let k = tail; k > 0; k--) result.push([NOP, actual[actual.length - k], expected[expected.length - k]]);
  return result;
}

// A comma more or less at the end is no difference: it only tells that another line follows.
function equalLines(a, b) {
  return a === b || a === `${b},` || b === `${a},`;
}

// Differences in rows: what was added and what is missing at one place stand side by side.
function rowsOf(actual, expected) {
  const rows = [];
  let added = [];
  let missing = [];
  const flush = () => {
    for (let i = 0; i < Math.max(added.length, missing.length); i++) rows.push({ same: undefined, added: added[i], missing: missing[i] });
    added = [];
    missing = [];
  };
  for (const [step, line, other] of steps(actual, expected, equalLines)) {
    if (step === INSERT) {
      added.push(line);
    } else if (step === DELETE) {
      missing.push(line);
    } else {
      flush();
      rows.push({ same: line.length >= other.length ? line : other });
    }
  }
  flush();
  return rows;
}

// The lines of both, marked with + and -; long runs of equal lines are left out. `paint` gives the marks colors.
// Undefined if all lines are equal.
function diffLines(actualText, expectedText, paint) {
  const actual = actualText.split('\n');
  const expected = expectedText.split('\n');
  const end = [];
  let endCount = 0;
  let endFirst;
  while (actual.length > 0 && actual.at(-1) === expected.at(-1)) {
    if (endCount++ < END_CONTEXT) end.unshift(`  ${actual.at(-1)}`);
    else endFirst = actual.at(-1);
    actual.pop();
    expected.pop();
  }
  if (actual.length === 0 && expected.length === 0) return undefined;
  const gap = paint.blue('...');
  let skipped = false;
  if (endCount >= END_CONTEXT + 2) {
    end.unshift(gap);
    skipped = true;
  }
  if (endFirst !== undefined) end.unshift(`  ${endFirst}`);

  const lines = [];
  let missing = [];
  let printed = 0;
  let same = 0;
  const rows = rowsOf(actual, expected);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (row.same !== undefined) {
      lines.push(...missing);
      missing = [];
      if (++same <= CONTEXT) {
        lines.push(`  ${row.same}`);
        printed++;
      }
    } else {
      // The last of the equal lines: a gap must stand for at least two.
      const hidden = same - CONTEXT;
      const shown = hidden > CONTEXT + 1 ? CONTEXT : hidden;
      if (hidden > CONTEXT + 1) {
        lines.push(gap);
        skipped = true;
      }
      for (let k = shown; k > 0; k--) {
        lines.push(`  ${rows[i - k].same}`);
        printed++;
      }
      same = 0;
      if (row.added !== undefined) {
        lines.push(`${paint.green('+')} ${row.added}`);
        printed++;
      }
      if (row.missing !== undefined) {
        missing.push(`${paint.red('-')} ${row.missing}`);
        printed++;
      }
    }
    if (printed > MAX_PRINTED && i < rows.length - 2) {
      return { lines: [...lines, gap, ...missing, gap], skipped: true };
    }
  }
  return { lines: [...lines, ...missing, ...end], skipped };
}

// For `util.diff`: what turns `actual` into `expected`, as [-1 | 0 | 1, item].
function diffList(actual, expected) {
  return steps(actual, expected).map(([step, item]) => [step === NOP ? 0 : step, item]);
}

module.exports = { diffLines, diffList };
