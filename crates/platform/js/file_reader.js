// FileReader, and the ProgressEvent that it sends. A blob's bytes are there already, so that what is read is
// ready when the reader's second task runs; each event is a task of its own, between which promises settle.
(function (std, native, files, events, timers, encoding) {
  'use strict';
  const { builtin, method, first, apply, push, list, need, toText, dictionary, expose, constant, setPrototypeOf } = std;
  const { TypeError, DOMException, Uint8Array } = first;
  const { blob: blobs, copy } = files;
  const { Event, EventTarget, sendEvent, attribute } = events;
  const { toBase64 } = native;
  const fromCharCode = builtin('String', 'fromCharCode');
  const lengthOf = method('TypedArray.prototype', 'length');
  const bufferOf = method('TypedArray.prototype', 'buffer');
  const offsetOf = method('TypedArray.prototype', 'byteOffset');
  const indexOf = method('String.prototype', 'indexOf');
  const slice = method('String.prototype', 'slice');
  const trim = method('String.prototype', 'trim');
  const EMPTY = 0, LOADING = 1, DONE = 2;
  // Bytes that are made text at a time: a multiple of three, for base64.
  const PIECE = 48 * 1024, LETTERS = 4096;

  // Puts what was read, and of how much, on an event that was made elsewhere: the constructor that
  // ProgressEvent extends is the guest's to change.
  class Progress extends (function (event) { return event; }) {
    #computable;
    #loaded;
    #total;

    constructor(event, computable, loaded, total) {
      super(event);
      this.#computable = computable;
      this.#loaded = loaded;
      this.#total = total;
    }

    static computable(event) { return event.#computable; }
    static loaded(event) { return event.#loaded; }
    static total(event) { return event.#total; }
  }

  class ProgressEvent extends Event {
    constructor(type, eventInitDict = undefined) {
      need(arguments.length, 1, 'ProgressEvent');
      super(type, eventInitDict);
      const { lengthComputable, loaded, total } = dictionary(eventInitDict, 'ProgressEvent');
      new Progress(this, !!lengthComputable, loaded === undefined ? 0 : finite(loaded), total === undefined ? 0 : finite(total));
    }

    get lengthComputable() { return Progress.computable(this); }
    get loaded() { return Progress.loaded(this); }
    get total() { return Progress.total(this); }
  }
  const { prototype } = ProgressEvent;
  const progress = (type, loaded, total) => {
    const event = new Event(type);
    setPrototypeOf(event, prototype);
    new Progress(event, true, loaded, total);
    return event;
  };

  const finite = (value) => {
    const number = +value;
    if (number - number !== 0) throw new TypeError('ProgressEvent: not a finite number');
    return number;
  };

  const part = (bytes, from, to) => new Uint8Array(bufferOf(bytes), offsetOf(bytes) + from, to - from);

  const inPieces = (bytes, size, text) => {
    const length = lengthOf(bytes);
    let made = '';
    for (let from = 0; from < length; from += size) {
      made += text(part(bytes, from, from + size < length ? from + size : length));
    }
    return made;
  };
  const letters = (bytes) => {
    const codes = list();
    for (let i = 0; i < lengthOf(bytes); i++) push(codes, bytes[i]);
    return apply(fromCharCode, undefined, codes);
  };

  const decoderOf = (label) => {
    try {
      return new encoding.TextDecoder(label);
    } catch {
      // Unknown labels are passed over.
      return undefined;
    }
  };
  // The `charset` of a type; nothing where it names none.
  const charsetOf = (type) => {
    const at = indexOf(type, 'charset=');
    if (at < 0) return '';
    const rest = slice(type, at + 'charset='.length);
    const end = indexOf(rest, ';');
    const value = trim(end < 0 ? rest : slice(rest, 0, end));
    return value.length > 1 && value[0] === '"' ? slice(value, 1, -1) : value;
  };
  // A mark at the bytes' begin decides, then what was asked for, then the blob's type.
  const marked = (bytes) => {
    if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
    return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 'utf-8' : '';
  };
  const decoded = (bytes, label, type) => {
    const mark = marked(bytes);
    const decoder = (mark === '' ? undefined : decoderOf(mark)) ??
      (label === undefined ? undefined : decoderOf(label)) ?? decoderOf(charsetOf(type)) ?? decoderOf('utf-8');
    return apply(encoding.decoding.decode, decoder, [bytes]);
  };

  class FileReader extends EventTarget {
    #state = EMPTY;
    #result = null;
    #error = null;
    // Tells a reading from one that was aborted before it.
    #reading = undefined;
    #handlers = { __proto__: null };

    static {
      push(std.uncloneable, (value) => #reading in value);
    }

    #send(type, size) {
      sendEvent(this, progress(type, size, size));
    }

    #read(blob, given, what, pack) {
      this.#state;
      need(given, 1, what);
      if (!blobs.is(blob)) throw new TypeError(what + ': not a Blob');
      if (this.#state === LOADING) {
        throw new DOMException('The reader reads something already', 'InvalidStateError');
      }
      this.#state = LOADING;
      this.#result = null;
      this.#error = null;
      const bytes = blobs.bytes(blob);
      const size = lengthOf(bytes);
      const reading = { __proto__: null };
      this.#reading = reading;
      const next = (step) => timers.task(() => {
        if (this.#reading === reading) step();
      });
      const ended = () => {
        this.#reading = undefined;
        this.#send('loadend', size);
      };
      const done = () => {
        this.#state = DONE;
        try {
          this.#result = pack(bytes, blobs.type(blob));
        } catch (error) {
          this.#error = error;
          this.#send('error', 0);
          next(ended);
          return;
        }
        this.#send('load', size);
        next(ended);
      };
      next(() => {
        sendEvent(this, progress('loadstart', 0, size));
        if (size === 0) {
          next(done);
          return;
        }
        next(() => {
          this.#send('progress', size);
          next(done);
        });
      });
    }

    readAsArrayBuffer(blob) {
      this.#read(blob, arguments.length, 'FileReader.readAsArrayBuffer', (bytes) => bufferOf(copy(bytes)));
    }

    readAsBinaryString(blob) {
      this.#read(blob, arguments.length, 'FileReader.readAsBinaryString', (bytes) => inPieces(bytes, LETTERS, letters));
    }

    readAsText(blob, encoding = undefined) {
      const label = encoding === undefined ? undefined : toText(encoding);
      this.#read(blob, arguments.length, 'FileReader.readAsText', (bytes, type) => decoded(bytes, label, type));
    }

    readAsDataURL(blob) {
      this.#read(blob, arguments.length, 'FileReader.readAsDataURL', (bytes, type) =>
        'data:' + (type === '' ? 'application/octet-stream' : type) + ';base64,' + inPieces(bytes, PIECE, toBase64));
    }

    abort() {
      if (this.#state !== LOADING) {
        this.#result = null;
        return;
      }
      this.#state = DONE;
      this.#result = null;
      this.#reading = undefined;
      this.#send('abort', 0);
      if (this.#state !== LOADING) this.#send('loadend', 0);
    }

    get readyState() { return this.#state; }
    get result() { return this.#result; }
    get error() { return this.#error; }

    #handler(type) { return this.#handlers[type] === undefined ? null : this.#handlers[type].get(); }
    #handle(type, value) {
      this.#handlers[type] ??= attribute(type);
      this.#handlers[type].set(this, value);
    }

    get onloadstart() { return this.#handler('loadstart'); }
    set onloadstart(value) { this.#handle('loadstart', value); }
    get onprogress() { return this.#handler('progress'); }
    set onprogress(value) { this.#handle('progress', value); }
    get onload() { return this.#handler('load'); }
    set onload(value) { this.#handle('load', value); }
    get onabort() { return this.#handler('abort'); }
    set onabort(value) { this.#handle('abort', value); }
    get onerror() { return this.#handler('error'); }
    set onerror(value) { this.#handle('error', value); }
    get onloadend() { return this.#handler('loadend'); }
    set onloadend(value) { this.#handle('loadend', value); }
  }

  expose(ProgressEvent, 'ProgressEvent');
  expose(FileReader, 'FileReader');
  const states = (object) => {
    constant(object, 'EMPTY', EMPTY);
    constant(object, 'LOADING', LOADING);
    constant(object, 'DONE', DONE);
  };
  states(FileReader);
  states(FileReader.prototype);
  return { __proto__: null, FileReader, ProgressEvent };
})
