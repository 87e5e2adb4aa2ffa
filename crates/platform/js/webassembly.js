// The namespace WebAssembly, all of which is there and refuses: this runtime compiles no such code.
(function (std) {
  'use strict';
  const { first, define, tag } = std;
  const { TypeError, Error } = first;

  class CompileError extends Error {
    constructor(message = undefined, options = undefined) { super(message, options); }
  }
  class LinkError extends Error {
    constructor(message = undefined, options = undefined) { super(message, options); }
  }
  class RuntimeError extends Error {
    constructor(message = undefined, options = undefined) { super(message, options); }
  }
  define(CompileError.prototype, 'name', 'CompileError');
  define(LinkError.prototype, 'name', 'LinkError');
  define(RuntimeError.prototype, 'name', 'RuntimeError');
  const refused = (what) => new CompileError('WebAssembly.' + what + '(): this runtime has no WebAssembly');
  const checked = (what, source) => (std.bytesOf(source) === undefined
    ? new TypeError('WebAssembly.' + what + '(): the argument is no buffer') : refused(what));
  const Refusing = (what) => {
    const made = class { constructor(argument) { throw checked(what, argument); } };
    std.defineProperty(made, 'name', { __proto__: null, value: what, configurable: true });
    return made;
  };
  const functions = {
    validate(bytes) {
      if (std.bytesOf(bytes) === undefined) {
        throw new TypeError('WebAssembly.validate(): the argument is no buffer');
      }
      return false;
    },
    compile(bytes) { return std.rejected(checked('compile', bytes)); },
    instantiate(bytes, imports = undefined) { return std.rejected(checked('instantiate', bytes)); },
  };
  const WebAssembly = {};
  define(WebAssembly, 'validate', functions.validate, true);
  define(WebAssembly, 'compile', functions.compile, true);
  define(WebAssembly, 'instantiate', functions.instantiate, true);
  define(WebAssembly, 'Module', Refusing('Module'));
  define(WebAssembly, 'Instance', Refusing('Instance'));
  define(WebAssembly, 'Memory', Refusing('Memory'));
  define(WebAssembly, 'Table', Refusing('Table'));
  define(WebAssembly, 'Global', Refusing('Global'));
  define(WebAssembly, 'CompileError', CompileError);
  define(WebAssembly, 'LinkError', LinkError);
  define(WebAssembly, 'RuntimeError', RuntimeError);
  tag(WebAssembly, 'WebAssembly');
  return { __proto__: null, WebAssembly };
})
