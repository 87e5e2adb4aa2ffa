// Breaks everything it can lay hands on.
function handle() {
  Array.prototype.push = JSON.parse = Promise.prototype.constructor = null;
  Object.defineProperty(Object.prototype, 'status', { get() { throw new Error('broken'); } });
  for (const name of ['Map', 'Set', 'Error', 'Reflect']) globalThis[name] = undefined;
  return 'done';
}
