// What the platform is given: the namespace, and the methods that stand in other prototypes.

const lists = {
  toLocaleString(locales = undefined, options = undefined) {
    const array = toObject(this);
    const length = toLength(array.length);
    let text = '';
    for (let k = 0; k < length; k++) {
      if (k > 0) text += ',';
      const item = array[k];
      if (item !== undefined && item !== null) text += toText(item.toLocaleString(locales, options));
    }
    return text;
  },
};
const typedLength = std.first.Uint8Array && method('TypedArray.prototype', 'length');
const typedAt = std.first.Uint8Array && method('TypedArray.prototype', 'at');
const typedLists = {
  toLocaleString(locales = undefined, options = undefined) {
    // Throws where there is no TypedArray, or where its buffer no longer has room for it.
    typedAt(this, 0);
    const length = typedLength(this);
    let text = '';
    for (let k = 0; k < length; k++) {
      if (k > 0) text += ',';
      const item = this[k];
      if (item !== undefined && item !== null) text += toText(item.toLocaleString(locales, options));
    }
    return text;
  },
};

const exported = {
  __proto__: null,
  Intl,
  // What objects of Temporal write themselves by.
  temporalToLocale,
  durationToLocale,
  'Number.prototype.toLocaleString': numberMethods.Number,
  'BigInt.prototype.toLocaleString': numberMethods.BigInt,
  'Date.prototype.toLocaleString': dateMethods.toLocaleString,
  'Date.prototype.toLocaleDateString': dateMethods.toLocaleDateString,
  'Date.prototype.toLocaleTimeString': dateMethods.toLocaleTimeString,
  'Array.prototype.toLocaleString': lists.toLocaleString,
  // The order of the default locale, `en-US`, has the root's for ASCII.
  'String.prototype.localeCompare': localeComparer(stringMethods.localeCompare),
  'String.prototype.toLocaleUpperCase': stringMethods.toLocaleUpperCase,
  'String.prototype.toLocaleLowerCase': stringMethods.toLocaleLowerCase,
  'TypedArray.prototype.toLocaleString': typedLists.toLocaleString,
};
std.intl = exported;
return exported;
