import vm from './vm.js';

export const {
  Script, compileFunction, createContext, isContext, runInContext, runInNewContext, runInThisContext,
} = vm;
export default vm;
