export * from './tanstack.js';
