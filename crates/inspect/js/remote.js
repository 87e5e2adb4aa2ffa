// What a value is to a client: RemoteObjects and previews. Runs nothing of the value's.

// ---- What a value is ----

function classOf(value) {
  return native.classOf(value);
}

function isProxy(value) {
  return classOf(value) === 'Proxy';
}

function constructorName(value) {
  if (isProxy(value)) return 'Object';
  // A prototype has its own constructor, and is named by its parent's.
  const own = getOwnPropertyDescriptor(value, 'constructor')?.value;
  const isPrototype = typeof own === 'function' && !isProxy(own) && getOwnPropertyDescriptor(own, 'prototype')?.value === value &&
    (!isNativeFunction(own) || own === main.Error || kFamilies.has(getPrototypeOf(own)));
  for (let object = isPrototype ? getPrototypeOf(value) : value; object !== null; object = getPrototypeOf(object)) {
    if (isProxy(object)) return 'Object';
    const constructor = getOwnPropertyDescriptor(object, 'constructor')?.value;
    if (typeof constructor === 'function' && !isProxy(constructor)) {
      const name = getOwnPropertyDescriptor(constructor, 'name')?.value;
      if (typeof name === 'string' && name !== '') return name;
    }
  }
  return 'Object';
}

const kIterators = /Iterator$/;
const kWeak = { WeakMap: 'weakmap', WeakSet: 'weakset' };

function subtypeOf(value, kind) {
  if (kind !== 'Proxy' && isArray(value)) return 'array';
  switch (kind) {
    case 'RegExp': return 'regexp';
    case 'Date': return 'date';
    case 'Map': return 'map';
    case 'Set': return 'set';
    case 'WeakMap': case 'WeakSet': return kWeak[kind];
    case 'Error': return 'error';
    case 'Proxy': return 'proxy';
    case 'Promise': return 'promise';
    case 'ArrayBuffer': case 'SharedArrayBuffer': return 'arraybuffer';
    case 'DataView': return 'dataview';
    case 'GeneratorObject': case 'Generator': case 'AsyncGeneratorObject': return 'generator';
    case 'Arguments': return 'array';
    default:
  }
  if (ArrayBuffer.isView(value)) return 'typedarray';
  if (kIterators.test(kind)) return 'iterator';
  return undefined;
}

function lengthOf(value) {
  const length = getOwnPropertyDescriptor(value, 'length')?.value;
  return typeof length === 'number' ? length : 0;
}

function describeError(value) {
  let stack = getOwnPropertyDescriptor(value, 'stack');
  stack = stack?.value ?? (stack?.get && isNativeFunction(stack.get) ? apply(stack.get, value, []) : undefined);
  const name = constructorName(value);
  const message = getOwnPropertyDescriptor(value, 'message')?.value;
  if (typeof stack === 'string' && stack !== '') {
    // The piece of source before it is for terminals.
    const at = stack.startsWith(name) ? 0 : stack.indexOf(`\n${name}: ${message}`);
    return at > 0 ? stack.slice(at + 1) : stack;
  }
  return typeof message === 'string' && message !== '' ? `${name}: ${message}` : name;
}

function isNativeFunction(value) {
  return native.describe(value) === undefined;
}

function describeObject(value, kind, subtype) {
  switch (subtype) {
    case 'array': return `${kind === 'Arguments' ? 'Arguments' : constructorName(value)}(${lengthOf(value)})`;
    case 'regexp': return `/${apply(regexpSource, value, [])}/${apply(regexpFlags, value, [])}`;
    case 'date': return apply(describeDate, value, []);
    case 'map': return `${constructorName(value)}(${apply(mapSize, value, [])})`;
    case 'set': return `${constructorName(value)}(${apply(setSize, value, [])})`;
    case 'error': return describeError(value);
    case 'proxy': return `Proxy(${proxyTargetName(value)})`;
    case 'dataview': return `${constructorName(value)}(${apply(viewLength, value, [])})`;
    case 'iterator': return kind;
    case 'arraybuffer': return kind === 'ArrayBuffer' ? `${kind}(${apply(bufferLength, value, [])})` : kind;
    case 'typedarray': return `${constructorName(value)}(${apply(typedArrayLength, value, [])})`;
    default: return constructorName(value);
  }
}

function proxyTargetName(value) {
  const target = native.getProxyDetails(value)?.[0];
  if (target === null || target === undefined || isProxy(target)) return 'Object';
  return isArray(target) ? 'Array' : typeof target === 'function' ? 'Function' : constructorName(target);
}

function unserializable(value) {
  if (typeof value === 'bigint') return `${value}n`;
  if (is(value, -0)) return '-0';
  if (value !== value || value === Infinity || value === -Infinity) return `${value}`;
  return undefined;
}

// A RemoteObject without an id.
function describe(value) {
  switch (typeof value) {
    case 'undefined': return { type: 'undefined' };
    case 'boolean': case 'string': return { type: typeof value, value };
    case 'number': {
      const text = unserializable(value);
      if (text !== undefined) return { type: 'number', unserializableValue: text, description: text };
      return { type: 'number', value, description: `${value}` };
    }
    case 'bigint': {
      const text = `${value}n`;
      return { type: 'bigint', unserializableValue: text, description: text };
    }
    case 'symbol': return { type: 'symbol', description: apply(describeSymbol, value, []) };
    case 'function': {
      if (classOf(value) === 'Proxy') {
        return { type: 'function', className: 'Function', description: `Proxy(Function)` };
      }
      return { type: 'function', className: constructorName(value), description: apply(toString, value, []) };
    }
    default:
  }
  if (value === null) return { type: 'object', subtype: 'null', value: null };
  if (Scope.is(value) || Scopes.is(value)) {
    const size = Scopes.is(value) ? value.list.length : 0;
    return Scopes.is(value) ?
      { type: 'object', subtype: 'internal#scopeList', className: 'Array', description: `Scopes[${size}]` } :
      { type: 'object', className: 'Object', description: value.title ?? 'Object' };
  }
  const kind = classOf(value);
  const subtype = subtypeOf(value, kind);
  const description = describeObject(value, kind, subtype);
  const className = subtype === 'proxy' ? 'Object' : kind === 'Arguments' || subtype === 'iterator' ? kind : constructorName(value);
  return subtype === undefined ? { type: 'object', className, description } :
    { type: 'object', subtype, className, description };
}

// ---- Previews ----

function cut(text) {
  return text.length <= kPreviewText ? text :
    `${text.slice(0, kPreviewText / 2)}…${text.slice(text.length - kPreviewText / 2 + 1)}`;
}

function previewValue(value) {
  const { type, subtype, description, value: plain } = describe(value);
  let text;
  if (type === 'function') text = '';
  else if (type === 'string') text = cut(value);
  else if (subtype === 'error') text = cut(description.split('\n')[0]);
  else text = cut(description ?? `${plain}`);
  const shown = { type, value: text };
  if (subtype !== undefined) shown.subtype = subtype;
  return shown;
}

function entriesOf(value) {
  const found = native.previewEntries(value);
  if (found === undefined) return undefined;
  const [list, pairs] = found;
  const entries = [];
  for (let i = 0; i < list.length; i += pairs ? 2 : 1) {
    entries.push(pairs ? { key: list[i], value: list[i + 1] } : { value: list[i] });
  }
  return entries;
}

function preview(value, deep = false) {
  const { type, subtype, description } = describe(value);
  const result = { type, description: cut(description ?? ''), overflow: false, properties: [] };
  if (subtype !== undefined) result.subtype = subtype;
  if (Scopes.is(value)) return result;
  let names = 0;
  let indexes = 0;
  const isList = subtype === 'array' || subtype === 'typedarray';
  // False: there is no more room.
  const show = (key, make) => {
    const name = keyText(key);
    if (isList && /^\d+$/.test(name) ? ++indexes > kPreviewIndexes : ++names > kPreviewNames) {
      result.overflow = true;
      return false;
    }
    result.properties.push({ name, ...make() });
    return true;
  };
  if (subtype === 'promise') {
    const [state, settled] = native.getPromiseDetails(value);
    show('[[PromiseState]]', () => ({ type: 'string', value: kPromiseStates[state] }));
    show('[[PromiseResult]]', () => previewValue(state === 0 ? undefined : settled));
  }
  const primitive = type === 'object' && !Scope.is(value) ? primitiveOf[classOf(value)] : undefined;
  if (primitive !== undefined) show('[[PrimitiveValue]]', () => previewValue(apply(primitive, value, [])));
  const shown = subtype === 'proxy' ? native.getProxyDetails(value)[0] : value;
  const keys = shown === null || (typeof shown === 'object' || typeof shown === 'function') && isProxy(shown) ? [] : Scope.is(value) ? value.entries().map(([name]) => name) : ownKeys(shown);
  const hidden = subtype === 'array' || shown !== value && shown !== null && !isProxy(shown) && isArray(shown) ? ['length'] : subtype === 'error' ? ['stack', 'message'] : [];
  const privates = subtype === 'proxy' || Scope.is(value) ? [] : native.privates(value);
  const isRoom = privates.every(([name, held]) => show(name, () => previewValue(held))) && keys.every((key) => {
    const descriptor = Scope.is(value) ? scopeDescriptor(value, key) : getOwnPropertyDescriptor(shown, key);
    if (descriptor === undefined || hidden.includes(key)) return true;
    return show(key, () => ('value' in descriptor ? previewValue(descriptor.value) : { type: 'accessor' }));
  });
  if (isRoom) {
    for (const [key, get] of built[subtype] ?? []) {
      if (get !== undefined && !show(key, () => previewValue(apply(get, value, [])))) break;
    }
  }
  const entries = deep ? undefined : entriesOf(value);
  if (entries !== undefined && (entries.length > 0 || kWeak[classOf(value)] === undefined)) {
    if (entries.length > kPreviewNames) result.overflow = true;
    result.entries = entries.slice(0, kPreviewNames).map((entry) => {
      const shown = { value: previewEntry(entry.value) };
      if ('key' in entry) shown.key = previewEntry(entry.key);
      return shown;
    });
  }
  return result;
}

function previewEntry(value) {
  if (value !== null && (typeof value === 'object' || typeof value === 'function')) return preview(value, true);
  const { type, subtype, description } = describe(value);
  const shown = { type, description: description ?? `${value}`, overflow: false, properties: [] };
  if (subtype !== undefined) shown.subtype = subtype;
  return shown;
}

const kPromiseStates = ['pending', 'fulfilled', 'rejected'];

// What built-in objects show of themselves by getters of their prototypes.
const built = { __proto__: null };
for (const [subtype, prototype, names] of [
  ['map', Map.prototype, ['size']],
  ['set', Set.prototype, ['size']],
  ['regexp', RegExp.prototype, ['dotAll', 'flags', 'global', 'hasIndices', 'ignoreCase', 'multiline', 'source', 'sticky', 'unicode']],
  ['arraybuffer', ArrayBuffer.prototype, ['byteLength', 'maxByteLength', 'resizable', 'detached']],
  ['dataview', DataView.prototype, ['buffer', 'byteLength', 'byteOffset']],
  ['typedarray', typedArrayPrototype, ['buffer', 'byteLength', 'byteOffset', 'length', Symbol.toStringTag]],
]) built[subtype] = names.map((name) => [name, getOwnPropertyDescriptor(prototype, name)?.get]);

// ---- RemoteObjects ----

function byValue(value, depth = 0) {
  if (depth > 1000) throw new ProtocolError('Object reference chain is too long');
  if (typeof value === 'symbol' || typeof value === 'bigint') {
    throw new ProtocolError("Object couldn't be returned by value");
  }
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
  if (typeof value === 'function') return {};
  if (isArray(value)) {
    const list = [];
    for (let i = 0; i < value.length; i++) list.push(byValue(value[i], depth + 1) ?? null);
    return list;
  }
  const copy = create(null);
  for (const key of ownKeys(value)) {
    if (typeof key === 'symbol') continue;
    const descriptor = getOwnPropertyDescriptor(value, key);
    if (!descriptor?.enumerable) continue;
    copy[key] = byValue(value[key], depth + 1);
  }
  return copy;
}

function remote(session, value, options = {}) {
  const shown = describe(value);
  const { group, context, returnByValue, generatePreview } = options;
  const isObject = value !== null && (typeof value === 'object' || typeof value === 'function');
  if (returnByValue) {
    if (!isObject) {
      if (typeof value === 'symbol') throw new ProtocolError("Object couldn't be returned by value");
      return shown;
    }
    return { type: shown.type === 'function' ? 'function' : 'object', value: byValue(value) };
  }
  if (isObject || typeof value === 'symbol') {
    shown.objectId = keep(session, value, group, context);
    if (generatePreview && isObject && typeof value !== 'function') shown.preview = preview(value);
  }
  return shown;
}
