export * from './isolated-vm.js';
export * as default from './isolated-vm.js';
