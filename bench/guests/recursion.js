// Recursion: fibonacci, permutations, queens.
const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
const permutations = (list) => (list.length < 2 ? [list] : list.flatMap((x, i) => permutations([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [x, ...rest])));
const queens = (n, row = 0, cols = 0, left = 0, right = 0) => { if (row === n) return 1; let count = 0; for (let c = 0; c < n; c++) { const bit = 1 << c, l = 1 << (row + c), r = 1 << (row - c + n); if (!(cols & bit || left & l || right & r)) count += queens(n, row + 1, cols | bit, left | l, right | r); } return count; };
function work() { return [fib(15), permutations([1, 2, 3, 4, 5]).length, queens(6)].join(); }
