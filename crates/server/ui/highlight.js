// Tells comments, strings, numbers, keywords and regular expressions of JavaScript and TypeScript apart, for colours
// alone: whether a source is right the server says. Knows nothing of the page.

const KEYWORDS = new Set(('abstract as async await break case catch class const continue debugger declare default delete do else ' +
  'enum export extends finally for from function get if implements import in instanceof interface let namespace new of ' +
  'private protected public readonly return satisfies set static super switch this throw try type typeof var void while with yield').split(' '));
const CONSTANTS = new Set(['true', 'false', 'null', 'undefined', 'NaN', 'Infinity']);
/** Words after which a `/` begins a regular expression. */
const BEFORE_OPERAND = new Set(['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'do', 'else', 'await', 'yield', 'instanceof']);

const BLANK = /\s+/y;
const COMMENT = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/y;
const STRING = /"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?/y;
const NUMBER = /0[xX][\da-fA-F_]+n?|0[oO][0-7_]+n?|0[bB][01_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?n?/y;
const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/yu;
const REGEXP = /\/(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[a-z]*/y;
const TEMPLATE = /(?:[^`\\$]|\\[^]|\$(?!\{))*/y;

/** `[kind, text]` of all of a source; joined, the texts are the source. */
export function tokens(source) {
  const out = [];
  /** For each `${` that is open, the braces that are open in it. */
  const open = [];
  let at = 0;
  let operand = false;
  const take = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const push = (kind, text) => {
    if (text === '') return;
    out.push([kind, text]);
    at += text.length;
  };
  const template = () => {
    push('string', take(TEMPLATE) ?? '');
    if (source.startsWith('${', at)) { push('punctuation', '${'); open.push(0); operand = false; }
    else { push('string', source.slice(at, at + 1)); operand = true; }
  };
  while (at < source.length) {
    const next = source[at];
    let text;
    if ((text = take(BLANK))) push('', text);
    else if ((text = take(COMMENT))) push('comment', text);
    else if ((text = take(STRING))) { push('string', text); operand = true; }
    else if (next === '`') { push('string', '`'); template(); }
    else if ((text = take(NUMBER))) { push('number', text); operand = true; }
    else if ((text = take(WORD))) {
      const member = out.findLast(([kind]) => kind !== '')?.[1] === '.';
      push(member ? 'name' : CONSTANTS.has(text) ? 'number' : KEYWORDS.has(text) ? 'keyword' : source[at + text.length] === '(' ? 'call' : 'name', text);
      operand = member || !BEFORE_OPERAND.has(text);
    } else if (!operand && next === '/' && (text = take(REGEXP))) { push('regexp', text); operand = true; }
    else if (next === '}' && open.at(-1) === 0) { open.pop(); push('punctuation', '}'); template(); }
    else {
      if (open.length > 0) open[open.length - 1] += next === '{' ? 1 : next === '}' ? -1 : 0;
      push('punctuation', String.fromCodePoint(source.codePointAt(at)));
      operand = next === ')' || next === ']' || next === '}';
    }
  }
  return out;
}

/** The same by lines. */
export function lines(source) {
  const all = [[]];
  for (const [kind, text] of tokens(source)) {
    text.split('\n').forEach((piece, at) => {
      if (at > 0) all.push([]);
      if (piece !== '') all.at(-1).push([kind, piece]);
    });
  }
  return all;
}
