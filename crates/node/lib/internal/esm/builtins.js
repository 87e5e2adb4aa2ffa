'use strict';
// What `module.syncBuiltinESMExports()` does. Names that modules imported from built-ins keep their
// values: the engine lets a module's exports be set only while it is evaluated.

function sync() {}

module.exports = { sync };
