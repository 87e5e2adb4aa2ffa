'use strict';
// Headers: fields of HTTP messages, found by name in any case, listed in order of their names.

const { exposeMembers } = require('internal/event_target');
const {
  byteString, defineInspect, defineIteration, illegalInvocation, requireArguments,
} = require('internal/fetch/convert');
const { kUnsupported, refuseClones } = require('internal/uncloneable');

const kToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const normalize = (value) => value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');

function checkName(name, prefix) {
  if (!kToken.test(name)) throw new TypeError(`${prefix}: ${JSON.stringify(name)} is an invalid header name.`);
}

function checkValue(value, prefix) {
  if (/[\0\r\n]/.test(value)) throw new TypeError(`${prefix}: ${JSON.stringify(value)} is an invalid header value.`);
}

class Headers {
  static { refuseClones((value) => #fields in value, kUnsupported); }

  // lowercase name -> { name, values }
  #fields = new Map();
  #sorted;
  #isImmutable = false;

  constructor(init = undefined) {
    if (init === undefined) return;
    this.#fill(init, 'Headers constructor');
  }

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#fields in value)) throw illegalInvocation();
  }

  static internals = {
    has: (object, name) => object.#fields.has(name),
    get: (object, name) => object.#get(name),
    // Without checks: what came from the network, or is known to be right.
    append: (object, name, value) => object.#append(name, value),
    setDefault(object, name, value) {
      if (!object.#fields.has(name)) object.#append(name, value);
    },
    delete(object, name) {
      object.#fields.delete(name);
      object.#sorted = undefined;
    },
    fill: (object, init, prefix) => object.#fill(init, prefix),
    freeze(object) {
      object.#isImmutable = true;
    },
    // name, value, name, value, ...: as they are sent.
    raw(object) {
      const list = [];
      for (const { name, values } of object.#fields.values()) {
        if (name.length === 10 && name.toLowerCase() === 'set-cookie') for (const value of values) list.push(name, value);
        else list.push(name, values.join(', '));
      }
      return list;
    },
    copy(object) {
      const other = new Headers();
      for (const [key, { name, values }] of object.#fields) other.#fields.set(key, { name, values: values.slice() });
      return other;
    },
    sorted(object) {
      Headers.#check(object);
      return object.#sorted ??= object.#sort();
    },
    shown(object) {
      const shown = {};
      for (const { name, values } of object.#fields.values()) {
        shown[name] = values.join(', ');
      }
      return shown;
    },
  };

  #fill(init, prefix) {
    if ((typeof init !== 'object' && typeof init !== 'function') || init === null) {
      throw new TypeError(`${prefix}: Argument 1 could not be converted to one of: ` +
        'sequence<sequence<ByteString>>, record<ByteString, ByteString>.');
    }
    if (#fields in init && init[Symbol.iterator] === Headers.prototype[Symbol.iterator]) {
      for (const [key, { name, values }] of init.#fields) this.#fields.set(key, { name, values: values.slice() });
      this.#sorted = undefined;
      return;
    }
    if (typeof init[Symbol.iterator] === 'function') {
      let at = 0;
      for (const pair of init) {
        if (typeof pair !== 'object' || pair === null || typeof pair[Symbol.iterator] !== 'function') {
          throw new TypeError(`${prefix}: init[${at}] (${String(pair)}) is not iterable.`);
        }
        at++;
        const both = [...pair];
        if (both.length !== 2) {
          throw new TypeError(`${prefix}: expected name/value pair to be length 2, found ${both.length}.`);
        }
        this.#add(both[0], both[1]);
      }
      return;
    }
    for (const name of Reflect.ownKeys(init)) {
      if (Object.getOwnPropertyDescriptor(init, name)?.enumerable) this.#add(name, init[name]);
    }
  }

  #add(name, value) {
    name = byteString(name, 'Headers.append', 'name');
    value = normalize(byteString(value, 'Headers.append', 'value'));
    checkName(name, 'Headers.append');
    checkValue(value, 'Headers.append');
    this.#append(name, value);
  }

  #append(name, value) {
    const key = name.toLowerCase();
    const field = this.#fields.get(key);
    if (field === undefined) this.#fields.set(key, { name, values: [value] });
    else field.values.push(value);
    this.#sorted = undefined;
  }

  #get(name) {
    return this.#fields.get(name)?.values.join(name === 'cookie' ? '; ' : ', ') ?? null;
  }

  #sort() {
    const pairs = [];
    for (const key of [...this.#fields.keys()].sort()) {
      if (key === 'set-cookie') for (const value of this.#fields.get(key).values) pairs.push([key, value]);
      else pairs.push([key, this.#get(key)]);
    }
    return pairs;
  }

  #key(name, prefix) {
    name = byteString(name, prefix, 'name');
    checkName(name, prefix);
    return name.toLowerCase();
  }

  #mutable() {
    if (this.#isImmutable) throw new TypeError('immutable');
  }

  append(name, value) {
    Headers.#check(this);
    requireArguments(arguments.length, 2, 'Headers.append');
    if (this.#isImmutable) {
      checkName(byteString(name), 'Headers.append');
      this.#mutable();
    }
    this.#add(name, value);
  }

  delete(name) {
    Headers.#check(this);
    requireArguments(arguments.length, 1, 'Headers.delete');
    const key = this.#key(name, 'Headers.delete');
    this.#mutable();
    this.#fields.delete(key);
    this.#sorted = undefined;
  }

  get(name) {
    Headers.#check(this);
    requireArguments(arguments.length, 1, 'Headers.get');
    return this.#get(this.#key(name, 'Headers.get'));
  }

  has(name) {
    Headers.#check(this);
    requireArguments(arguments.length, 1, 'Headers.has');
    return this.#fields.has(this.#key(name, 'Headers.has'));
  }

  set(name, value) {
    Headers.#check(this);
    requireArguments(arguments.length, 2, 'Headers.set');
    name = byteString(name, 'Headers.set', 'name');
    value = normalize(byteString(value, 'Headers.set', 'value'));
    checkName(name, 'Headers.set');
    checkValue(value, 'Headers.set');
    this.#mutable();
    const key = name.toLowerCase();
    this.#fields.set(key, { name, values: [value] });
    this.#sorted = undefined;
  }

  getSetCookie() {
    Headers.#check(this);
    return this.#fields.get('set-cookie')?.values.slice() ?? [];
  }
}

const { internals } = Headers;
delete Headers.internals;

defineIteration(Headers, 'Headers', internals.sorted);
defineInspect(Headers, 'Headers', internals.shown);
exposeMembers(Headers.prototype, 'Headers', ['append', 'delete', 'get', 'has', 'set', 'getSetCookie']);

module.exports = { Headers, internals };
