'use strict';
// The name of an object's class, found without running any of the program's code.

function classNameOf(object) {
  for (let at = object; at !== null && at !== undefined; at = Object.getPrototypeOf(at)) {
    if (internalBinding('util').classOf(at) === 'Proxy') break;
    const constructor = Object.getOwnPropertyDescriptor(at, 'constructor')?.value;
    if (typeof constructor !== 'function') continue;
    const name = Object.getOwnPropertyDescriptor(constructor, 'name')?.value;
    if (typeof name === 'string' && name !== '') return name;
  }
  return 'Object';
}

module.exports = { classNameOf };
