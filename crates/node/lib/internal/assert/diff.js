'use strict';
// Compares texts line by line for the messages of assertions, and lists for `util.diff`.

const MAX_CELLS = 250_000;
// Of equal lines behind one another, so many are shown, and the one before the next difference.
const CONTEXT = 5;

const DELETE = -1;
const NOP = 0;
const INSERT = 1;

// The steps from `expected` to `actual`, by a longest common subsequence: [INSERT | DELETE | NOP, item].
function steps(actual, expected, equal = (a, b) => a === b) {
  let head = 0;
  while (head < actual.length && head < expected.length && equal(actual[head], expected[head])) head++;
  let tail = 0;
  // Where that is not too much work, equal lines at the end may find partners further in front.
  const few = (actual.length - head) * (expected.length - head) <= MAX_CELLS;
  while (!few && tail < actual.length - head && tail < expected.length - head &&
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

// The lines of both, marked with + and -; long runs of equal lines are left out. `paint` gives the marks colors.
// Undefined if all lines are equal.
function diffLines(actualText, expectedText, paint) {
  if (actualText === expectedText) return undefined;
  const lines = [];
  let skipped = false;
  let same = [];
  for (const [step, line, other] of steps(actualText.split('\n'), expectedText.split('\n'), equalLines)) {
    if (step === NOP) {
      same.push(line.length >= other.length ? line : other);
      if (same.length <= CONTEXT) lines.push(`  ${same.at(-1)}`);
      continue;
    }
    // A gap stands for at least two lines.
    const hidden = same.slice(CONTEXT);
    if (hidden.length > 2) {
      lines.push(paint.blue('...'), `  ${hidden.at(-1)}`);
      skipped = true;
    } else {
      for (const shown of hidden) lines.push(`  ${shown}`);
    }
    same = [];
    lines.push(step === INSERT ? `${paint.green('+')} ${line}` : `${paint.red('-')} ${line}`);
  }
  return { lines, skipped };
}

// For `util.diff`: what turns `actual` into `expected`, as [-1 | 0 | 1, item].
function diffList(actual, expected) {
  return steps(actual, expected).map(([step, item]) => [step === NOP ? 0 : step, item]);
}

module.exports = { diffLines, diffList };
