// Leaves things behind, and looks for what an earlier run has left.
globalThis.calls = (globalThis.calls ?? 0) + 1;
const seen = typeof Object.prototype.left;
Object.prototype.left = 'behind';
handle = () => ({ calls, seen });
