// The methods that write for a locale, where there is no Intl: they write as the language does without
// one, and refuse what they would have to ignore.
(function (std) {
  'use strict';
  const { method } = std;
  const { TypeError } = std.first;
  const wrap = (table, name) => {
    const original = method(table, name);
    return {
      [name](locales = undefined, options = undefined) {
        if (locales !== undefined || options !== undefined) {
          throw new TypeError(name + ': locales and options need Intl, which is not here');
        }
        return original(this);
      },
    }[name];
  };
  const compare = method('String.prototype', 'localeCompare');
  const strings = {
    localeCompare(that, locales = undefined, options = undefined) {
      if (locales !== undefined || options !== undefined) {
        throw new TypeError('localeCompare: locales and options need Intl, which is not here');
      }
      return compare(this, that);
    },
  };
  const change = (name) => {
    const original = method('String.prototype', name);
    return {
      [name](locales = undefined) {
        if (locales !== undefined) throw new TypeError(name + ': locales need Intl, which is not here');
        return original(this);
      },
    }[name];
  };
  return {
    __proto__: null,
    'String.prototype.toLocaleUpperCase': change('toLocaleUpperCase'),
    'String.prototype.toLocaleLowerCase': change('toLocaleLowerCase'),
    'String.prototype.localeCompare': strings.localeCompare,
    'Number.prototype.toLocaleString': wrap('Number.prototype', 'toLocaleString'),
    'BigInt.prototype.toLocaleString': wrap('BigInt.prototype', 'toString'),
    'Date.prototype.toLocaleString': wrap('Date.prototype', 'toLocaleString'),
    'Date.prototype.toLocaleDateString': wrap('Date.prototype', 'toLocaleDateString'),
    'Date.prototype.toLocaleTimeString': wrap('Date.prototype', 'toLocaleTimeString'),
    'Array.prototype.toLocaleString': wrap('Array.prototype', 'toLocaleString'),
    'TypedArray.prototype.toLocaleString': wrap('TypedArray.prototype', 'toLocaleString'),
  };
})
