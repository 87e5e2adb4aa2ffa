// What value crossing needs of the built-ins, taken before any guest code can replace them.
(() => {
  'use strict';
  const { apply, defineProperty } = Reflect;
  const own = (value) => ({
    __proto__: null, value, writable: true, enumerable: true, configurable: true,
  });
  const map = globalThis.Map;
  const set = globalThis.Set;
  const mapForEach = map?.prototype.forEach;
  const mapSet = map?.prototype.set;
  const setForEach = set?.prototype.forEach;
  const setAdd = set?.prototype.add;
  const bigint = globalThis.BigInt;
  const bigintText = bigint?.prototype.toString;
  const dateTime = globalThis.Date?.prototype.getTime;
  const typed = globalThis.Uint8Array && Object.getPrototypeOf(Uint8Array.prototype);
  const typedArrayLength = typed && Object.getOwnPropertyDescriptor(typed, 'length').get;
  const append = (list, item) => defineProperty(list, list.length, own(item));
  return [
    function mapEntries(from) {
      const flat = [];
      apply(mapForEach, from, [(value, key) => { append(flat, key); append(flat, value); }]);
      return flat;
    },
    function setItems(from) {
      const flat = [];
      apply(setForEach, from, [(item) => { append(flat, item); }]);
      return flat;
    },
    function makeMap(flat) {
      const made = new map();
      for (let i = 0; i < flat.length; i += 2) apply(mapSet, made, [flat[i], flat[i + 1]]);
      return made;
    },
    function makeSet(flat) {
      const made = new set();
      for (let i = 0; i < flat.length; i++) apply(setAdd, made, [flat[i]]);
      return made;
    },
    function makeBigint(hex, negative) {
      return negative ? -bigint(hex) : bigint(hex);
    },
    function bigintHex(from) {
      return apply(bigintText, from, [16]);
    },
    function dateMs(from) {
      return apply(dateTime, from, []);
    },
    function typedLength(from) {
      return apply(typedArrayLength, from, []);
    },
  ];
})()
