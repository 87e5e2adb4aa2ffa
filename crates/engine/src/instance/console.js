// `console` as a namespace of Web IDL: an object with a prototype of its own, and a tag.
(() => {
  'use strict';
  Object.setPrototypeOf(console, {});
  Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });
})()
