'use strict';
// Gives an event target the methods of an emitter, as Node's message ports have them: their listeners
// get the data, not the event.

function setupEmitter(target, { onFirst, onLast }) {
  const wrappers = new Map(); // name -> Map of listener -> wrapper
  const hidden = (name, value) => Object.defineProperty(target, name, {
    value, writable: true, enumerable: false, configurable: true,
  });

  function add(name, listener, once) {
    require('internal/validators').validateFunction(listener, 'listener');
    let all = wrappers.get(name);
    if (all === undefined) wrappers.set(name, all = new Map());
    const wrapper = (event) => {
      if (once) remove(name, listener);
      Reflect.apply(listener, target, name === 'message' || name === 'messageerror' ? [event.data] : []);
    };
    all.set(listener, wrapper);
    target.addEventListener(name, wrapper);
    if (all.size === 1) onFirst(name);
    return target;
  }

  function remove(name, listener) {
    const all = wrappers.get(name);
    const wrapper = all?.get(listener);
    if (wrapper === undefined) return target;
    all.delete(listener);
    target.removeEventListener(name, wrapper);
    if (all.size === 0) onLast(name);
    return target;
  }

  hidden('on', (name, listener) => add(name, listener, false));
  hidden('addListener', target.on);
  hidden('once', (name, listener) => add(name, listener, true));
  hidden('off', remove);
  hidden('removeListener', remove);
  hidden('removeAllListeners', (name) => {
    for (const key of name === undefined ? [...wrappers.keys()] : [name]) {
      for (const listener of [...wrappers.get(key)?.keys() ?? []]) remove(key, listener);
    }
    return target;
  });
  hidden('listenerCount', (name) => wrappers.get(name)?.size ?? 0);
  hidden('eventNames', () => [...wrappers.keys()].filter((name) => wrappers.get(name).size > 0));
}

module.exports = { setupEmitter };
