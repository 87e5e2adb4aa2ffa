'use strict';
// The classes of the Web's streams: those of `crates/platform`, with what Node's have beside the standard
// (how they are shown, and what `stream` asks of a stream by symbols). A module of them is made when one of
// its classes is first used.

const { load } = require('internal/platform');

const customInspect = Symbol.for('nodejs.util.inspect.custom');
const kIsDisturbed = Symbol.for('nodejs.stream.disturbed');
const kIsErrored = Symbol.for('nodejs.stream.errored');
const kIsReadable = Symbol.for('nodejs.stream.readable');
const kIsWritable = Symbol.for('nodejs.stream.writable');
const kIsClosedPromise = Symbol.for('nodejs.webstream.isClosedPromise');
const kControllerErrorFunction = Symbol.for('nodejs.webstream.controllerErrorFunction');

// The modules, by classes, in the order in which `stream/web` has them.
const kModules = {
  __proto__: null,
  ReadableStream: 'readable',
  ReadableStreamDefaultReader: 'readable_default',
  ReadableStreamBYOBReader: 'readable_bytes',
  ReadableStreamBYOBRequest: 'readable_bytes',
  ReadableByteStreamController: 'readable_bytes',
  ReadableStreamDefaultController: 'readable_default',
  TransformStream: 'transform',
  TransformStreamDefaultController: 'transform',
  WritableStream: 'writable',
  WritableStreamDefaultWriter: 'writable',
  WritableStreamDefaultController: 'writable',
  ByteLengthQueuingStrategy: 'base',
  CountQueuingStrategy: 'base',
  TextEncoderStream: 'text_streams',
  TextDecoderStream: 'text_streams',
  CompressionStream: 'compression',
  DecompressionStream: 'compression',
};

function get(name) {
  return load(kModules[name])[name];
}

function define(prototype, key, descriptor) {
  Object.defineProperty(prototype, key, { __proto__: null, ...descriptor, enumerable: false, configurable: true });
}

function showAs(value, shown, depth, options) {
  if (depth < 0) return value;
  const { inspect } = require('internal/util/inspect');
  const name = value.constructor?.name ?? 'Object';
  return `${name} ${inspect(shown, {
    ...options, depth: options.depth === null || options.depth === undefined ? null : options.depth - 1,
  })}`;
}

// What is shown of an object, by its class.
function shownBy(exports) {
  const getters = (...keys) => (object) => Object.fromEntries(keys.map((key) => [key, object[key]]));
  const reader = (of, requests) => (object) => {
    const { stream, closed } = of(object);
    return { stream: stream?.object, [requests]: of(object).requests.length, close: closed.promise };
  };
  const { inner } = exports;
  return {
    __proto__: null,
    ReadableStream(object) {
      const { state, controller } = exports.streamOf(object);
      return { locked: object.locked, state, supportsBYOB: controller?.bytes === true };
    },
    ReadableStreamDefaultReader: reader((object) => inner.readerOf(object), 'readRequests'),
    ReadableStreamBYOBReader: reader((object) => load('readable_default').inner.byobReaderOf(object), 'readIntoRequests'),
    ReadableStreamBYOBRequest: getters('view'),
    ReadableByteStreamController: () => ({}),
    ReadableStreamDefaultController: () => ({}),
    TransformStream: (object) => ({
      readable: object.readable, writable: object.writable, backpressure: inner.streamOf(object).backpressure,
    }),
    TransformStreamDefaultController: getters('desiredSize'),
    WritableStream: (object) => ({ locked: object.locked, state: exports.streamOf(object).state }),
    WritableStreamDefaultWriter(object) {
      const { stream, closed, ready } = inner.writerOf(object);
      return {
        stream: stream?.object, close: closed.promise, ready: ready.promise,
        desiredSize: stream === undefined ? undefined : object.desiredSize,
      };
    },
    WritableStreamDefaultController: (object) => ({ stream: inner.controllerOf(object).stream.object }),
    ByteLengthQueuingStrategy: getters('highWaterMark'),
    CountQueuingStrategy: getters('highWaterMark'),
    TextEncoderStream: getters('encoding', 'readable', 'writable'),
    TextDecoderStream: getters('encoding', 'fatal', 'ignoreBOM', 'readable', 'writable'),
    CompressionStream: getters('readable', 'writable'),
    DecompressionStream: getters('readable', 'writable'),
  };
}

// Called for each of the modules when it was made.
function finish(module, exports) {
  const shown = shownBy(exports);
  for (const name of Object.keys(kModules)) {
    if (kModules[name] !== module) continue;
    const show = shown[name];
    define(exports[name].prototype, customInspect, {
      value: { [customInspect](depth, options) { return showAs(this, show(this), depth, options); } }[customInspect],
      writable: true,
    });
  }
  const { streamOf, whenEnded } = exports;
  const closed = { get() { return { __proto__: null, promise: whenEnded(streamOf(this)) }; } };
  if (module === 'readable') {
    const { prototype } = exports.ReadableStream;
    define(prototype, kIsDisturbed, { get() { return streamOf(this).disturbed; } });
    define(prototype, kIsErrored, { get() { return streamOf(this).state === 'errored'; } });
    define(prototype, kIsReadable, { get() { return streamOf(this).state === 'readable'; } });
    define(prototype, kIsClosedPromise, closed);
    define(prototype, kControllerErrorFunction, {
      get() {
        const { controller } = streamOf(this);
        return (error) => load(controller.bytes ? 'readable_bytes' : 'readable_default').fail(controller, error);
      },
    });
  } else if (module === 'writable') {
    const { prototype } = exports.WritableStream;
    define(prototype, kIsErrored, { get() { return streamOf(this).state === 'errored'; } });
    define(prototype, kIsWritable, { get() { return streamOf(this).state === 'writable'; } });
    define(prototype, kIsClosedPromise, closed);
    define(prototype, kControllerErrorFunction, {
      get() {
        const { controller } = streamOf(this);
        return (error) => exports.errorIfNeeded(controller, error);
      },
    });
  }
}

// Whether a value is one of the Web's streams; asks nothing where a program has none.
const isReadableStream = (value) => load('readable').streamOf(value) !== undefined;
const isWritableStream = (value) => load('writable').streamOf(value) !== undefined;

module.exports = {
  finish, get, isReadableStream, isWritableStream, modules: new Set(Object.values(kModules)), names: Object.keys(kModules),
};
