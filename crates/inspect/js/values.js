// Shows a heap's values to debuggers: the domains Runtime and Console, and what Debugger says of frames.
// Must not know how messages come and go, nor what stops the program. The host runs it in a realm of its
// own in the heap that it shows, and offers it `given`.
//
// This and the files beside it are one function's body, in the order that src/protocol/mod.rs names. Its
// value has `call(session, method, text)`, whose answer is what the method answers, or undefined where
// the answer comes later by `native.send`. This file: contexts, and sessions with their objects.

const { apply, getPrototypeOf, set: setProperty, ownKeys, getOwnPropertyDescriptor } = Reflect;
const { create, defineProperty, freeze, is } = Object;
const { isArray } = Array;
const { stringify, parse } = JSON;
const toString = Function.prototype.toString;
const describeDate = Date.prototype.toString;
const describeSymbol = Symbol.prototype.toString;
const then = Promise.prototype.then;
const typedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
const typedArrayLength = getOwnPropertyDescriptor(typedArrayPrototype, 'length').get;
const typedArrayTag = getOwnPropertyDescriptor(typedArrayPrototype, Symbol.toStringTag).get;
const mapSize = getOwnPropertyDescriptor(Map.prototype, 'size').get;
const setSize = getOwnPropertyDescriptor(Set.prototype, 'size').get;
const bufferLength = getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get;
const viewLength = getOwnPropertyDescriptor(DataView.prototype, 'byteLength').get;
const regexpSource = getOwnPropertyDescriptor(RegExp.prototype, 'source').get;
const regexpFlags = getOwnPropertyDescriptor(RegExp.prototype, 'flags').get;
const primitiveOf = {
  Number: Number.prototype.valueOf, String: String.prototype.valueOf, Boolean: Boolean.prototype.valueOf,
  Symbol: Symbol.prototype.valueOf, BigInt: BigInt.prototype.valueOf,
};

// The names of this file are taken before anything of the program's runs in its realm, and the realm's
// objects are frozen: nothing that the program changes is used here, nor can it change what is.

// What the program's own realm has: for values that it gets.
const main = given.main;

// A list that native code or the program made, with nothing of what it inherits.
function listOf(list) {
  if (list === undefined || list === null) return list;
  const copy = [];
  for (let i = 0; i < list.length; i++) copy[i] = list[i];
  return copy;
}

// What the host offers: its lists and objects are of the program's realm.
const native = {
  __proto__: given,
  getProxyDetails: (value) => listOf(given.getProxyDetails(value)),
  getPromiseDetails: (value) => listOf(given.getPromiseDetails(value)),
  previewEntries(value) {
    const found = listOf(given.previewEntries(value));
    return found && [listOf(found[0]), found[1]];
  },
  frames: (whole) => listOf(given.frames(whole)).map((frame) => ({ ...frame, variables: listOf(frame.variables)?.map(listOf) })),
  describe(callee) {
    const described = given.describe(callee);
    return described && { ...described, variables: listOf(described.variables).map(listOf) };
  },
  scriptOfFile: (file) => given.scriptOf(0, file.startsWith('file://') ? decodeURI(file.slice(7)) : file),
  lexicals: () => listOf(given.lexicals()),
  bound: (callee) => listOf(given.bound(callee)),
  // Of private methods there is a mark without a name.
  privates: (value) => listOf(given.privates(value)).map(listOf).filter(([name]) => /^#/.test(name)),
};

// Freezes what code of this realm is made of. Some of it may come to the program in objects that are
// made here, such as the lists of a function's bound arguments.
function freezeAll(values) {
  const seen = new Set();
  const left = [...values];
  while (left.length > 0) {
    const value = left.pop();
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
    seen.add(value);
    left.push(getPrototypeOf(value));
    for (const key of ownKeys(value)) {
      const { value: held, get, set } = getOwnPropertyDescriptor(value, key);
      left.push(held, get, set);
    }
  }
  for (const value of seen) if (value !== globalThis) freeze(value);
}

const kFamilies = new Set([main.Error, getPrototypeOf(main.Uint8Array)]);

// What a script without a name is called in stacks.
const kUnnamed = '<anonymous>';
const kKeptMessages = 1000;
const kPreviewNames = 5;
const kPreviewIndexes = 100;
const kPreviewText = 100;

class ProtocolError extends Error {
  #own;

  constructor(message, code = -32000, data = undefined) {
    super(message);
    this.code = code;
    this.data = data;
  }

  // Asks nothing of the value, which may be a proxy.
  static is(value) {
    return typeof value === 'object' && value !== null && #own in value;
  }
}

// ---- Contexts ----

const contexts = new Map();
let lastContext = 0;
let mainContext;

function addContext(object, name, origin) {
  const id = ++lastContext;
  const context = {
    id, name, origin,
    uniqueId: `${native.uniqueNumber(id)}.${native.uniqueNumber(id + 0x5eed)}`,
    object: object === null ? null : new WeakRef(object),
  };
  contexts.set(id, context);
  if (object === null) mainContext = id;
  for (const session of sessions.values()) {
    if (session.enabled) emit(session, 'Runtime.executionContextCreated', { context: describeContext(context) });
  }
  return id;
}

function describeContext({ id, name, origin, uniqueId, object }) {
  return { id, origin: origin ?? '', name, uniqueId, auxData: { isDefault: object === null } };
}

// Contexts whose sandbox has gone are told once somebody looks.
function sweepContexts() {
  for (const context of contexts.values()) {
    if (context.object === null || context.object.deref() !== undefined) continue;
    contexts.delete(context.id);
    for (const session of sessions.values()) {
      if (!session.enabled) continue;
      emit(session, 'Runtime.executionContextDestroyed',
           { executionContextId: context.id, executionContextUniqueId: context.uniqueId });
    }
  }
}

function contextOf({ contextId, executionContextId, uniqueContextId }) {
  const id = contextId ?? executionContextId;
  let context;
  if (uniqueContextId !== undefined) {
    if (id !== undefined) {
      throw new ProtocolError('contextId and uniqueContextId are mutually exclusive', -32602);
    }
    context = [...contexts.values()].find((one) => one.uniqueId === uniqueContextId);
    if (context === undefined) throw new ProtocolError('uniqueContextId not found', -32602);
  } else {
    context = contexts.get(id ?? mainContext);
  }
  const object = context?.object === null ? null : context?.object.deref();
  if (object === undefined) throw new ProtocolError('Cannot find context with specified id');
  return { id: context.id, object };
}

// ---- Sessions and their objects ----

const sessions = new Map();

function sessionOf(id) {
  let session = sessions.get(id);
  if (session === undefined) {
    session = { id, enabled: false, console: false, asyncDepth: 0, objects: new Map(), last: 0, bindings: new Set() };
    sessions.set(id, session);
  }
  return session;
}

function emit(session, method, params) {
  native.send(session.id, stringify({ method, params }));
}

function keep(session, value, group, context = mainContext) {
  const id = `1.${context}.${++session.last}`;
  session.objects.set(id, { value, group, context });
  return id;
}

function find(session, objectId) {
  const kept = session.objects.get(objectId);
  if (kept !== undefined) return kept;
  if (typeof objectId === 'string' && /^-?\d+\.\d+\.\d+$/.test(objectId)) {
    throw new ProtocolError('Could not find object with given id');
  }
  throw new ProtocolError('Invalid remote object id');
}

// What a scope is while its frame is stopped, or the variables that a function captured.
class Scope {
  #own;

  static is(value) {
    return typeof value === 'object' && value !== null && #own in value;
  }

  constructor(variables, get, set) {
    this.variables = variables;
    this.get = get;
    this.set = set;
  }

  // [name, read, write, constant], each name once, the innermost one.
  entries() {
    const seen = new Map();
    for (const variable of this.variables) {
      const [name] = variable;
      if (isName(name) && !seen.has(name)) seen.set(name, variable);
    }
    return [...seen.values()];
  }
}

class Scopes {
  #own;

  static is(value) {
    return typeof value === 'object' && value !== null && #own in value;
  }

  constructor(list) {
    this.list = list;
  }
}

function isName(name) {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name) && name !== 'this';
}
