// The little of Node's globals that clean-css and path-browserify look at.
export const process = { cwd: () => '/', env: {}, platform: 'linux' };
export const Buffer = { isBuffer: () => false };
