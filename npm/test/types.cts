// As types.mts, for CommonJS.

import sandtide = require('sandtide');
import vm = require('sandtide/vm');

const pool: sandtide.Pool = new sandtide.Pool();
void pool.run('1').then(({ value, logs }) => [value, logs[0]?.level]);
const sandbox: vm.Context = vm.createContext({ a: 1 });
vm.runInContext('a', sandbox, 'file.js');
// @ts-expect-error: no such function.
sandtide.nothing();
