'use strict';
// An emitter whose listeners run in the asynchronous context it was made in.

const EventEmitter = require('events');
const {
  codes: { ERR_INVALID_THIS },
} = require('internal/errors');
const { validateString } = require('internal/validators');

const { AsyncResource } = require('async_hooks');

class EventEmitterReferencingAsyncResource extends AsyncResource {
  #emitter;

  constructor(emitter, type, options) {
    super(type, options);
    this.#emitter = emitter;
  }

  get eventEmitter() {
    return this.#emitter;
  }
}

class EventEmitterAsyncResource extends EventEmitter {
  #resource;

  constructor(options = undefined) {
    let name;
    if (typeof options === 'string') {
      name = options;
      options = undefined;
    } else {
      if (new.target === EventEmitterAsyncResource) validateString(options?.name, 'options.name');
      name = options?.name || new.target.name;
    }
    super(options);
    this.#resource = new EventEmitterReferencingAsyncResource(this, name, options);
  }

  #checked() {
    if (!(#resource in this)) throw new ERR_INVALID_THIS('EventEmitterAsyncResource');
    return this.#resource;
  }

  emit(event, ...args) {
    return this.#checked().runInAsyncScope(super.emit, this, event, ...args);
  }

  emitDestroy() {
    this.#checked().emitDestroy();
  }

  get asyncId() {
    return this.#checked().asyncId();
  }

  get triggerAsyncId() {
    return this.#checked().triggerAsyncId();
  }

  get asyncResource() {
    return this.#checked();
  }
}

module.exports = { EventEmitterAsyncResource };
