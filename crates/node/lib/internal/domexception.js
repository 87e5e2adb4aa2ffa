'use strict';
// DOMException: the errors of the Web platform's interfaces.

const {
  codes: { ERR_INVALID_THIS },
} = require('internal/errors');

// The names that have a code, by code.
const names = [
  undefined,
  ['IndexSizeError', 'INDEX_SIZE_ERR'],
  ['DOMStringSizeError', 'DOMSTRING_SIZE_ERR'],
  ['HierarchyRequestError', 'HIERARCHY_REQUEST_ERR'],
  ['WrongDocumentError', 'WRONG_DOCUMENT_ERR'],
  ['InvalidCharacterError', 'INVALID_CHARACTER_ERR'],
  ['NoDataAllowedError', 'NO_DATA_ALLOWED_ERR'],
  ['NoModificationAllowedError', 'NO_MODIFICATION_ALLOWED_ERR'],
  ['NotFoundError', 'NOT_FOUND_ERR'],
  ['NotSupportedError', 'NOT_SUPPORTED_ERR'],
  ['InUseAttributeError', 'INUSE_ATTRIBUTE_ERR'],
  ['InvalidStateError', 'INVALID_STATE_ERR'],
  ['SyntaxError', 'SYNTAX_ERR'],
  ['InvalidModificationError', 'INVALID_MODIFICATION_ERR'],
  ['NamespaceError', 'NAMESPACE_ERR'],
  ['InvalidAccessError', 'INVALID_ACCESS_ERR'],
  ['ValidationError', 'VALIDATION_ERR'],
  ['TypeMismatchError', 'TYPE_MISMATCH_ERR'],
  ['SecurityError', 'SECURITY_ERR'],
  ['NetworkError', 'NETWORK_ERR'],
  ['AbortError', 'ABORT_ERR'],
  ['URLMismatchError', 'URL_MISMATCH_ERR'],
  ['QuotaExceededError', 'QUOTA_EXCEEDED_ERR'],
  ['TimeoutError', 'TIMEOUT_ERR'],
  ['InvalidNodeTypeError', 'INVALID_NODE_TYPE_ERR'],
  ['DataCloneError', 'DATA_CLONE_ERR'],
];

// What these names had as codes was never used by anything but old browsers.
const withoutCode = new Set(['DOMStringSizeError', 'NoDataAllowedError', 'ValidationError']);

const codeOf = new Map();
for (let code = 1; code < names.length; code++) {
  if (!withoutCode.has(names[code][0])) codeOf.set(names[code][0], code);
}

class ReturnsArgument {
  constructor(value) {
    return value;
  }
}

// What an exception holds, in a private field of the error itself.
class Contents extends ReturnsArgument {
  #contents;

  constructor(error, contents) {
    super(error);
    this.#contents = contents;
  }

  static of(value) {
    if (typeof value !== 'object' || value === null || !(#contents in value)) throw new ERR_INVALID_THIS('DOMException');
    return value.#contents;
  }

  static isIn(value) {
    return typeof value === 'object' && value !== null && #contents in value;
  }
}

function defineHidden(object, key, value) {
  Object.defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

class DOMException {
  constructor(message = '', options = 'Error') {
    message = `${message}`;
    let name = 'Error';
    // A real Error with another prototype: it has a stack and counts as a native error.
    const error = new Error(message);
    delete error.message;
    Object.setPrototypeOf(error, new.target.prototype);
    if (options !== null && typeof options === 'object') {
      if (options.name !== undefined) name = `${options.name}`;
      if ('cause' in options) defineHidden(error, 'cause', options.cause);
    } else {
      name = `${options}`;
    }
    new Contents(error, { name, message, code: codeOf.get(name) ?? 0 });
    Error.captureStackTrace(error, DOMException);
    const { stack } = error;
    // Made before the name was known, or by a prepareStackTrace that does not ask for it.
    if (typeof stack === 'string') {
      const frames = stack.search(/^ {4}at /m);
      const head = message === '' ? name : `${name}: ${message}`;
      defineHidden(error, 'stack', frames === -1 ? head : `${head}\n${stack.slice(frames)}`);
    }
    return error;
  }

  get name() {
    return Contents.of(this).name;
  }

  get message() {
    return Contents.of(this).message;
  }

  get code() {
    return Contents.of(this).code;
  }
}

Object.setPrototypeOf(DOMException.prototype, Error.prototype);
Object.defineProperties(DOMException.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'DOMException' },
  name: { __proto__: null, enumerable: true },
  message: { __proto__: null, enumerable: true },
  code: { __proto__: null, enumerable: true },
});

for (let code = 1; code < names.length; code++) {
  const constant = { __proto__: null, enumerable: true, value: code };
  Object.defineProperty(DOMException, names[code][1], constant);
  Object.defineProperty(DOMException.prototype, names[code][1], constant);
}

module.exports = { DOMException, isDOMException: Contents.isIn };
