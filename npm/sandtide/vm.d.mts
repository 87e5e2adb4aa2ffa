export * from './vm.js';
import * as vm from './vm.js';
export default vm;
