'use strict';
// The errors with codes that every builtin module throws: how they are made, not what they say
// (that is internal/error_messages, which is large and loaded with the first class). Must not load anything at its
// top level, because everything else loads this.

const table = () => require('internal/error_messages');

// Programs replace and remove what they like.
const { captureStackTrace } = Error;

// Errors are made without frames first where these are taken anew afterwards. Returns what restoreTraces() needs.
function suppressTraces() {
  const limit = Error.stackTraceLimit;
  if (typeof limit !== 'number') return undefined;
  try {
    Error.stackTraceLimit = 0;
  } catch {
    // Error is frozen: the frames are taken twice.
    return undefined;
  }
  return limit;
}

function restoreTraces(limit) {
  if (limit !== undefined) Error.stackTraceLimit = limit;
}

function defineHidden(object, key, value) {
  Object.defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

// Node shows `TypeError [ERR_X]: message` at the head of the stack, while `name` stays `TypeError`.
function putCodeIntoStack(error, name, code) {
  const { stack } = error;
  // Error.prepareStackTrace of the program may have made anything of it.
  if (typeof stack !== 'string') return;
  const head = `${name} [${code}]`;
  if (stack.startsWith(head)) {
    defineHidden(error, 'stack', stack);
  } else if (stack.startsWith(name)) {
    defineHidden(error, 'stack', head + stack.slice(name.length));
  } else if (stack === '' || /^\s*at /.test(stack)) {
    defineHidden(error, 'stack', `${head}: ${error.message}${stack === '' ? '' : '\n'}${stack}`);
  }
}

// Makes an error whose stack starts at the caller of `above`.
function withTraceFrom(above, create) {
  const limit = suppressTraces();
  let error;
  try {
    error = create();
  } finally {
    restoreTraces(limit);
  }
  captureStackTrace(error, above);
  return error;
}

function formatMessage(code, message, args, error) {
  if (typeof message === 'function') return Reflect.apply(message, error, args);
  let next = 0;
  return message.replace(/%[sdj%]/g, (directive) => {
    if (directive === '%%') return '%';
    const value = args[next++];
    if (directive === '%d') return `${Number(value)}`;
    if (directive === '%j') return JSON.stringify(value);
    return String(value);
  });
}

function makeErrorClass(Base, code, message) {
  const NodeError = class NodeError extends Base {
    constructor(...args) {
      // The message may set properties of the error (input, base, url), which come after `code`.
      const limit = suppressTraces();
      super();
      restoreTraces(limit);
      this.code = code;
      defineHidden(this, 'message', formatMessage(code, message, args, this));
      captureStackTrace(this, new.target);
      putCodeIntoStack(this, this.name, code);
    }

    get ['constructor']() {
      return Base;
    }

    toString() {
      return `${this.name} [${code}]: ${this.message}`;
    }

    get [kIsNodeError]() {
      return true;
    }
  };
  return NodeError;
}

const kIsNodeError = Symbol('kIsNodeError');

// Errors of the operating system that carry all of its answer in `info`.
class SystemErrorBase extends Error {
  constructor(code, prefix, context) {
    const limit = suppressTraces();
    super();
    restoreTraces(limit);
    let message = `${prefix}: ${context.syscall} returned ${context.code} (${context.message})`;
    if (context.path !== undefined) message += ` ${context.path}`;
    if (context.dest !== undefined) message += ` => ${context.dest}`;
    this.code = code;
    defineHidden(this, 'name', 'SystemError');
    defineHidden(this, 'message', message);
    Object.defineProperty(this, 'info', { __proto__: null, value: context, writable: false, enumerable: true, configurable: true });
    for (const key of ['errno', 'syscall', 'path', 'dest']) {
      if (context[key] === undefined && key !== 'errno' && key !== 'syscall') continue;
      Object.defineProperty(this, key, {
        __proto__: null,
        get() { return context[key]; },
        set(value) { context[key] = value; },
        enumerable: true,
        configurable: true,
      });
    }
    captureStackTrace(this, new.target);
    putCodeIntoStack(this, 'SystemError', code);
  }

  toString() {
    return `SystemError [${this.code}]: ${this.message}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    return inspect(this, { ...options, getters: true, customInspect: false });
  }

  get [kIsNodeError]() {
    return true;
  }
}

class SystemError extends SystemErrorBase {
  constructor(code, context) {
    super(code, table().messages[code][0], context);
  }
}

function makeSystemErrorClass(code, prefix) {
  return class NodeError extends SystemErrorBase {
    constructor(context) {
      super(code, prefix, context);
    }

    get ['constructor']() {
      return SystemError;
    }
  };
}

function define(code) {
  const entry = table().messages[code];
  if (entry === undefined) throw new Error(`No error has the code ${code}`);
  const [message, Base, ...others] = entry;
  const MainClass = Base === 'SystemError' ? makeSystemErrorClass(code, message) : makeErrorClass(Base, code, message);
  for (const Other of others) MainClass[Other.name] = makeErrorClass(Other, code, message);
  MainClass.HideStackFramesError = MainClass;
  return MainClass;
}

// The class of a code is made when it is first asked for: a program meets few of the hundreds.
const codes = Object.create(new Proxy(Object.create(null), {
  get(target, code) {
    if (typeof code !== 'string') return undefined;
    const made = define(code);
    Object.defineProperty(codes, code, { __proto__: null, value: made, writable: true, enumerable: true, configurable: true });
    return made;
  },
  has(target, code) {
    return Object.hasOwn(table().messages, code);
  },
}));

// Functions that validate arguments are marked with this where Node leaves them out of stack traces.
function hideStackFrames(fn) {
  fn.withoutStackTrace = fn;
  return fn;
}

class AbortError extends Error {
  constructor(message = 'The operation was aborted', options = undefined) {
    if (options !== undefined && typeof options !== 'object') {
      throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
    }
    super(message, options);
    this.code = 'ABORT_ERR';
    // The trace was taken before the name was known.
    const { stack } = this;
    this.name = 'AbortError';
    if (typeof stack === 'string') defineHidden(this, 'stack', stack.replace(/^(Abort)?Error/, 'AbortError'));
  }
}

class ConnResetException extends Error {
  constructor(message) {
    super(message);
    this.code = 'ECONNRESET';
  }

  get ['constructor']() {
    return Error;
  }
}

// "ENOENT: no such file or directory, open '/x' -> '/y'"
function UVException(context) {
  const { errorMap } = require('internal/uv_errors');
  const [code, text] = errorMap().get(context.errno) ?? ['UNKNOWN', 'unknown error'];
  let message = `${code}: ${context.message || text}, ${context.syscall}`;
  if (context.path) message += ` '${context.path}'`;
  if (context.dest) message += ` -> '${context.dest}'`;
  const error = withTraceFrom(UVException, () => new Error(message));
  for (const key of Object.keys(context)) {
    if (key === 'message' || key === 'path' || key === 'dest') continue;
    error[key] = context[key];
  }
  error.code = code;
  if (context.path) error.path = `${context.path}`;
  if (context.dest) error.dest = `${context.dest}`;
  return error;
}

function withEndpoint(syscall, details, address, port) {
  if (port && port > 0) return `${syscall} ${details} ${address}:${port}`;
  return address ? `${syscall} ${details} ${address}` : `${syscall} ${details}`;
}

function UVExceptionWithHostPort(errno, syscall, address, port) {
  const { errorMap } = require('internal/uv_errors');
  const [code, text] = errorMap().get(errno) ?? ['UNKNOWN', 'unknown error'];
  const message = withEndpoint(syscall, `${code}: ${text}`, address, port);
  const error = withTraceFrom(UVExceptionWithHostPort, () => new Error(message));
  error.code = code;
  error.errno = errno;
  error.syscall = syscall;
  error.address = address;
  if (port) error.port = port;
  return error;
}

function ExceptionWithHostPort(errno, syscall, address, port, additional) {
  const { errorName } = require('internal/uv_errors');
  const code = errorName(errno);
  let message = withEndpoint(syscall, code, address, port);
  if (additional) message += ` - Local (${additional})`;
  const error = withTraceFrom(ExceptionWithHostPort, () => new Error(message));
  error.errno = errno;
  error.code = code;
  error.syscall = syscall;
  error.address = address;
  if (port) error.port = port;
  return error;
}

function ErrnoException(errno, syscall, original) {
  const { errorName } = require('internal/uv_errors');
  const code = typeof errno === 'string' ? errno : errorName(errno);
  const message = original ? `${syscall} ${code} ${original}` : `${syscall} ${code}`;
  const error = withTraceFrom(ErrnoException, () => new Error(message));
  error.errno = errno;
  error.code = code;
  error.syscall = syscall;
  return error;
}

// `code` is a string (ENOTFOUND) or the number of a system error.
function DNSException(code, syscall, hostname) {
  let errno;
  if (typeof code === 'number') {
    errno = code;
    const name = require('internal/uv_errors').errorName(code);
    code = name === 'EAI_NODATA' || name === 'EAI_NONAME' ? 'ENOTFOUND' : name;
  }
  const message = `${syscall} ${code}${hostname ? ` ${hostname}` : ''}`;
  const error = withTraceFrom(DNSException, () => new Error(message));
  error.errno = errno;
  error.code = code;
  error.syscall = syscall;
  if (hostname) error.hostname = hostname;
  return error;
}

function genericNodeError(message, properties) {
  const error = new Error(message);
  Object.assign(error, properties);
  return error;
}

// The second error wins nothing over the first: both are reported, the outer one first in `errors`.
function aggregateTwoErrors(inner, outer) {
  if (inner && outer && inner !== outer) {
    if (Array.isArray(outer.errors)) {
      outer.errors.push(inner);
      return outer;
    }
    const error = new AggregateError([outer, inner], outer.message);
    error.code = outer.code;
    return error;
  }
  return inner || outer;
}

class NodeAggregateError extends AggregateError {
  constructor(errors, message) {
    super(errors, message);
    this.code = errors[0]?.code;
  }

  get ['constructor']() {
    return AggregateError;
  }
}

// A DOMException with one of the names that the Web platform knows (AbortError, DataCloneError, ...).
function lazyDOMException(message, name) {
  return new globalThis.DOMException(message, name);
}

let overflowName;
let overflowMessage;

function isStackOverflowError(error) {
  if (overflowMessage === undefined) {
    const recurse = () => recurse() + 1;
    try {
      recurse();
    } catch (overflow) {
      overflowName = overflow.name;
      overflowMessage = overflow.message;
    }
  }
  return Boolean(error) && error.name === overflowName && error.message === overflowMessage;
}

module.exports = {
  AbortError,
  ConnResetException,
  DNSException,
  ErrnoException,
  ExceptionWithHostPort,
  NodeAggregateError,
  SystemError,
  UVException,
  UVExceptionWithHostPort,
  aggregateTwoErrors,
  captureStackTrace,
  codes,
  determineSpecificType: (value) => table().determineSpecificType(value),
  formatList: (list, word) => table().formatList(list, word),
  genericNodeError,
  hideStackFrames,
  isStackOverflowError,
  kIsNodeError,
  lazyDOMException,
  restoreTraces,
  suppressTraces,
};
