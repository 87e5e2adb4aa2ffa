// Functions made of functions: curried, piped, memoised.
const pipe = (...fs) => (x) => fs.reduce((value, f) => f(value), x);
const add = (a) => (b) => a + b, times = (a) => (b) => a * b;
const memo = (f) => { const seen = {}; return (n) => (seen[n] ??= f(n)); };
function counter() { let n = 0; return { up: () => ++n, get: () => n }; }
function work() {
  const step = pipe(add(3), times(2), (x) => x % 1001, add(1)), slow = memo((n) => step(n) + 1), c = counter();
  let value = 1;
  for (let i = 0; i < 2500; i++) { value = slow(value); c.up(); }
  return value + ':' + c.get();
}
