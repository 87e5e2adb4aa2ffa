// @edge-runtime/vm: a context with what runs at the edge of a network.
'use strict';
const { VM } = require('@edge-runtime/vm');
const vm = new VM();
console.log(vm.evaluate('1 + 1'), vm.evaluate('typeof globalThis'), vm.evaluate('this === globalThis'));
vm.context.factor = 3;
console.log(vm.evaluate('factor * 4'), vm.evaluate('[] instanceof Array'), vm.evaluate('[]') instanceof Array);
console.log(vm.evaluate('Object.prototype.toString.call(new Map())'));
try {
  vm.evaluate('eval("1")');
  console.log('eval ran');
} catch (error) {
  console.log(error.name, error.message);
}
vm.evaluate('(async () => { await 1; result = "later"; })()').then?.(() => console.log(vm.evaluate('result')));
