module.exports = { name: 'plugin', run: () => 1 };
