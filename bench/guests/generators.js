// Generators: a lazy pipeline, and a tree walked in order.
function* numbers(n) { for (let i = 0; i < n; i++) yield i; }
function* map(source, f) { for (const x of source) yield f(x); }
function* filter(source, f) { for (const x of source) if (f(x)) yield x; }
function* walk(node) { if (node) { yield* walk(node.left); yield node.value; yield* walk(node.right); } }
const tree = (low, high) => (low > high ? null : { value: (low + high) >> 1, left: tree(low, ((low + high) >> 1) - 1), right: tree(((low + high) >> 1) + 1, high) });
function work() {
  let sum = 0;
  for (const x of filter(map(numbers(1500), (x) => x * 3), (x) => x % 2)) sum += x;
  for (const x of walk(tree(0, 255))) sum += x;
  return String(sum);
}
