'use strict';
// `v8.serialize`: what structuredClone can copy, as bytes that `v8.deserialize` of this program reads.
// The format is our own: a JSON list of nodes that refer to each other by their places.

const { classOf } = internalBinding('util');

const kHead = 'sandtide1';

function serialize(value) {
  // The copy has no accessors, proxies or other surprises, and what cannot be copied was refused.
  const copy = globalThis.structuredClone(value);
  const nodes = [];
  const places = new Map();

  function write(item) {
    switch (typeof item) {
      case 'string': return ['s', item];
      case 'boolean': return item;
      case 'undefined': return ['u'];
      case 'bigint': return ['b', `${item}`];
      case 'number':
        return Number.isFinite(item) && !Object.is(item, -0) ? item : ['n', Object.is(item, -0) ? '-0' : `${item}`];
      default:
        return item === null ? null : ['r', place(item)];
    }
  }

  function place(object) {
    let at = places.get(object);
    if (at === undefined) {
      at = nodes.length;
      places.set(object, at);
      nodes.push(undefined);
      nodes[at] = node(object);
    }
    return at;
  }

  const entries = (object) => Object.keys(object).map((key) => [key, write(object[key])]);

  function node(object) {
    const kind = classOf(object);
    if (ArrayBuffer.isView(object)) {
      const type = kind === 'DataView' ? kind : object.constructor.name;
      return ['View', type, place(object.buffer), object.byteOffset, kind === 'DataView' ? object.byteLength : object.length];
    }
    switch (kind) {
      case 'Array': return ['Array', object.length, entries(object)];
      case 'Map': return ['Map', [...object].map(([key, item]) => [write(key), write(item)])];
      case 'Set': return ['Set', [...object].map(write)];
      case 'Date': return ['Date', write(object.getTime())];
      case 'RegExp': return ['RegExp', object.source, object.flags];
      case 'ArrayBuffer': return ['ArrayBuffer', Buffer.from(object).toString('base64')];
      case 'Error':
        return ['Error', object.constructor.name, write(object.message), write(object.stack),
                Object.hasOwn(object, 'cause') ? write(object.cause) : undefined];
      case 'Boolean': case 'Number': case 'String': case 'BigInt':
        return ['Object()', write(object.valueOf())];
      default: return ['Object', entries(object)];
    }
  }

  const root = write(copy);
  return Buffer.from(`${kHead}${JSON.stringify([root, nodes])}`);
}

function deserialize(view) {
  const text = Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString();
  if (!text.startsWith(kHead)) throw new Error('Unable to deserialize cloned data.');
  const [root, nodes] = JSON.parse(text.slice(kHead.length));
  const made = [];

  function read(item) {
    if (!Array.isArray(item)) return item;
    const [tag, content] = item;
    switch (tag) {
      case 's': return content;
      case 'u': return undefined;
      case 'b': return BigInt(content);
      case 'n': return Number(content);
      default: return object(content);
    }
  }

  function fill(target, entries) {
    for (const [key, item] of entries) {
      Object.defineProperty(target, key, { value: read(item), writable: true, enumerable: true, configurable: true });
    }
    return target;
  }

  function hidden(target, key, value) {
    Object.defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true });
  }

  function object(at) {
    if (made[at] !== undefined) return made[at];
    const [kind, ...parts] = nodes[at];
    switch (kind) {
      case 'Array': {
        const array = made[at] = [];
        array.length = parts[0];
        return fill(array, parts[1]);
      }
      case 'Map': {
        const map = made[at] = new Map();
        for (const [key, item] of parts[0]) map.set(read(key), read(item));
        return map;
      }
      case 'Set': {
        const set = made[at] = new Set();
        for (const item of parts[0]) set.add(read(item));
        return set;
      }
      case 'Date': return made[at] = new Date(read(parts[0]));
      case 'RegExp': return made[at] = new RegExp(parts[0], parts[1]);
      case 'ArrayBuffer': return made[at] = Uint8Array.from(Buffer.from(parts[0], 'base64')).buffer;
      case 'View': return made[at] = new globalThis[parts[0]](object(parts[1]), parts[2], parts[3]);
      case 'Error': {
        const error = made[at] = new (globalThis[parts[0]] ?? Error)();
        hidden(error, 'message', read(parts[1]));
        hidden(error, 'stack', read(parts[2]));
        if (parts[3] !== undefined && parts[3] !== null) hidden(error, 'cause', read(parts[3]));
        return error;
      }
      case 'Object()': return made[at] = Object(read(parts[0]));
      default: return fill(made[at] = {}, parts[0]);
    }
  }

  return read(root);
}

module.exports = { serialize, deserialize };
