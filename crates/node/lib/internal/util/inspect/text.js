'use strict';
// Text as `util.inspect` writes it: quoting and escaping, numbers with separators, widths in columns, colors.
// Knows nothing of objects.

const NEEDS_ESCAPE = /[\x00-\x1f\x27\x5c\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const NEEDS_ESCAPE_ALL = new RegExp(NEEDS_ESCAPE, 'g');
const shortEscapes = {
  '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\\': '\\\\',
};

// Control sequences of terminals after ECMA-48: CSI with parameters, OSC up to its terminator, other escapes.
const CONTROL_SEQUENCES = new RegExp([
  '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
  '(?:\\u001b\\]|\\u009d)[^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)',
  '\\u001b[ -/]*[0-~]',
].join('|'), 'g');

function escapeChar(char) {
  const short = shortEscapes[char];
  if (short !== undefined) return short;
  const code = char.charCodeAt(0);
  if (code > 0xff) return `\\u${code.toString(16)}`;
  return `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`;
}

// In single quotes, unless other quotes save escaping.
function quote(text) {
  if (!NEEDS_ESCAPE.test(text)) return `'${text}'`;
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes('`') && !text.includes('${')) mark = '`';
  }
  const body = text.replace(NEEDS_ESCAPE_ALL, (char) => {
    if (char === "'") return mark === "'" ? "\\'" : char;
    return escapeChar(char);
  });
  return mark + body + mark;
}

// Names in brackets: escaped, but not quoted.
function escapeName(text) {
  return NEEDS_ESCAPE.test(text) ? text.replace(NEEDS_ESCAPE_ALL, (char) => (char === "'" ? "\\'" : escapeChar(char))) : text;
}

function groupInteger(digits) {
  const first = digits[0] === '-' ? 1 : 0;
  let rest = '';
  let end = digits.length;
  for (; end >= first + 4; end -= 3) rest = `_${digits.slice(end - 3, end)}${rest}`;
  return end === digits.length ? digits : digits.slice(0, end) + rest;
}

function groupFraction(digits) {
  let result = '';
  let start = 0;
  for (; start < digits.length - 3; start += 3) result += `${digits.slice(start, start + 3)}_`;
  return start === 0 ? digits : result + digits.slice(start);
}

function numberText(number, separators) {
  if (Object.is(number, -0)) return '-0';
  const text = `${number}`;
  if (!separators) return text;
  if (Number.isInteger(number)) return text.includes('e') ? text : groupInteger(text);
  const point = text.indexOf('.');
  if (point === -1 || text.includes('e')) return text;
  return `${groupInteger(text.slice(0, point))}.${groupFraction(text.slice(point + 1))}`;
}

function bigintText(value, separators) {
  return separators ? `${groupInteger(`${value}`)}n` : `${value}n`;
}

function stripVTControlCharacters(text) {
  return text.includes('\u001b') || text.includes('\u009b') ? text.replace(CONTROL_SEQUENCES, '') : text;
}

// East Asian wide characters and emoji, as one class of a regular expression. Compiled on first use only.
const WIDE = [
  String.raw`\u1100-\u115f\u231a\u231b\u2329\u232a\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653`,
  String.raw`\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd`,
  String.raw`\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55`,
  String.raw`\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff`,
  String.raw`\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f004}\u{1f0cf}\u{1f18e}`,
  String.raw`\u{1f191}-\u{1f19a}\u{1f200}-\u{1f265}\u{1f300}-\u{1f320}\u{1f32d}-\u{1f335}\u{1f337}-\u{1f37c}`,
  String.raw`\u{1f37e}-\u{1f393}\u{1f3a0}-\u{1f3ca}\u{1f3cf}-\u{1f3d3}\u{1f3e0}-\u{1f3f0}\u{1f3f4}\u{1f3f8}-\u{1f43e}`,
  String.raw`\u{1f440}\u{1f442}-\u{1f4fc}\u{1f4ff}-\u{1f53d}\u{1f54b}-\u{1f54e}\u{1f550}-\u{1f567}\u{1f57a}\u{1f595}`,
  String.raw`\u{1f596}\u{1f5a4}\u{1f5fb}-\u{1f64f}\u{1f680}-\u{1f6c5}\u{1f6cc}\u{1f6d0}-\u{1f6d2}\u{1f6d5}-\u{1f6d7}`,
  String.raw`\u{1f6dc}-\u{1f6df}\u{1f6eb}\u{1f6ec}\u{1f6f4}-\u{1f6fc}\u{1f7e0}-\u{1f7eb}\u{1f7f0}\u{1f90c}-\u{1f93a}`,
  String.raw`\u{1f93c}-\u{1f945}\u{1f947}-\u{1f9ff}\u{1fa70}-\u{1faff}\u{20000}-\u{3fffd}`,
].join('');
let widePattern;
let zeroPattern;

// How many columns of a terminal the text takes.
function getStringWidth(text, removeControlChars = true) {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  if (removeControlChars) text = stripVTControlCharacters(text);
  widePattern ??= new RegExp(`[${WIDE}]`, 'u');
  zeroPattern ??= new RegExp('[\\p{Mn}\\p{Me}\\p{Cf}]', 'u');
  let width = 0;
  for (const char of text.normalize('NFC')) {
    const code = char.codePointAt(0);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) continue;
    if (code < 0x300) width += code === 0xad ? 0 : 1;
    else if (widePattern.test(char)) width += 2;
    else if (!zeroPattern.test(char)) width += 1;
  }
  return width;
}

const colors = {
  __proto__: null,
  reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], blink: [5, 25], inverse: [7, 27],
  hidden: [8, 28], strikethrough: [9, 29], doubleunderline: [21, 24], black: [30, 39], red: [31, 39], green: [32, 39],
  yellow: [33, 39], blue: [34, 39], magenta: [35, 39], cyan: [36, 39], white: [37, 39], bgBlack: [40, 49],
  bgRed: [41, 49], bgGreen: [42, 49], bgYellow: [43, 49], bgBlue: [44, 49], bgMagenta: [45, 49], bgCyan: [46, 49],
  bgWhite: [47, 49], framed: [51, 54], overlined: [53, 55], gray: [90, 39], redBright: [91, 39], greenBright: [92, 39],
  yellowBright: [93, 39], blueBright: [94, 39], magentaBright: [95, 39], cyanBright: [96, 39], whiteBright: [97, 39],
  bgGray: [100, 49], bgRedBright: [101, 49], bgGreenBright: [102, 49], bgYellowBright: [103, 49],
  bgBlueBright: [104, 49], bgMagentaBright: [105, 49], bgCyanBright: [106, 49], bgWhiteBright: [107, 49],
};

const aliases = {
  gray: ['grey', 'blackBright'], bgGray: ['bgGrey', 'bgBlackBright'], dim: ['faint'], inverse: ['swapcolors', 'swapColors'],
  hidden: ['conceal'], strikethrough: ['strikeThrough', 'crossedout', 'crossedOut'], doubleunderline: ['doubleUnderline'],
};

// Other names of a color stay in step with it, whichever of them is set.
for (const [target, names] of Object.entries(aliases)) {
  for (const name of names) {
    Object.defineProperty(colors, name, {
      __proto__: null,
      get() { return colors[target]; },
      set(value) { colors[target] = value; },
      enumerable: false,
      configurable: true,
    });
  }
}

const styles = {
  __proto__: null,
  special: 'cyan', number: 'yellow', bigint: 'yellow', boolean: 'yellow', undefined: 'grey', null: 'bold',
  string: 'green', symbol: 'green', date: 'magenta', regexp: 'red', module: 'underline',
};

function plain(text) {
  return text;
}

function colored(text, style) {
  const color = colors[styles[style]];
  return color === undefined ? text : `\u001b[${color[0]}m${text}\u001b[${color[1]}m`;
}

module.exports = {
  bigintText,
  colored,
  colors,
  escapeName,
  getStringWidth,
  numberText,
  plain,
  quote,
  stripVTControlCharacters,
  styles,
};
