// Stands for a module that the scripts never call: see bundle.mjs.
module.exports = {};
