import codemode from './codemode.js';

export const { createSandtideExecutor } = codemode;
