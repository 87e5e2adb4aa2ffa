import sandtide from './index.js';

export const { Pool, SandtideError, Script, configure, run } = sandtide;
export default sandtide;
