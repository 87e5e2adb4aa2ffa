export * from './index.js';
import * as sandtide from './index.js';
export default sandtide;
