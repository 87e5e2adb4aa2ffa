// Stands for a module that the workloads never call: see bundle.mjs.
module.exports = {};
