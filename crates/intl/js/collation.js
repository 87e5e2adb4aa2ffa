// Intl.Collator (ECMA-402, section 10), and `localeCompare`.

const USAGES = ['sort', 'search'];
const CASE_FIRST = ['upper', 'lower', 'false'];
const SENSITIVITIES = ['base', 'accent', 'case', 'variant'];
const COLLATOR_RESOLVED = ['locale', 'usage', 'sensitivity', 'ignorePunctuation', 'collation', 'numeric', 'caseFirst'];

const hasRootOrder = builtin('Text order', 'hasRoot');

function collatorSlots(locales, given, name = 'Intl.Collator') {
  asking = name;
  const list = localeList(locales);
  const options = coerced(given);
  const usage = getOption(options, 'usage', USAGES, 'sort');
  getOption(options, 'localeMatcher', MATCHERS, 'best fit');
  const collation = keywordOption(options, 'collation');
  const numeric = getBoolean(options, 'numeric', undefined);
  const caseFirst = getOption(options, 'caseFirst', CASE_FIRST, undefined);
  const found = jsonParse(native.collationResolve(list, collation === undefined ? '' : collation,
    numeric === undefined ? '' : numeric ? 'true' : 'false', caseFirst === undefined ? '' : caseFirst));
  const slots = { __proto__: null, locale: found[0], usage };
  slots.sensitivity = getOption(options, 'sensitivity', SENSITIVITIES, 'variant');
  const thai = found[0] === 'th' || stringSlice(found[0], 0, 3) === 'th-';
  slots.ignorePunctuation = getBoolean(options, 'ignorePunctuation', thai);
  slots.collation = found[1];
  slots.numeric = found[2] === 'true';
  slots.caseFirst = found[3];
  slots.key = jsonStringify(slots);
  // Orders in which ASCII stands as in the root's.
  slots.plain = hasRootOrder(slots.locale) && usage === 'sort' && slots.collation === 'default'
    && !slots.ignorePunctuation && slots.caseFirst === 'false' && slots.sensitivity === 'variant';
  return slots;
}

// The order of two texts of ASCII in the root's order, undefined where it is not told; and what makes
// functions that ask it before they call their argument.
const orderOfAscii = builtin('Text order', 'order');
const orderOfNumbers = builtin('Text order', 'numberOrder');
const comparer = builtin('Text order', 'comparer');
const numberComparer = builtin('Text order', 'numberComparer');
const localeComparer = builtin('Text order', 'localeComparer');

// The order of two texts. Long texts are compared piece by piece, each text in pieces of its own, so that
// it stays an order.
function compareTexts(slots, left, right) {
  if (left === right) return 0;
  const { length } = left;
  const other = right.length;
  if (slots.plain) {
    const order = slots.numeric ? orderOfNumbers(left, right) : orderOfAscii(left, right);
    if (order !== undefined) return order;
  }
  if (length <= PIECE && other <= PIECE) return native.collationCompare(slots.key, left, right);
  let from = 0;
  let otherFrom = 0;
  while (from < length || otherFrom < other) {
    const end = pieceEnd(left, from);
    const otherEnd = pieceEnd(right, otherFrom);
    const piece = stringSlice(left, from, end);
    const otherPiece = stringSlice(right, otherFrom, otherEnd);
    if (piece !== otherPiece) {
      const order = native.collationCompare(slots.key, piece, otherPiece);
      if (order !== 0) return order;
    }
    from = end;
    otherFrom = otherEnd;
  }
  return 0;
}

function Collator(locales, options) {
  return make(new.target, Collator.prototype, 'Collator', collatorSlots(locales, options));
}

service('Collator', Collator, {
  resolvedOptions() {
    return resolvedObject(COLLATOR_RESOLVED, Slots.of(this, 'Collator', 'Intl.Collator.prototype.resolvedOptions'));
  },
}, {
  get compare() {
    const slots = Slots.of(this, 'Collator', 'get Intl.Collator.prototype.compare');
    if (slots.bound === undefined) {
      const compare = unnamed((x, y) => {
        const left = toText(x);
        return compareTexts(slots, left, toText(y));
      });
      slots.bound = slots.plain ? (slots.numeric ? numberComparer : comparer)(compare) : compare;
    }
    return slots.bound;
  },
});

// The order of calls without options, which follows from the locale alone.
const plainOrder = { __proto__: null };

// The first of the requested locales where its language has letters of its own; else undefined.
function caseLocale(locales) {
  const list = localeList(locales);
  if (list === '') return undefined;
  const first = split(list)[0];
  const language = stringSlice(first, 0, 2);
  const apart = language === 'tr' || language === 'az' || language === 'lt' || language === 'el';
  return apart && (first.length === 2 || stringCodeAt(first, 2) === 45) ? first : undefined;
}

// A text in other letters, piece by piece; what is no Unicode in it stays as it is.
function changed(change, tag, text) {
  if (text.length <= PIECE && isWellFormed(text)) return change(tag, text);
  let made = '';
  for (let from = 0; from < text.length;) {
    const end = pieceEnd(text, from);
    const piece = stringSlice(text, from, end);
    made += isWellFormed(piece) ? change(tag, piece) : aroundSurrogates(change, tag, piece);
    from = end;
  }
  return made;
}

function aroundSurrogates(change, tag, text) {
  let made = '';
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const code = stringCodeAt(text, at);
    if (code < 0xd800 || code > 0xdfff) continue;
    if (code <= 0xdbff && at + 1 < text.length) {
      const next = stringCodeAt(text, at + 1);
      if (next >= 0xdc00 && next <= 0xdfff) {
        at++;
        continue;
      }
    }
    if (at > start) made += change(tag, stringSlice(text, start, at));
    made += stringSlice(text, at, at + 1);
    start = at + 1;
  }
  return start < text.length ? made + change(tag, stringSlice(text, start, text.length)) : made;
}

const stringMethods = {
  toLocaleUpperCase(locales = undefined) {
    if (this === undefined || this === null) throw new TypeError('String.prototype.toLocaleUpperCase called on null or undefined');
    const text = toText(this);
    const tag = caseLocale(locales);
    return tag === undefined ? stringUpper(text) : changed(native.textUpper, tag, text);
  },
  toLocaleLowerCase(locales = undefined) {
    if (this === undefined || this === null) throw new TypeError('String.prototype.toLocaleLowerCase called on null or undefined');
    const text = toText(this);
    const tag = caseLocale(locales);
    return tag === undefined ? stringLower(text) : changed(native.textLower, tag, text);
  },
  localeCompare(that, locales = undefined, options = undefined) {
    if (this === undefined || this === null) throw new TypeError('String.prototype.localeCompare called on null or undefined');
    const text = toText(this);
    const other = toText(that);
    if (options !== undefined || (locales !== undefined && typeof locales !== 'string')) {
      return compareTexts(collatorSlots(locales, options, 'String.prototype.localeCompare'), text, other);
    }
    if (plainOrder.slots === undefined || plainOrder.locale !== locales) {
      plainOrder.slots = collatorSlots(locales, undefined);
      plainOrder.locale = locales;
    }
    return compareTexts(plainOrder.slots, text, other);
  },
};
