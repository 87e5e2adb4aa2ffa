export * from './codemode.js';
