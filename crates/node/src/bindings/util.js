(function (natives) {
  'use strict';
  const call = Function.prototype.call.bind(Function.prototype.call);
  const getter = (proto, key) => Object.getOwnPropertyDescriptor(proto, key).get;
  const tagOf = Object.prototype.toString;
  const source = Function.prototype.toString;
  const TypedArray = Object.getPrototypeOf(Uint8Array);
  const typedTag = getter(TypedArray.prototype, Symbol.toStringTag);
  const probes = [
    ['Map', getter(Map.prototype, 'size')],
    ['Set', getter(Set.prototype, 'size')],
    ['Date', Date.prototype.getTime],
    ['RegExp', getter(RegExp.prototype, 'source')],
    ['ArrayBuffer', getter(ArrayBuffer.prototype, 'byteLength')],
    ['SharedArrayBuffer', getter(SharedArrayBuffer.prototype, 'byteLength')],
    ['DataView', getter(DataView.prototype, 'byteLength')],
    ['WeakMap', WeakMap.prototype.has],
    ['WeakSet', WeakSet.prototype.has],
    ['WeakRef', WeakRef.prototype.deref],
    ['Boolean', Boolean.prototype.valueOf],
    ['Number', Number.prototype.valueOf],
    ['String', String.prototype.valueOf],
    ['Symbol', Symbol.prototype.valueOf],
    ['BigInt', BigInt.prototype.valueOf],
  ];
  const tags = {
    '[object Arguments]': 'Arguments',
    '[object Generator]': 'GeneratorObject',
    '[object AsyncGenerator]': 'AsyncGeneratorObject',
    '[object Map Iterator]': 'MapIterator',
    '[object Set Iterator]': 'SetIterator',
  };

  function classOf(value) {
    const kind = natives.kind(value);
    if (kind !== '') return kind;
    if (typeof value === 'function') {
      const head = /^(async)?\s*(?:function)?\s*(\*)?/.exec(call(source, value));
      if (head[1]) return head[2] ? 'AsyncGeneratorFunction' : 'AsyncFunction';
      return head[2] ? 'GeneratorFunction' : 'Function';
    }
    if (typeof value !== 'object' || value === null) return typeof value;
    const typed = call(typedTag, value);
    if (typed !== undefined) return typed;
    const tag = call(tagOf, value);
    if (tags[tag] !== undefined) return tags[tag];
    if (tag === '[object Module]' && Object.getPrototypeOf(value) === null) return 'ModuleNamespace';
    for (const [name, probe] of probes) {
      if (value === RegExp.prototype) break;
      try {
        call(probe, value, {});
        return name;
      } catch {
        // Not of this class.
      }
    }
    return 'Object';
  }

  function getOwnNonIndexProperties(object, filter) {
    return Reflect.ownKeys(object).filter((key) => {
      if (typeof key === 'string' && /^(?:0|[1-9]\d{0,9})$/.test(key) && key < 4294967295) return false;
      return filter !== 2 || Object.getOwnPropertyDescriptor(object, key)?.enumerable === true;
    });
  }

  function previewEntries(value) {
    switch (classOf(value)) {
      case 'Map': return [[...call(Map.prototype.entries, value)].flat(1), true];
      case 'Set': return [[...call(Set.prototype.values, value)], false];
      default: return [[], false];
    }
  }

  function getConstructorName(object) {
    for (let at = object; at !== null; at = Object.getPrototypeOf(at)) {
      const found = Object.getOwnPropertyDescriptor(at, 'constructor');
      if (typeof found?.value === 'function' && found.value.name !== '') return found.value.name;
    }
    return 'Object';
  }

  function getCallSites(count) {
    const sites = [];
    const { stack } = new Error();
    for (const line of `${stack}`.split('\n').slice(2)) {
      const found = /^\s+at (?:(.*) \()?(.+?):(\d+):(\d+)\)?$/.exec(line);
      if (found === null || sites.length >= count) continue;
      sites.push({ functionName: found[1] ?? '', scriptName: found[2], lineNumber: +found[3],
                   column: +found[4], columnNumber: +found[4] });
    }
    return sites;
  }

  function isConstructor(value) {
    try {
      Reflect.construct(Object, [], value);
      return true;
    } catch {
      return false;
    }
  }

  return {
    classOf,
    getOwnNonIndexProperties,
    previewEntries,
    getConstructorName,
    getCallSites,
    isConstructor,
    getPromiseDetails: (value) => natives.promise(value),
    getProxyDetails: (value) => natives.proxy(value) ?? undefined,
  };
})
