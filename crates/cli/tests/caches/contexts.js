// Eight contexts that are used in turn, each replaced after some runs.
const vm = require('vm');
const contexts = [];
let runs = 0;
function fresh() {
  return vm.createContext({ answer: 42 }, { name: 'worker' });
}
for (let i = 0; i < 8; i++) contexts.push(fresh());
setInterval(() => {
  for (let i = 0; i < 4; i++) {
    const at = runs++ % 8;
    vm.runInContext('globalThis.kept = { answer }; kept.answer', contexts[at]);
    if (runs % 20 === 0) contexts[at] = fresh();
  }
}, 5);
