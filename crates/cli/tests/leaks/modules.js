// grows: Module at 6
const path = require('path').join(__dirname, 'support', 'plugin.js');
function reload() {
  // The parent still has the module that the cache lets go of.
  delete require.cache[path];
  return require(path);
}
setInterval(() => {
  for (let i = 0; i < 5; i++) reload();
}, 2);
process.on('leak', () => process.exit());
