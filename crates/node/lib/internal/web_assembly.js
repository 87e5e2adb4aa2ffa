'use strict';
// WebAssembly's interfaces, in the main realm, by an interpreter (`internalBinding('web_assembly')`).
//
// What refers to each other lies in a *group*, a store of the interpreter. A module gets one of its own, unless
// it imports what is in another one: then it joins that. JavaScript has a copy of each memory that it looks
// at, which is written back before anything runs, and read again afterwards.

const { addKind } = require('internal/structured_clone');
const { refuseClones } = require('internal/uncloneable');

const native = internalBinding('web_assembly');

const bufferTransfer = ArrayBuffer.prototype.transfer;
const bufferDetached = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'detached').get;

const { fround } = Math;

function hidden(object, key, value) {
  Object.defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

function errorClass(name) {
  const Class = { [name]: class extends Error { constructor(message, options = undefined) { super(message, options); } } }[name];
  hidden(Class.prototype, 'name', name);
  hidden(Class.prototype, 'message', '');
  return Class;
}
const CompileError = errorClass('CompileError');
const LinkError = errorClass('LinkError');
const RuntimeError = errorClass('RuntimeError');
const SuspendError = errorClass('SuspendError');

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
const isBufferSource = (value) => ArrayBuffer.isView(value) || require('internal/util/types').isAnyArrayBuffer(value);

function bytesOf(bytes, what) {
  if (!isBufferSource(bytes)) throw new TypeError(`WebAssembly.${what}(): Argument 0 must be a buffer source`);
  const view = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  if (view.length === 0) throw new CompileError(`WebAssembly.${what}(): BufferSource argument is empty`);
  return view;
}

// Groups.

class Group {
  constructor() {
    [this.id, this.handle] = native.group();
    this.imports = []; // functions of JavaScript's, by their numbers
    this.functions = new Map(); // what programs have of functions, by their numbers
    this.values = []; // those that the interpreter has references to, and their numbers
    this.numbers = new Map();
    this.memories = new Map(); // the interfaces, by numbers
    this.tables = new Map();
    this.globals = new Map();
    this.copied = []; // memories that JavaScript has a copy of
  }

  // What JavaScript wrote becomes the interpreter's. Where a call ended before what it wrote was read, as at a
  // timeout, that is read first; one that has grown then takes itself off the list.
  write() {
    for (let i = this.copied.length - 1; i >= 0; i--) this.copied[i].write();
  }

  // One that has grown takes itself off the list.
  read() {
    for (let i = this.copied.length - 1; i >= 0; i--) this.copied[i].read();
  }

  call(func, args) {
    this.write();
    let step = native.call(this.id, func, args);
    while (step[0] === 1) {
      this.read();
      let results;
      try {
        results = this.imports[step[1]](step[2]);
      } catch (error) {
        native.abandon(this.id, step[3]);
        throw error;
      }
      this.write();
      step = native.resume(this.id, step[3], results);
    }
    if (step[0] === 3) return this.imports[step[1]](args);
    this.read();
    if (step[0] === 0) return step[1];
    throw step[1] === null ? new RangeError('Maximum call stack size exceeded') : new RuntimeError(step[1]);
  }

  toWasm(type, value) {
    switch (type) {
      case 'i32': return value | 0;
      case 'i64': return BigInt.asIntN(64, typeof value === 'bigint' ? value : toBigInt(value));
      case 'f32': return fround(value);
      case 'f64': return +value;
      case 'externref':
        if (value === null) return null;
        return this.numberOf(value);
      case 'anyfunc': {
        if (value === null) return null;
        const known = exported.get(value);
        if (known === undefined || known.group !== this) {
          throw new TypeError('WebAssembly objects are opaque: a function reference is null or a function of the same modules');
        }
        return known.func;
      }
      default: throw new TypeError('type incompatibility when transforming from/to JS');
    }
  }

  // What an instance was ever given a reference to stays as long as it does.
  numberOf(value) {
    let number = this.numbers.get(value);
    if (number === undefined) {
      number = this.values.push(value) - 1;
      this.numbers.set(value, number);
    }
    return number;
  }

  toJs(type, value) {
    if (value === null) return null;
    if (type === 'externref') return this.values[value];
    return type === 'anyfunc' ? this.functionOf(value) : value;
  }

  // The function that programs have of one of the interpreter's.
  functionOf(func, name = func) {
    let made = this.functions.get(func);
    if (made !== undefined) return made;
    const { 0: params, 1: results } = native.funcType(this.id, func);
    const group = this;
    made = {
      f(...args) {
        const given = params.map((type, i) => group.toWasm(type, args[i]));
        const answers = group.call(func, given);
        if (answers.length === 1) return group.toJs(results[0], answers[0]);
        return answers.length === 0 ? undefined : answers.map((value, i) => group.toJs(results[i], value));
      },
    }.f;
    Object.defineProperties(made, {
      name: { __proto__: null, value: `${name}`, configurable: true },
      length: { __proto__: null, value: params.length, configurable: true },
    });
    exported.set(made, { group: this, func });
    this.functions.set(func, made);
    return made;
  }
}

function toBigInt(value) {
  if (typeof value === 'number') throw new TypeError(`Cannot convert ${value} to a BigInt`);
  return BigInt(value);
}

// The interpreter's numbers of functions that programs have.
const exported = new WeakMap();

// What programs make by themselves.
let common;
const commonGroup = () => common ??= new Group();

// Interfaces.

const inner = Symbol('inner');
// What objects of an interface stand for: its group and number there.
const slotsBy = { __proto__: null };
const slotsOf = (name, value) => slotsBy[name](value);
// Makes an object of an interface for what is there already.
const wrap = (Class, slots) => new Class(inner, slots);

function receiver(Class, what) {
  throw new TypeError(`WebAssembly.${what}: Receiver is not a WebAssembly.${Class}`);
}

class Module {
  #compiled;

  constructor(bytes, compiled = undefined) {
    this.#compiled = bytes === inner ? compiled : compileBytes(bytesOf(bytes, 'Module'), 'Module');
  }

  static { addKind((value) => (#compiled in value ? wrap(Module, value.#compiled) : undefined)); }

  static #of(value, what) {
    if (!isObject(value) || !(#compiled in value)) {
      throw new TypeError(`WebAssembly.${what}: Argument 0 must be a WebAssembly.Module`);
    }
    return value.#compiled;
  }

  static imports(module) {
    return Module.#of(module, 'Module.imports()').imports.map(({ 0: from, 1: name, 2: kind }) => ({ module: from, name, kind }));
  }

  static exports(module) {
    return Module.#of(module, 'Module.exports()').exports.map(({ 0: name, 1: kind }) => ({ name, kind }));
  }

  static customSections(module, sectionName) {
    const { sections } = Module.#of(module, 'Module.customSections()');
    if (sectionName === undefined) throw new TypeError('WebAssembly.Module.customSections(): Argument 1 is required');
    return sections.filter(({ 0: name }) => name === `${sectionName}`).map(({ 1: bytes }) => bytes.slice(0));
  }

  static takeOf() {
    delete Module.takeOf;
    return (value, what) => Module.#of(value, what);
  }
}
const compiledOf = Module.takeOf();

function compileBytes(bytes, what) {
  const compiled = native.compile(bytes);
  if (typeof compiled === 'string') throw new CompileError(`WebAssembly.${what}(): ${compiled}`);
  return compiled;
}

class Instance {
  static { refuseClones((value) => #exports in value); }

  #exports;

  constructor(module, importObject = undefined) {
    this.#exports = instantiate(compiledOf(module, 'Instance()'), importObject, 'Instance');
  }

  get exports() {
    if (!isObject(this) || !(#exports in this)) receiver('Instance', 'Instance.exports');
    return this.#exports;
  }
}

const listOf = (types) => (types ? types.split(',') : []);

const kInterfaces = { __proto__: null, memory: 'Memory', table: 'Table', global: 'Global' };

function instantiate(compiled, importObject, what) {
  const { id, imports, exports } = compiled;
  if (importObject !== undefined && !isObject(importObject)) {
    throw new TypeError(`WebAssembly.${what}(): Argument 1 must be an object`);
  }
  if (imports.length > 0 && importObject === undefined) {
    throw new TypeError(`WebAssembly.${what}(): Imports argument must be present and must be an object`);
  }
  let group;
  const found = imports.map(({ 0: from, 1: name, 2: kind, 3: type, 4: answers }, at) => {
    const where = `WebAssembly.${what}(): Import #${at} "${from}"`;
    const holder = importObject[from];
    if (!isObject(holder)) throw new TypeError(`${where}: module is not an object or function`);
    const value = holder[name];
    const refuse = (text) => { throw new LinkError(`${where} "${name}": ${text}`); };
    let slots;
    if (kind === 'function') {
      if (typeof value !== 'function') refuse('function import requires a callable');
      slots = exported.get(value);
    } else {
      if (kind === 'global' && (typeof value === 'number' || typeof value === 'bigint')) {
        if ((typeof value === 'bigint') !== (type === 'i64')) refuse('global import must be a number, valid Wasm reference, or WebAssembly.Global object');
        return { value, type };
      }
      slots = slotsOf(kInterfaces[kind], value);
      if (slots === undefined) {
        refuse(kind === 'global' ? 'global import must be a number, valid Wasm reference, or WebAssembly.Global object'
          : `${kind} import must be a WebAssembly.${kInterfaces[kind]} object`);
      }
    }
    if (slots !== undefined) group ??= slots.group;
    return { value, slots, kind, params: listOf(type), results: listOf(answers) };
  });
  group ??= new Group();
  const numbers = found.map(({ value, slots, type, kind }) => {
    if (slots === undefined) return type === undefined ? -1 : native.global(group.id, type, false, group.toWasm(type, value));
    if (slots.group === group) return slots.func ?? slots.number;
    // A function of other modules is called as any function is; all else has one store.
    if (kind === 'function') return -1;
    throw new LinkError(`WebAssembly.${what}(): imports of several modules that have nothing in common are not supported`);
  });
  group.write();
  const made = native.instantiate(group.id, id, numbers);
  group.read();
  const called = found.filter((_, i) => numbers[i] === -1 && imports[i][2] === 'function');
  const failed = typeof made[0] === 'boolean';
  made[failed ? 2 : 1].forEach((number, i) => {
    group.imports[number] = importedBy(group, called[i]);
  });
  if (failed) {
    throw new (made[0] ? RuntimeError : LinkError)(made[0] ? made[1] : `WebAssembly.${what}(): ${made[1]}`);
  }
  const result = Object.create(null);
  exports.forEach(({ 0: name, 1: kind, 2: index }, i) => {
    const number = made[0][i];
    const value = kind === 'function' ? group.functionOf(number, index) : interfaceOf(group, kind, number);
    Object.defineProperty(result, name, { __proto__: null, value, enumerable: true });
  });
  return Object.freeze(result);
}

// What calls an imported function with the interpreter's values, and answers such.
function importedBy(group, { value: f, params, results }) {
  return (args) => {
    const value = Reflect.apply(f, undefined, args.map((arg, i) => group.toJs(params[i], arg)));
    if (results.length === 0) return [];
    if (results.length === 1) return [group.toWasm(results[0], value)];
    const all = [...value];
    if (all.length !== results.length) throw new TypeError('multi-return length mismatch');
    return all.map((item, i) => group.toWasm(results[i], item));
  };
}

function interfaceOf(group, kind, number) {
  const of = kind === 'memory' ? group.memories : kind === 'table' ? group.tables : group.globals;
  let made = of.get(number);
  if (made === undefined) {
    made = wrap(kind === 'memory' ? Memory : kind === 'table' ? Table : Global, { group, number });
    of.set(number, made);
  }
  return made;
}

// A limit of a descriptor; undefined where it is not given and need not be.
function limit(descriptor, key, most, what, isNeeded) {
  const value = descriptor[key];
  if (value === undefined) {
    if (isNeeded) throw new TypeError(`WebAssembly.${what}(): Property 'initial' is required`);
    return undefined;
  }
  const number = Number(value);
  if (!Number.isFinite(number)) {
    throw new TypeError(`WebAssembly.${what}(): Property '${key}': value ${value} is ${Number.isNaN(number) ? 'not a number' : 'above the upper bound'}`);
  }
  const whole = Math.trunc(number);
  if (whole < 0) throw new TypeError(`WebAssembly.${what}(): Property '${key}': value ${value} is below the lower bound`);
  if (whole > most) throw new TypeError(`WebAssembly.${what}(): Property '${key}': value ${value} is above the upper bound`);
  return whole;
}

function descriptorOf(value, what, kind) {
  if (!isObject(value)) throw new TypeError(`WebAssembly.${what}(): Argument 0 must be a ${kind} descriptor`);
  return value;
}

class Memory {
  static { refuseClones((value) => #slots in value); }

  #slots;

  constructor(descriptor, slots = undefined) {
    if (descriptor === inner) {
      this.#slots = slots;
    } else {
      descriptorOf(descriptor, 'Memory', 'memory');
      const initial = limit(descriptor, 'initial', 65536, 'Memory', true);
      const maximum = limit(descriptor, 'maximum', 65536, 'Memory', false);
      if (maximum !== undefined && maximum < initial) {
        throw new RangeError(`WebAssembly.Memory(): Property 'maximum': value ${maximum} is below the lower bound ${initial}`);
      }
      if (descriptor.shared) throw new TypeError('WebAssembly.Memory(): shared memories are not available');
      const group = commonGroup();
      this.#slots = { group, number: maximum === undefined ? native.memory(group.id, initial) : native.memory(group.id, initial, maximum) };
      group.memories.set(this.#slots.number, this);
    }
    this.#slots.buffer = undefined;
    this.#slots.write = () => {
      const { group, number, buffer } = this.#slots;
      if (buffer !== undefined && !native.memoryWrite(group.id, number, buffer)) this.#slots.read();
    };
    this.#slots.read = () => {
      const { group, number, buffer } = this.#slots;
      if (buffer === undefined) return;
      if (native.memorySize(group.id, number) === buffer.byteLength) {
        native.memoryRead(group.id, number, buffer);
        return;
      }
      // It has grown: the old buffer is no more.
      this.#slots.buffer = undefined;
      group.copied.splice(group.copied.indexOf(this.#slots), 1);
      if (!Reflect.apply(bufferDetached, buffer, [])) Reflect.apply(bufferTransfer, buffer, [0]);
    };
  }

  get buffer() {
    const slots = Memory.#check(this, 'Memory.buffer');
    if (slots.buffer !== undefined && Reflect.apply(bufferDetached, slots.buffer, [])) {
      slots.group.copied.splice(slots.group.copied.indexOf(slots), 1);
      slots.buffer = undefined;
    }
    if (slots.buffer !== undefined && native.memoryAhead(slots.group.id, slots.number)) slots.read();
    if (slots.buffer === undefined) {
      const { group, number } = slots;
      const buffer = new ArrayBuffer(native.memorySize(group.id, number));
      native.memoryRead(group.id, number, buffer);
      // No buffer is handed out that is not on the list, wherever this ends.
      if (!group.copied.includes(slots)) group.copied.push(slots);
      slots.buffer = buffer;
    }
    return slots.buffer;
  }

  grow(delta) {
    const slots = Memory.#check(this, 'Memory.grow()');
    const by = limit({ delta }, 'delta', 65536, 'Memory.grow', true);
    slots.write();
    const before = native.memoryGrow(slots.group.id, slots.number, by);
    if (before === undefined || before === null) throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded');
    slots.read();
    return before;
  }

  static #check(value, what) { return slotsOf('Memory', value) ?? receiver('Memory', what); }

  static {
    slotsBy.Memory = (value) => (isObject(value) && #slots in value ? value.#slots : undefined);
  }
}

class Table {
  static { refuseClones((value) => #slots in value); }

  #slots;

  constructor(descriptor, value = undefined) {
    if (descriptor === inner) {
      this.#slots = value;
      return;
    }
    descriptorOf(descriptor, 'Table', 'table');
    const element = `${descriptor.element}`;
    if (element !== 'anyfunc' && element !== 'externref') {
      throw new TypeError("WebAssembly.Table(): Descriptor property 'element' must be a WebAssembly reference type");
    }
    const initial = limit(descriptor, 'initial', 10000000, 'Table', true);
    const maximum = limit(descriptor, 'maximum', 0xffffffff, 'Table', false);
    if (maximum !== undefined && maximum < initial) {
      throw new RangeError(`WebAssembly.Table(): Property 'maximum': value ${maximum} is below the lower bound ${initial}`);
    }
    const group = groupOf(value);
    const given = value === undefined && element === 'anyfunc' ? null : value;
    const number = native.table(group.id, element, initial, maximum ?? null, group.toWasm(element, given));
    this.#slots = { group, number };
    group.tables.set(number, this);
  }

  get length() {
    const { group, number } = Table.#check(this, 'Table.length');
    return native.tableSize(group.id, number);
  }

  get(index) {
    const { group, number } = Table.#check(this, 'Table.get()');
    const found = native.tableGet(group.id, number, indexOf(index, 'get'));
    if (found === undefined) throw new RangeError(`WebAssembly.Table.get(): invalid address ${index} in table of size ${this.length}`);
    return group.toJs(found[0] ? 'anyfunc' : 'externref', found[1]);
  }

  set(index, value = null) {
    const slots = Table.#check(this, 'Table.set()');
    const { group, number } = slots;
    const at = indexOf(index, 'set');
    const given = group.toWasm(elementOf(slots), value);
    if (!native.tableSet(group.id, number, at, given)) {
      throw new RangeError(`WebAssembly.Table.set(): invalid address ${index} in table of size ${this.length}`);
    }
  }

  grow(delta, value = null) {
    const slots = Table.#check(this, 'Table.grow()');
    const { group, number } = slots;
    const by = limit({ delta }, 'delta', 0xffffffff, 'Table.grow', true);
    const before = native.tableGrow(group.id, number, by, group.toWasm(elementOf(slots), value));
    if (before === undefined || before === null) throw new RangeError(`WebAssembly.Table.grow(): failed to grow table by ${by}`);
    return before;
  }

  static #check(value, what) { return slotsOf('Table', value) ?? receiver('Table', what); }

  static {
    slotsBy.Table = (value) => (isObject(value) && #slots in value ? value.#slots : undefined);
  }
}

const elementOf = ({ group, number }) => native.tableElement(group.id, number);
const groupOf = (value) => exported.get(value)?.group ?? commonGroup();

function indexOf(value, what) {
  const number = Math.trunc(Number(value));
  if (!(number >= 0 && number <= 0xffffffff)) throw new TypeError(`WebAssembly.Table.${what}(): Argument 0 must be convertible to a valid number`);
  return number;
}

class Global {
  static { refuseClones((value) => #slots in value); }

  #slots;

  constructor(descriptor, value = undefined) {
    if (descriptor === inner) {
      this.#slots = value;
      return;
    }
    descriptorOf(descriptor, 'Global', 'global');
    const mutable = Boolean(descriptor.mutable);
    const type = `${descriptor.value}`;
    if (!['i32', 'i64', 'f32', 'f64', 'externref', 'anyfunc'].includes(type)) {
      throw new TypeError("WebAssembly.Global(): Descriptor property 'value' must be a WebAssembly type");
    }
    const group = groupOf(value);
    const missing = type === 'i64' ? 0n : type === 'anyfunc' ? null : type === 'externref' ? undefined : 0;
    const given = group.toWasm(type, value === undefined ? missing : value);
    const number = native.global(group.id, type, mutable, given);
    this.#slots = { group, number };
    group.globals.set(number, this);
  }

  get value() {
    const { group, number } = Global.#check(this, 'Global.value');
    return group.toJs(native.globalType(group.id, number).replace('mut ', ''), native.globalGet(group.id, number));
  }

  set value(value) {
    const { group, number } = Global.#check(this, 'Global.value');
    const type = native.globalType(group.id, number);
    if (!type.startsWith('mut ')) throw new TypeError("set WebAssembly.Global.value: Can't set the value of an immutable global.");
    native.globalSet(group.id, number, group.toWasm(type.slice(4), value));
  }

  valueOf() { return this.value; }

  static #check(value, what) { return slotsOf('Global', value) ?? receiver('Global', what); }

  static {
    slotsBy.Global = (value) => (isObject(value) && #slots in value ? value.#slots : undefined);
  }
}

// What the interpreter does not have.

const missing = (what) => new CompileError(`WebAssembly.${what}: exceptions and suspending are not available in this runtime`);
class Tag { constructor() { throw missing('Tag()'); } }
class Exception { constructor() { throw missing('Exception()'); } }
class Suspending { constructor() { throw missing('Suspending()'); } }

async function compileLater(bytes) {
  const view = bytesOf(bytes, 'compile').slice();
  await undefined;
  return moduleOf(view, 'compile');
}

async function instantiateLater(source, importObject) {
  if (source instanceof Module) {
    await undefined;
    return new Instance(source, importObject);
  }
  if (!isBufferSource(source)) {
    throw new TypeError('WebAssembly.instantiate(): Argument 0 must be a buffer source or a WebAssembly.Module');
  }
  const view = bytesOf(source, 'instantiate').slice();
  await undefined;
  const module = moduleOf(view, 'instantiate');
  return { module, instance: new Instance(module, importObject) };
}

const functions = {
  compile(bytes) { return compileLater(bytes); },
  validate(bytes) {
    if (!isBufferSource(bytes)) throw new TypeError('WebAssembly.validate(): Argument 0 must be a buffer source');
    const view = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
    return native.validate(view);
  },
  instantiate(source, importObject = undefined) { return instantiateLater(source, importObject); },
  compileStreaming(source) { return responseBytes(source, 'compileStreaming').then(compileLater); },
  instantiateStreaming(source, importObject = undefined) {
    return responseBytes(source, 'instantiateStreaming').then((bytes) => instantiateLater(bytes, importObject));
  },
  promising() { throw missing('promising()'); },
};

function moduleOf(bytes, what) {
  try {
    return new Module(bytes);
  } catch (error) {
    if (error instanceof CompileError) error.message = error.message.replace('.Module()', `.${what}()`);
    throw error;
  }
}

async function responseBytes(source, what) {
  const response = await source;
  if (!(response instanceof Response)) {
    const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
    throw new ERR_INVALID_ARG_TYPE('source', ['Response', 'Promise resolving to Response'], response);
  }
  const { codes: { ERR_WEBASSEMBLY_RESPONSE } } = require('internal/errors');
  const type = response.headers.get('Content-Type');
  if (type !== 'application/wasm') throw new ERR_WEBASSEMBLY_RESPONSE(`has unsupported MIME type '${type}'`);
  if (!response.ok) throw new ERR_WEBASSEMBLY_RESPONSE(`has status code ${response.status}`);
  if (response.bodyUsed) throw new ERR_WEBASSEMBLY_RESPONSE('body has already been used');
  return response.arrayBuffer();
}

// In the order in which Node has them.
const namespace = {};
const classes = { Module, Instance, Table, Memory, Global, Tag, Exception, CompileError, LinkError, RuntimeError, Suspending, SuspendError };
for (const name of ['compile', 'validate', 'instantiate', 'Module', 'Instance', 'Table', 'Memory', 'Global', 'Tag',
                    'JSTag', 'Exception', 'CompileError', 'LinkError', 'RuntimeError', 'compileStreaming',
                    'instantiateStreaming', 'Suspending', 'promising', 'SuspendError']) {
  if (functions[name] !== undefined) {
    Object.defineProperty(namespace, name, {
      __proto__: null, value: functions[name], writable: true, enumerable: true, configurable: true,
    });
    continue;
  }
  if (name === 'JSTag') {
    Object.defineProperty(namespace, name, { __proto__: null, value: Object.create(Tag.prototype), configurable: true });
    continue;
  }
  hidden(namespace, name, classes[name]);
}
for (const name of ['Module', 'Instance', 'Table', 'Memory', 'Global', 'Tag', 'Exception', 'Suspending']) {
  const { prototype } = classes[name];
  for (const key of Reflect.ownKeys(prototype)) {
    if (key !== 'constructor') Object.defineProperty(prototype, key, { __proto__: null, enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { __proto__: null, value: `WebAssembly.${name}`, configurable: true });
}
Object.defineProperty(namespace, Symbol.toStringTag, { __proto__: null, value: 'WebAssembly', configurable: true });

module.exports = { WebAssembly: namespace };
