// grows: (context) plugin at 5
const vm = require('vm');
const hooks = [];
function load(source) {
  const context = vm.createContext({ console }, { name: 'plugin' });
  hooks.push(vm.runInContext(source, context));
}
setInterval(() => {
  for (let i = 0; i < 3; i++) load('(function hook() { return 1 })');
}, 5);
process.on('leak', () => process.exit());
