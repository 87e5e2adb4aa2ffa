'use strict';
// What the errors with codes say: code -> [message, class, further classes]. A message is a text with %s for
// each argument, or a function of the arguments whose `this` is the error. Knows nothing of how errors are made.

const NUMERIC_LIMIT = 2 ** 32;
const TYPE_NAMES = new Set(['string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol']);

function inspect(value, options) {
  return require('internal/util/inspect').inspect(value, options);
}

// "a", "a or b", "a, b, or c"
function formatList(list, word = 'and') {
  if (list.length < 3) return list.join(` ${word} `);
  return `${list.slice(0, -1).join(', ')}, ${word} ${list.at(-1)}`;
}

// How "Received ..." describes a value.
function determineSpecificType(value) {
  if (value === null || value === undefined) return `${value}`;
  switch (typeof value) {
    case 'function':
      return `function ${value.name}`;
    case 'object':
      if (value.constructor && 'name' in value.constructor) return `an instance of ${value.constructor.name}`;
      return inspect(value, { depth: -1 });
    case 'string': {
      const short = value.length > 28 ? `${value.slice(0, 25)}...` : value;
      return `type string (${short.includes("'") ? JSON.stringify(short) : `'${short}'`})`;
    }
    case 'bigint':
      return `type bigint (${value}n)`;
    case 'number':
      return `type number (${Object.is(value, -0) ? '-0' : value})`;
    default:
      return `type ${typeof value} (${String(value)})`;
  }
}

function subject(name) {
  if (name.endsWith(' argument')) return `The ${name}`;
  return `The "${name}" ${name.includes('.') ? 'property' : 'argument'}`;
}

function invalidArgType(name, expected, actual) {
  const types = [];
  const instances = [];
  const others = [];
  for (const one of Array.isArray(expected) ? expected : [expected]) {
    if (TYPE_NAMES.has(one)) types.push(one.toLowerCase());
    else if (/^([A-Z][a-z0-9]*)+$/.test(one)) instances.push(one);
    else others.push(one);
  }
  // Beside classes, "object" reads better as one of them.
  if (instances.length > 0 && types.includes('object')) {
    types.splice(types.indexOf('object'), 1);
    instances.push('Object');
  }
  const parts = [];
  if (types.length > 0) parts.push(`${types.length > 1 ? 'one of type' : 'of type'} ${formatList(types, 'or')}`);
  if (instances.length > 0) parts.push(`an instance of ${formatList(instances, 'or')}`);
  if (others.length > 1) parts.push(`one of ${formatList(others, 'or')}`);
  else if (others.length === 1) parts.push(`${others[0].toLowerCase() === others[0] ? '' : 'an '}${others[0]}`);
  return `${subject(name)} must be ${parts.join(' or ')}. Received ${determineSpecificType(actual)}`;
}

function invalidArgValue(name, value, reason = 'is invalid') {
  let shown = inspect(value);
  if (shown.length > 128) shown = `${shown.slice(0, 128)}...`;
  return `The ${name.includes('.') ? 'property' : 'argument'} '${name}' ${reason}. Received ${shown}`;
}

function groupDigits(digits) {
  const first = digits[0] === '-' ? 1 : 0;
  let rest = '';
  let end = digits.length;
  for (; end >= first + 4; end -= 3) rest = `_${digits.slice(end - 3, end)}${rest}`;
  return digits.slice(0, end) + rest;
}

function outOfRange(name, range, received, replaceDefault = false) {
  let shown;
  if (Number.isInteger(received) && Math.abs(received) > NUMERIC_LIMIT) {
    shown = groupDigits(String(received));
  } else if (typeof received === 'bigint') {
    const large = received > BigInt(NUMERIC_LIMIT) || received < -BigInt(NUMERIC_LIMIT);
    shown = `${large ? groupDigits(String(received)) : received}n`;
  } else {
    shown = inspect(received);
  }
  return `${replaceDefault ? name : `The value of "${name}" is out of range.`} It must be ${range}. Received ${shown}`;
}

function missingArgs(...names) {
  const quoted = names.map((name) => (Array.isArray(name) ? name.map((one) => `"${one}"`).join(' or ') : `"${name}"`));
  return `The ${formatList(quoted)} argument${names.length > 1 ? 's' : ''} must be specified`;
}

function socketBadPort(name, port, allowZero = true) {
  return `${name} should be >${allowZero ? '=' : ''} 0 and < 65536. Received ${determineSpecificType(port)}.`;
}

function importedFrom(base) {
  return base ? ` imported from ${base}` : '';
}

function invalidPackageTarget(directory, key, target, isImport = false, base = undefined) {
  const hint = typeof target === 'string' && !isImport && target.length > 0 && !target.startsWith('./') ?
    '; targets must start with "./"' : '';
  const what = key === '.' ? 'main target' : 'target';
  const where = key === '.' ? 'defined' : `defined for '${key}'`;
  return `Invalid "${isImport ? 'imports' : 'exports'}" ${what} ${JSON.stringify(target)} ${where} in the package config ` +
    `${directory}package.json${importedFrom(base)}${hint}`;
}

function packagePathNotExported(directory, subpath, base = undefined) {
  const what = subpath === '.' ? 'No "exports" main defined in ' : `Package subpath '${subpath}' is not defined by "exports" in `;
  return `${what}${directory}package.json${importedFrom(base)}`;
}

function moduleNotFound(path, base, exactUrl) {
  if (exactUrl) this.url = `${exactUrl}`;
  return `Cannot find ${exactUrl ? 'module' : 'package'} '${path}' imported from ${base}`;
}

function requireEsm(filename, hasEsmSyntax, parentPath = null) {
  const from = parentPath ? ` from ${parentPath}` : '';
  const hint = hasEsmSyntax && parentPath ? `\nInstead change the require of ${filename.slice(filename.lastIndexOf('/') + 1)} ` +
    `in ${parentPath} to a dynamic import() which is available in all CommonJS modules.` : '';
  return `require() of ES Module ${filename}${from} not supported.${hint}`;
}

function requireAsyncModule(filename, requireStack = []) {
  let message = 'require() cannot be used on an ESM graph with top-level await. Use import() instead. To see where the ' +
    'top-level await comes from, use --experimental-print-required-tla.';
  if (filename) message += `\nRequired module: ${filename}`;
  if (requireStack.length > 0) message += `\nRequire stack:\n- ${requireStack.join('\n- ')}`;
  return message;
}

function unsupportedScheme(url, supported) {
  return `Only URLs with a scheme in: ${formatList(supported)} are supported by the default ESM loader. ` +
    `Received protocol '${url.protocol}'`;
}

const messages = {
  __proto__: null,

  // Arguments, values, calls
  ERR_AMBIGUOUS_ARGUMENT: ['The "%s" argument is ambiguous. %s', TypeError],
  ERR_ARG_NOT_ITERABLE: ['%s must be iterable', TypeError],
  ERR_CONSTRUCT_CALL_REQUIRED: ['Class constructor %s cannot be invoked without `new`', TypeError],
  ERR_CONSTRUCT_CALL_INVALID: ['Constructor cannot be called', TypeError],
  ERR_FALSY_VALUE_REJECTION: [function (reason) {
    this.reason = reason;
    return 'Promise was rejected with falsy value';
  }, Error],
  ERR_FEATURE_UNAVAILABLE_ON_PLATFORM: ['The feature %s is unavailable on the current platform, which is being used to run Node.js', TypeError],
  ERR_ILLEGAL_CONSTRUCTOR: ['Illegal constructor', TypeError],
  ERR_INCOMPATIBLE_OPTION_PAIR: ['Option "%s" cannot be used in combination with option "%s"', TypeError],
  ERR_INVALID_ARG_TYPE: [invalidArgType, TypeError],
  ERR_INVALID_ARG_VALUE: [invalidArgValue, TypeError, RangeError],
  ERR_INVALID_CHAR: [(name, field) => `Invalid character in ${name}${field === undefined ? '' : ` ["${field}"]`}`, TypeError],
  ERR_INVALID_MIME_SYNTAX: [(production, text, position) => `The MIME syntax for a ${production} in "${text}" is invalid${
    position === -1 ? '' : ` at ${position}`}`, TypeError],
  ERR_INVALID_OBJECT_DEFINE_PROPERTY: ['%s', TypeError],
  ERR_INVALID_OPT_VALUE: [(name, value) => `The value "${value}" is invalid for option "${name}"`, TypeError, RangeError],
  ERR_INVALID_REPL_EVAL_CONFIG: ['Cannot specify both "breakEvalOnSigint" and "eval" for REPL', TypeError],
  ERR_INVALID_RETURN_PROPERTY: [(expected, name, property, value) =>
    `Expected a valid ${expected} to be returned for the "${property}" from the "${name}" hook but got ${determineSpecificType(value)}.`, TypeError],
  ERR_INVALID_RETURN_PROPERTY_VALUE: [(expected, name, property, value) =>
    `Expected ${expected} to be returned for the "${property}" from the "${name}" hook but got ${determineSpecificType(value)}.`, TypeError],
  ERR_INVALID_RETURN_VALUE: [(expected, name, value) =>
    `Expected ${expected} to be returned from the "${name}" function but got ${determineSpecificType(value)}.`, TypeError, RangeError],
  ERR_INVALID_STATE: ['Invalid state: %s', Error, TypeError, RangeError],
  ERR_INVALID_SYNC_FORK_INPUT: ['Asynchronous forks do not support Buffer, TypedArray, DataView or string input: %s', TypeError],
  ERR_INVALID_THIS: ['Value of "this" must be of type %s', TypeError],
  ERR_INVALID_TUPLE: ['%s must be an iterable %s tuple', TypeError],
  ERR_METHOD_NOT_IMPLEMENTED: ['The %s method is not implemented', Error],
  ERR_MISSING_ARGS: [missingArgs, TypeError],
  ERR_MISSING_OPTION: ['%s is required', TypeError],
  ERR_MULTIPLE_CALLBACK: ['Callback called multiple times', Error],
  ERR_NO_CRYPTO: ['Node.js is not compiled with OpenSSL crypto support', Error],
  ERR_NO_ICU: ['%s is not supported on Node.js compiled without ICU', TypeError],
  ERR_OPERATION_FAILED: ['Operation failed: %s', Error, TypeError],
  ERR_OUT_OF_RANGE: [outOfRange, RangeError],
  ERR_USE_AFTER_CLOSE: ['%s was closed', Error],
  ERR_ACCESS_DENIED: [function (message, permission = '', resource = '') {
    this.permission = permission;
    this.resource = resource;
    return message;
  }, Error],
  ERR_INTERNAL_ASSERTION: [(message) => `${message === undefined ? '' : `${message}\n`}This is caused by a bug in the host or incorrect usage of its internals.`, Error],
  ERR_SYNTHETIC: ['JavaScript Callstack', Error],

  // Assertions, tests, console, util
  ERR_ASSERTION: ['%s', Error],
  ERR_CONSOLE_WRITABLE_STREAM: ['Console expects a writable stream instance for %s', TypeError],
  ERR_PARSE_ARGS_INVALID_OPTION_VALUE: ['%s', TypeError],
  ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL: ["Unexpected argument '%s'. This command does not take positional arguments", TypeError],
  ERR_PARSE_ARGS_UNKNOWN_OPTION: [(option, allowPositionals) => {
    const hint = allowPositionals ? `. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- ${JSON.stringify(option)}` : '';
    return `Unknown option '${option}'${hint}`;
  }, TypeError],
  ERR_TEST_FAILURE: [function (error, failureType) {
    this.failureType = failureType;
    this.cause = error;
    const message = error?.message ?? error;
    return typeof message === 'string' ? message : inspect(message);
  }, Error],

  // Async hooks, events, timers
  ERR_ASYNC_CALLBACK: ['%s must be a function', TypeError],
  ERR_ASYNC_TYPE: ['Invalid name for async "type": %s', TypeError],
  ERR_EVENT_RECURSION: ['The event "%s" is already being dispatched', Error],
  ERR_INVALID_ASYNC_ID: ['Invalid %s value: %s', RangeError],
  ERR_UNHANDLED_ERROR: [(error) => (error === undefined ? 'Unhandled error.' : `Unhandled error. (${error})`), Error],
  ERR_PERFORMANCE_INVALID_TIMESTAMP: ['%d is not a valid timestamp', TypeError],
  ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS: ['%s', TypeError],
  ERR_VALID_PERFORMANCE_ENTRY_TYPE: ['At least one valid performance entry type is required', Error],

  // Buffers, encodings, strings
  ERR_BUFFER_OUT_OF_BOUNDS: [(name) => (name === undefined ? 'Attempt to access memory outside buffer bounds' :
    `"${name}" is outside of buffer bounds`), RangeError],
  ERR_BUFFER_TOO_LARGE: ['Cannot create a Buffer larger than %s bytes', RangeError],
  ERR_ENCODING_INVALID_ENCODED_DATA: [function (encoding, result) {
    this.errno = result;
    return `The encoded data was not valid for encoding ${encoding}`;
  }, TypeError],
  ERR_ENCODING_NOT_SUPPORTED: ['The "%s" encoding is not supported', RangeError],
  ERR_INVALID_BUFFER_SIZE: ['Buffer size must be a multiple of %s', RangeError],
  ERR_MEMORY_ALLOCATION_FAILED: ['Failed to allocate memory', Error],
  ERR_STRING_TOO_LONG: ['Cannot create a string longer than 0x1fffffe8 characters', Error],
  ERR_UNKNOWN_ENCODING: ['Unknown encoding: %s', TypeError],

  // Streams
  ERR_STREAM_ALREADY_FINISHED: ['Cannot call %s after a stream was finished', Error],
  ERR_STREAM_CANNOT_PIPE: ['Cannot pipe, not readable', Error],
  ERR_STREAM_DESTROYED: ['Cannot call %s after a stream was destroyed', Error],
  ERR_STREAM_NULL_VALUES: ['May not write null values to stream', TypeError],
  ERR_STREAM_PREMATURE_CLOSE: ['Premature close', Error],
  ERR_STREAM_PUSH_AFTER_EOF: ['stream.push() after EOF', Error],
  ERR_STREAM_UNABLE_TO_PIPE: ['Cannot pipe to a closed or destroyed stream', Error],
  ERR_STREAM_UNSHIFT_AFTER_END_EVENT: ['stream.unshift() after end event', Error],
  ERR_STREAM_WRAP: ['Stream has StringDecoder set or is in objectMode', Error],
  ERR_STREAM_WRITE_AFTER_END: ['write after end', Error],

  // Files
  ERR_DIR_CLOSED: ['Directory handle was closed', Error],
  ERR_DIR_CONCURRENT_OPERATION: ['Cannot do synchronous work on directory handle with concurrent asynchronous operations', Error],
  ERR_FS_CP_DIR_TO_NON_DIR: ['Cannot overwrite non-directory with directory', 'SystemError'],
  ERR_FS_CP_EEXIST: ['Target already exists', 'SystemError'],
  ERR_FS_CP_EINVAL: ['Invalid src or dest', 'SystemError'],
  ERR_FS_CP_FIFO_PIPE: ['Cannot copy a FIFO pipe', 'SystemError'],
  ERR_FS_CP_NON_DIR_TO_DIR: ['Cannot overwrite directory with non-directory', 'SystemError'],
  ERR_FS_CP_SOCKET: ['Cannot copy a socket file', 'SystemError'],
  ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY: ['Cannot overwrite symlink in subdirectory of self', 'SystemError'],
  ERR_FS_CP_UNKNOWN: ['Cannot copy an unknown file type', 'SystemError'],
  ERR_FS_EISDIR: ['Path is a directory', 'SystemError'],
  ERR_FS_FILE_TOO_LARGE: ['File size (%s) is greater than 2 GiB', RangeError],
  ERR_FS_INVALID_SYMLINK_TYPE: ['Symlink type must be one of "dir", "file", or "junction". Received "%s"', Error],
  ERR_INVALID_FD: ['"fd" must be a positive integer: %s', RangeError],
  ERR_INVALID_FD_TYPE: ['Unsupported fd type: %s', TypeError],
  ERR_SYSTEM_ERROR: ['A system error occurred', 'SystemError'],
  ERR_TTY_INIT_FAILED: ['TTY initialization failed', 'SystemError'],

  // URLs
  ERR_INVALID_FILE_URL_HOST: ['File URL host must be "localhost" or empty on %s', TypeError],
  ERR_INVALID_FILE_URL_PATH: [function (reason, input) {
    if (input !== undefined) this.input = input;
    return `File URL path ${reason}`;
  }, TypeError],
  ERR_INVALID_URI: ['URI malformed', URIError],
  ERR_INVALID_URL: [function (input, base = null) {
    this.input = input;
    if (base !== null && base !== undefined) this.base = base;
    return 'Invalid URL';
  }, TypeError],
  ERR_INVALID_URL_SCHEME: [(expected) => {
    const schemes = typeof expected === 'string' ? [expected] : expected;
    return `The URL must be ${schemes.length > 1 ? 'one of scheme' : 'of scheme'} ${formatList(schemes, 'or')}`;
  }, TypeError],
  ERR_UNESCAPED_CHARACTERS: ['%s contains unescaped characters', TypeError],

  // Networks
  ERR_ADDRINFO_SERVICE: ['%s', TypeError],
  ERR_HTTP_BODY_NOT_ALLOWED: ['Adding content for this request method or response status is not allowed.', Error],
  ERR_HTTP_CONTENT_LENGTH_MISMATCH: ["Response body's content-length of %s byte(s) does not match the content-length of %s byte(s) set in header", Error],
  ERR_HTTP_HEADERS_SENT: ['Cannot %s headers after they are sent to the client', Error],
  ERR_HTTP_INVALID_HEADER_VALUE: ['Invalid value "%s" for header "%s"', TypeError],
  ERR_HTTP_INVALID_STATUS_CODE: ['Invalid status code: %s', RangeError],
  ERR_HTTP_REQUEST_TIMEOUT: ['Request timeout', Error],
  ERR_HTTP_SOCKET_ASSIGNED: ['ServerResponse has an already assigned socket', Error],
  ERR_HTTP_SOCKET_ENCODING: ['Changing the socket encoding is not allowed per RFC7230 Section 3.', Error],
  ERR_HTTP_TRAILER_INVALID: ['Trailers are invalid with this transfer encoding', Error],
  ERR_INVALID_ADDRESS: ['Invalid address: %s', Error],
  ERR_INVALID_ADDRESS_FAMILY: [function (addressType, host, port) {
    this.host = host;
    this.port = port;
    return `Invalid address family: ${addressType} ${host}:${port}`;
  }, RangeError],
  ERR_INVALID_HANDLE_TYPE: ['This handle type cannot be sent', TypeError],
  ERR_INVALID_HTTP_TOKEN: ['%s must be a valid HTTP token ["%s"]', TypeError],
  ERR_INVALID_IP_ADDRESS: ['Invalid IP address: %s', TypeError],
  ERR_INVALID_PROTOCOL: ['Protocol "%s" not supported. Expected "%s"', TypeError],
  ERR_DNS_SET_SERVERS_FAILED: ['c-ares failed to set servers: "%s" [%s]', Error],
  ERR_PROXY_INVALID_CONFIG: ['%s', Error],
  ERR_PROXY_TUNNEL: ['%s', Error],
  ERR_SERVER_ALREADY_LISTEN: ['Listen method has been called more than once without closing.', Error],
  ERR_SERVER_NOT_RUNNING: ['Server is not running.', Error],
  ERR_SOCKET_ALREADY_BOUND: ['Socket is already bound', Error],
  ERR_SOCKET_BAD_BUFFER_SIZE: ['Buffer size must be a positive integer', TypeError],
  ERR_SOCKET_BAD_PORT: [socketBadPort, RangeError],
  ERR_SOCKET_BAD_TYPE: ['Bad socket type specified. Valid types are: udp4, udp6', TypeError],
  ERR_SOCKET_BUFFER_SIZE: ['Could not get or set buffer size', 'SystemError'],
  ERR_SOCKET_CLOSED: ['Socket is closed', Error],
  ERR_SOCKET_CLOSED_BEFORE_CONNECTION: ['Socket closed before the connection was established', Error],
  ERR_SOCKET_CONNECTION_TIMEOUT: ['Socket connection timeout', Error],
  ERR_SOCKET_DGRAM_IS_CONNECTED: ['Already connected', Error],
  ERR_SOCKET_DGRAM_NOT_CONNECTED: ['Not connected', Error],
  ERR_SOCKET_DGRAM_NOT_RUNNING: ['Not running', Error],

  // Processes, signals, workers
  ERR_CHILD_CLOSED_BEFORE_REPLY: ['Child closed before reply received', Error],
  ERR_CHILD_PROCESS_IPC_REQUIRED: ["Forked processes must have an IPC channel, missing value 'ipc' in %s", Error],
  ERR_CHILD_PROCESS_STDIO_MAXBUFFER: ['%s maxBuffer length exceeded', RangeError],
  ERR_DOMAIN_CALLBACK_NOT_AVAILABLE: ['A callback was registered through process.setUncaughtExceptionCaptureCallback(), which is mutually exclusive with using the `domain` module', Error],
  ERR_DOMAIN_CANNOT_SET_UNCAUGHT_EXCEPTION_CAPTURE: ['The `domain` module is in use, which is mutually exclusive with calling process.setUncaughtExceptionCaptureCallback()', Error],
  ERR_IPC_CHANNEL_CLOSED: ['Channel closed', Error],
  ERR_IPC_DISCONNECTED: ['IPC channel is already disconnected', Error],
  ERR_IPC_ONE_PIPE: ['Child process can have only one IPC pipe', Error],
  ERR_IPC_SYNC_FORK: ['IPC cannot be used with synchronous forks', Error],
  ERR_UNAVAILABLE_DURING_EXIT: ['Cannot call function in process exit handler', Error],
  ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET: ['`process.setupUncaughtExceptionCapture()` was called while a capture callback was already active', Error],
  ERR_UNHANDLED_REJECTION: [(reason) => 'This error originated either by throwing inside of an async function without a catch block, ' +
    `or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "${reason}".`, Error],
  ERR_UNKNOWN_CREDENTIAL: ['%s identifier does not exist: %s', Error],
  ERR_UNKNOWN_SIGNAL: ['Unknown signal: %s', TypeError],
  ERR_CLOSED_MESSAGE_PORT: ['Cannot send data on closed MessagePort', Error],
  ERR_INVALID_TRANSFER_OBJECT: ['Found invalid object in transferList', TypeError],
  ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST: ['Object that needs transfer was found in message but not listed in transferList', TypeError],
  ERR_MESSAGE_TARGET_CONTEXT_UNAVAILABLE: ['A message object could not be deserialized successfully in the target vm.Context', Error],
  ERR_TRANSFERRING_EXTERNALIZED_SHAREDARRAYBUFFER: ['Cannot transfer externalized SharedArrayBuffer', TypeError],
  ERR_WORKER_INIT_FAILED: ['Worker initialization failure: %s', Error],
  ERR_WORKER_INVALID_EXEC_ARGV: [(errors, text = 'invalid execArgv flags') => `Initiated Worker with ${text}: ${errors.join(', ')}`, Error],
  ERR_WORKER_NOT_RUNNING: ['Worker instance not running', Error],
  ERR_WORKER_OUT_OF_MEMORY: ['Worker terminated due to reaching memory limit: %s', Error],
  ERR_WORKER_PATH: [(filename) => "The worker script or module filename must be an absolute path or a relative path starting with './' or '../'. " +
    `Received "${filename}"`, TypeError],
  ERR_WORKER_UNSERIALIZABLE_ERROR: ['Serializing an uncaught exception failed', Error],
  ERR_WORKER_UNSUPPORTED_OPERATION: ['%s is not supported in workers', TypeError],

  // Modules
  ERR_EVAL_ESM_CANNOT_PRINT: ['--print cannot be used with ESM input', Error],
  ERR_IMPORT_ASSERTION_TYPE_FAILED: ['Module "%s" is not of type "%s"', TypeError],
  ERR_IMPORT_ASSERTION_TYPE_MISSING: ['Module "%s" needs an import attribute of type "%s"', TypeError],
  ERR_IMPORT_ASSERTION_TYPE_UNSUPPORTED: ['Import attribute type "%s" is unsupported', TypeError],
  ERR_IMPORT_ATTRIBUTE_MISSING: ['Module "%s" needs an import attribute of "%s: %s"', TypeError],
  ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE: ['Module "%s" is not of type "%s"', TypeError],
  ERR_IMPORT_ATTRIBUTE_UNSUPPORTED: ['Import attribute "%s" with value "%s" is not supported', TypeError],
  ERR_INPUT_TYPE_NOT_ALLOWED: ['--input-type can only be used with string input via --eval, --print, or STDIN', Error],
  ERR_INVALID_MODULE: ['Invalid module', Error],
  ERR_INVALID_MODULE_SPECIFIER: [(request, reason, base = undefined) => `Invalid module "${request}" ${reason}${importedFrom(base)}`, TypeError],
  ERR_INVALID_PACKAGE_CONFIG: [(path, base, message) =>
    `Invalid package config ${path}${base ? ` while importing ${base}` : ''}${message ? `. ${message}` : ''}`, Error],
  ERR_INVALID_PACKAGE_TARGET: [invalidPackageTarget, Error],
  ERR_INVALID_TYPESCRIPT_SYNTAX: ['%s', SyntaxError],
  ERR_LOADER_CHAIN_INCOMPLETE: ['"%s" did not call the next hook in its chain and did not explicitly signal a short circuit. ' +
    "If this is intentional, include `shortCircuit: true` in the hook's return.", Error],
  ERR_MODULE_NOT_FOUND: [moduleNotFound, Error],
  ERR_MODULE_LINK_MISMATCH: ['%s', TypeError],
  ERR_NETWORK_IMPORT_DISALLOWED: ["import of '%s' by %s is not supported: %s", Error],
  ERR_PACKAGE_IMPORT_NOT_DEFINED: [(specifier, directory, base) =>
    `Package import specifier "${specifier}" is not defined${directory ? ` in package ${directory}package.json` : ''}${importedFrom(base)}`, TypeError],
  ERR_PACKAGE_PATH_NOT_EXPORTED: [packagePathNotExported, Error],
  ERR_REQUIRE_ASYNC_MODULE: [requireAsyncModule, Error],
  ERR_REQUIRE_CYCLE_MODULE: ['%s', Error],
  ERR_REQUIRE_ESM: [requireEsm, Error],
  ERR_UNKNOWN_BUILTIN_MODULE: ['No such built-in module: %s', Error],
  ERR_UNKNOWN_FILE_EXTENSION: [(extension, path) => `Unknown file extension "${extension}" for ${path}`, TypeError],
  ERR_UNKNOWN_MODULE_FORMAT: ['Unknown module format: %s for URL %s', RangeError],
  ERR_UNSUPPORTED_DIR_IMPORT: [function (path, base, exactUrl) {
    if (exactUrl !== undefined) this.url = `${exactUrl}`;
    return `Directory import '${path}' is not supported resolving ES modules imported from ${base}`;
  }, Error],
  ERR_UNSUPPORTED_ESM_URL_SCHEME: [unsupportedScheme, Error],
  ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING: [
    'Stripping types is currently unsupported for files under node_modules, for "%s"', Error],
  ERR_UNSUPPORTED_RESOLVE_REQUEST: ['Failed to resolve module specifier "%s" from "%s": Invalid relative URL or base scheme is not hierarchical.', TypeError],
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX: ['%s', SyntaxError],
  ERR_DLOPEN_DISABLED: ['Cannot load native addon because loading addons is disabled.', Error],
  ERR_DLOPEN_FAILED: ['%s', Error],

  // vm
  ERR_CANNOT_WATCH_SIGINT: ['Cannot watch for SIGINT signals', Error],
  ERR_CONTEXT_DISPOSED: ['The context has been disposed of', Error],
  ERR_CONTEXT_MEMORY_LIMIT: ['The context has reached its memory limit', RangeError],
  ERR_CONTEXT_NOT_INITIALIZED: ['context used is not initialized', Error],
  ERR_SCRIPT_EXECUTION_INTERRUPTED: ['Script execution was interrupted by `SIGINT`', Error],
  ERR_SCRIPT_EXECUTION_TIMEOUT: ['Script execution timed out after %sms', Error],
  ERR_SOURCE_PHASE_NOT_DEFINED: ["Source phase import object is not defined for module '%s'", SyntaxError],
  ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING: ['A dynamic import callback was not specified.', TypeError],
  ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG: ['A dynamic import callback was invoked without --experimental-vm-modules', TypeError],
  ERR_VM_MODULE_ALREADY_LINKED: ['Module has already been linked', Error],
  ERR_VM_MODULE_CACHED_DATA_REJECTED: ['cachedData buffer was rejected', Error],
  ERR_VM_MODULE_CANNOT_CREATE_CACHED_DATA: ['Cached data cannot be created for a module which has been evaluated', Error],
  ERR_VM_MODULE_DIFFERENT_CONTEXT: ['Linked modules must use the same context', Error],
  ERR_VM_MODULE_LINKING_ERRORED: ['Linking has already failed for the provided module', Error],
  ERR_VM_MODULE_LINK_FAILURE: [function (message, cause) {
    Object.defineProperty(this, 'cause', { __proto__: null, value: cause, writable: true, enumerable: false, configurable: true });
    return message;
  }, Error],
  ERR_VM_MODULE_NOT_MODULE: ['Provided module is not an instance of Module', Error],
  ERR_VM_MODULE_STATUS: ['Module status %s', Error],

  // Crypto, compression, TLS, inspection: enough for programs that only look at the code
  ERR_BROTLI_INVALID_PARAM: ['%s is not a valid Brotli parameter', RangeError],
  ERR_ZSTD_INVALID_PARAM: ['%s is not a valid zstd parameter', RangeError],
  ERR_ZLIB_INITIALIZATION_FAILED: ['Initialization failed', Error],
  ERR_CRYPTO_HASH_FINALIZED: ['Digest already called', Error],
  ERR_CRYPTO_HASH_UPDATE_FAILED: ['Hash update failed', Error],
  ERR_CRYPTO_INCOMPATIBLE_KEY: ['Incompatible %s: %s', Error],
  ERR_CRYPTO_INVALID_DIGEST: ['Invalid digest: %s', TypeError],
  ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS: ['The selected key encoding %s %s.', Error],
  ERR_CRYPTO_INVALID_CURVE: ['Invalid EC curve name', TypeError],
  ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE: ['Invalid key object type %s, expected %s.', TypeError],
  ERR_CRYPTO_UNSUPPORTED_OPERATION: ['Unsupported crypto operation', Error],
  ERR_CRYPTO_INVALID_KEYLEN: ['Invalid key length', RangeError],
  ERR_CRYPTO_INVALID_STATE: ['Invalid state for operation %s', Error],
  ERR_CRYPTO_PBKDF2_ERROR: ['PBKDF2 error', Error],
  ERR_CRYPTO_SCRYPT_INVALID_PARAMETER: ['Invalid scrypt parameter', Error],
  ERR_CRYPTO_SCRYPT_NOT_SUPPORTED: ['Scrypt algorithm not supported', Error],
  ERR_CRYPTO_SIGN_KEY_REQUIRED: ['No key provided to sign', Error],
  ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH: ['Input buffers must have the same byte length', RangeError],
  ERR_CRYPTO_UNKNOWN_CIPHER: ['Unknown cipher', Error],
  ERR_CRYPTO_UNKNOWN_DH_GROUP: ['Unknown DH group', Error],
  ERR_INSPECTOR_ALREADY_ACTIVATED: ['Inspector is already activated. Close it with inspector.close() before activating it again.', Error],
  ERR_INSPECTOR_ALREADY_CONNECTED: ['%s is already connected', Error],
  ERR_INSPECTOR_CLOSED: ['Session was closed', Error],
  ERR_INSPECTOR_COMMAND: ['Inspector error %d: %s', Error],
  ERR_INSPECTOR_NOT_ACTIVE: ['Inspector is not active', Error],
  ERR_INSPECTOR_NOT_AVAILABLE: ['Inspector is not available', Error],
  ERR_INSPECTOR_NOT_CONNECTED: ['Session is not connected', Error],
  ERR_INSPECTOR_NOT_WORKER: ['Current thread is not a worker', Error],
  ERR_INVALID_CURSOR_POS: ['Cannot set cursor row without setting its column', TypeError],
  ERR_INVALID_REPL_INPUT: ['%s', TypeError],
  ERR_TLS_CERT_ALTNAME_INVALID: [function (reason, host, cert) {
    this.reason = reason;
    this.host = host;
    this.cert = cert;
    return `Hostname/IP does not match certificate's altnames: ${reason}`;
  }, Error],
  ERR_TLS_HANDSHAKE_TIMEOUT: ['TLS handshake timeout', Error],
  ERR_TRACE_EVENTS_CATEGORY_REQUIRED: ['At least one category is required', TypeError],
  ERR_TRACE_EVENTS_UNAVAILABLE: ['Trace events are unavailable', Error],
  ERR_WASI_ALREADY_STARTED: ['WASI instance has already started', Error],
  ERR_WEBASSEMBLY_NOT_SUPPORTED: ['WebAssembly is not supported: %s', Error],
  ERR_WEBASSEMBLY_RESPONSE: ['WebAssembly response %s', TypeError],
};

module.exports = { determineSpecificType, formatList, groupDigits, messages };
