// The engine steps a chain of iterator helpers or wrappers by plain recursion of its own, without a
// look at the stack: a chain that is long enough would end the process. Methods that are ordinary
// functions are called instead, and calls are checked.
(() => {
  'use strict';
  const { apply, defineProperty, getPrototypeOf } = Reflect;
  const helper = getPrototypeOf([].values().map((item) => item));
  const wrapper = getPrototypeOf(Iterator.from({ next() {} }));
  for (const proto of [helper, wrapper]) {
    const step = proto.next;
    const end = proto.return;
    const checked = {
      next() { return apply(step, this, arguments); },
      return() { return apply(end, this, arguments); },
    };
    defineProperty(proto, 'next', { value: checked.next });
    defineProperty(proto, 'return', { value: checked.return });
  }
})()
