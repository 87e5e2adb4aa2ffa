'use strict';
// What objects are called: the constructor found along the prototypes, Symbol.toStringTag, and the prefix made
// of them.

const { classOf } = internalBinding('util');

let builtins;

// For objects that are no instance of any constructor along their prototypes.
function internalConstructorName(object) {
  for (let at = object; at !== null; at = Object.getPrototypeOf(at)) {
    const { value } = Object.getOwnPropertyDescriptor(at, 'constructor') ?? {};
    if (typeof value === 'function' && value.name !== '') return value.name;
  }
  return classOf(object);
}

function isBuiltinName(name) {
  builtins ??= new Set(Object.getOwnPropertyNames(globalThis).filter((key) => /^[A-Z][a-zA-Z0-9]+$/.test(key)));
  return builtins.has(name);
}

function isInstance(object, constructor) {
  try {
    return object instanceof constructor;
  } catch {
    return false;
  }
}

// Properties that a class's prototypes give to its instances, methods aside. At most three prototypes are searched.
function collectPrototypeProperties(object, start, found) {
  let proto = object;
  const seen = new Set();
  for (let depth = 0; depth < 3; depth++) {
    if (depth !== 0 || start === object) {
      proto = Object.getPrototypeOf(proto);
      if (proto === null) return;
      const constructor = Object.getOwnPropertyDescriptor(proto, 'constructor');
      if (constructor !== undefined && typeof constructor.value === 'function' && isBuiltinName(constructor.value.name)) return;
    }
    for (const key of Reflect.ownKeys(proto)) {
      if (key === 'constructor' || Object.hasOwn(object, key) || seen.has(key)) continue;
      const descriptor = Object.getOwnPropertyDescriptor(proto, key);
      if (typeof descriptor.value === 'function') continue;
      seen.add(key);
      found.push([key, descriptor]);
    }
  }
}

// null for objects without a prototype. `found` collects properties of prototypes, if given.
function constructorName(object, ctx, depth, found, inspect) {
  let current = object;
  let first;
  while (current !== null && current !== undefined) {
    const descriptor = Object.getOwnPropertyDescriptor(current, 'constructor');
    if (descriptor !== undefined && typeof descriptor.value === 'function' && descriptor.value.name !== '' &&
        isInstance(object, descriptor.value)) {
      if (found !== undefined && (first !== current || !isBuiltinName(descriptor.value.name))) {
        collectPrototypeProperties(object, first ?? object, found);
      }
      return String(descriptor.value.name);
    }
    current = Object.getPrototypeOf(current);
    first ??= current;
  }
  if (first === null || first === undefined) return null;
  const name = internalConstructorName(object);
  if (ctx.depth !== null && depth > ctx.depth) return `${name} <Complex prototype>`;
  const above = constructorName(first, ctx, depth + 1, found, inspect);
  if (above === null) return `${name} <${inspect(first, { ...ctx.options(), customInspect: false, depth: -1 })}>`;
  return `${name} <${above}>`;
}

// Only a tag that is not listed among the properties anyway.
function toStringTag(value, ctx) {
  const tag = value[Symbol.toStringTag];
  if (typeof tag !== 'string' || tag === '') return '';
  const listed = ctx.showHidden ? Object.hasOwn(value, Symbol.toStringTag) :
    Object.prototype.propertyIsEnumerable.call(value, Symbol.toStringTag);
  return listed ? '' : tag;
}

function prefix(constructor, tag, fallback, size = '') {
  if (constructor === null) {
    return tag !== '' && fallback !== tag ? `[${fallback}${size}: null prototype] [${tag}] ` : `[${fallback}${size}: null prototype] `;
  }
  // A tag that is part of the constructor's name says nothing more.
  return tag !== '' && !constructor.includes(tag) ? `${constructor}${size} [${tag}] ` : `${constructor}${size} `;
}

module.exports = { constructorName, prefix, toStringTag };
