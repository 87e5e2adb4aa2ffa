'use strict';
// Streams whose state is made when it is first looked at. Making it costs more than all else about a
// small request, and most programs never look.

// `init(stream)` runs the stream's constructor, which must set all of `names`.
function defineLazyState(prototype, names, init) {
  const define = (stream, name, value) => {
    Object.defineProperty(stream, name, {
      __proto__: null, value, writable: true, enumerable: true, configurable: true,
    });
  };
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      __proto__: null,
      get() {
        // Whoever looks at a prototype itself wants no stream.
        if (Object.hasOwn(this, 'constructor')) return undefined;
        // The constructor looks, too.
        for (const each of names) define(this, each, undefined);
        init(this);
        return this[name];
      },
      set(value) {
        define(this, name, value);
      },
      configurable: true,
      enumerable: false,
    });
  }
}

module.exports = { defineLazyState };
