// Takes every way to compile text away from the guest.
(() => {
  'use strict';
  const refuse = function Function() {
    throw new EvalError('this sandbox does not compile text');
  };
  for (const f of [function () {}, async function () {}, function* () {}, async function* () {}]) {
    const proto = Object.getPrototypeOf(f);
    Object.defineProperty(proto, 'constructor', { value: refuse });
  }
  Object.defineProperty(refuse, 'prototype', { value: Object.getPrototypeOf(refuse) });
  globalThis.Function = refuse;
  delete globalThis.eval;
})()
