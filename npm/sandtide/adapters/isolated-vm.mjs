import ivm from './isolated-vm.js';

export const { Callback, Context, ExternalCopy, Isolate, Reference, Script } = ivm;
export default ivm;
