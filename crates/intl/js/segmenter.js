// Intl.Segmenter (ECMA-402, section 19).

const GRANULARITIES = ['grapheme', 'word', 'sentence'];
const iteratorSymbol = std.first.iterator;

function Segmenter(locales, given) {
  needNew(new.target, 'Segmenter');
  asking = 'Intl.Segmenter';
  const list = localeList(locales);
  const options = optionsObject(given);
  getOption(options, 'localeMatcher', MATCHERS, 'best fit');
  const slots = { __proto__: null, locale: native.localeResolve('Segmenter', list) };
  slots.granularity = getOption(options, 'granularity', GRANULARITIES, 'grapheme');
  return make(new.target, Segmenter.prototype, 'Segmenter', slots);
}

// A place in a text, from which segments are read one by one. The crate is asked for those of a piece at
// once: `lengths` has one character for each, twice its length and one more where it is a word. A piece
// begins where a segment ends, so that it is cut as the whole would be; only a segment that is longer than
// a piece is cut in two.
function cursor(slots, text) {
  return { __proto__: null, slots, text, start: 0, end: 0, word: false, lengths: '', next: 0 };
}

// Goes to the next segment; false at the end of the text.
function advance(at) {
  const text = at.text;
  if (at.end >= text.length) return false;
  if (at.next >= at.lengths.length) {
    let end = at.end + PIECE;
    if (end >= text.length) {
      end = text.length;
    } else {
      const last = stringCodeAt(text, end - 1);
      if (last >= 0xd800 && last <= 0xdbff) end--;
    }
    const piece = toWellFormed(stringSlice(text, at.end, end));
    at.lengths = native.segmentsOf(at.slots.granularity, at.slots.locale, piece, end < text.length ? 'x' : '');
    at.next = 0;
  }
  const code = stringCodeAt(at.lengths, at.next++);
  at.start = at.end;
  at.end += code >> 1;
  at.word = (code & 1) === 1;
  return true;
}

function segmentData(at) {
  const data = {};
  define(data, 'segment', stringSlice(at.text, at.start, at.end), true);
  define(data, 'index', at.start, true);
  define(data, 'input', at.text, true);
  if (at.slots.granularity === 'word') define(data, 'isWordLike', at.word, true);
  return data;
}

const segmentsPrototype = {};
const segmentIteratorPrototype = { __proto__: builtin('Iterator') };

define(segmentIteratorPrototype, 'next', {
  next() {
    const at = Slots.of(this, 'SegmentIterator', '%SegmentIterator.prototype%.next');
    const result = {};
    const more = advance(at);
    define(result, 'value', more ? segmentData(at) : undefined, true);
    define(result, 'done', !more, true);
    return result;
  },
}.next);
defineProperty(segmentIteratorPrototype, toStringTag, {
  __proto__: null, value: 'Segmenter String Iterator', writable: false, enumerable: false, configurable: true,
});

define(segmentsPrototype, 'containing', {
  containing(index) {
    const slots = Slots.of(this, 'Segments', '%SegmentsPrototype%.containing');
    const number = +index;
    const place = number !== number ? 0 : number < 0 ? -floor(-number) : floor(number);
    if (!(place >= 0 && place < slots.text.length)) return undefined;
    // It is looked for from where the last one was found.
    if (slots.at === undefined || place < slots.at.start) slots.at = cursor(slots.segmenter, slots.text);
    const at = slots.at;
    while (at.end <= place) advance(at);
    return segmentData(at);
  },
}.containing);
define(segmentsPrototype, iteratorSymbol, {
  [iteratorSymbol]() {
    const slots = Slots.of(this, 'Segments', '%SegmentsPrototype%[Symbol.iterator]');
    const object = { __proto__: segmentIteratorPrototype };
    new Slots(object, 'SegmentIterator', cursor(slots.segmenter, slots.text));
    return object;
  },
}[iteratorSymbol]);

service('Segmenter', Segmenter, {
  resolvedOptions() {
    return resolvedObject(['locale', 'granularity'], Slots.of(this, 'Segmenter', 'Intl.Segmenter.prototype.resolvedOptions'));
  },
  segment(text) {
    const segmenter = Slots.of(this, 'Segmenter', 'Intl.Segmenter.prototype.segment');
    const object = { __proto__: segmentsPrototype };
    new Slots(object, 'Segments', { __proto__: null, segmenter, text: toText(text), at: undefined });
    return object;
  },
}, {});
