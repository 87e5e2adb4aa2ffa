import tanstack from './tanstack.js';

export const { createSandtideDriver } = tanstack;
