// Blob, File, FormData and Headers.
(function (std, native, cloning) {
  'use strict';
  const {
    builtin, method, first, apply, list, push, need, isObject, toText, toScalars, toArray, dictionary, expose, bytesOf,
    iterate, rejected, exposePairs, mathTrunc, ownKeys, getOwnPropertyDescriptor,
  } = std;
  const { TypeError, Uint8Array, iterator, Promise } = first;
  const { now, origin, random } = native;
  const inner = { __proto__: null };
  // Parts that are none, for objects of our own.
  const NOTHING = list();
  // Bytes of a stream's chunk.
  const PIECE = 64 * 1024;
  const setBytes = method('TypedArray.prototype', 'set');
  const lengthOf = method('TypedArray.prototype', 'length');
  const bufferOf = method('TypedArray.prototype', 'buffer');
  const offsetOf = method('TypedArray.prototype', 'byteOffset');
  // The language's own `slice` asks a guest's prototype what to make.
  const cut = (bytes, from, to) => {
    const made = new Uint8Array(to - from);
    if (to > from) setBytes(made, new Uint8Array(bufferOf(bytes), offsetOf(bytes) + from, to - from));
    return made;
  };
  const copy = (bytes) => cut(bytes, 0, lengthOf(bytes));
  const lower = method('String.prototype', 'toLowerCase');
  const codeAt = method('String.prototype', 'charCodeAt');
  const slice = method('String.prototype', 'slice');
  const indexOf = method('String.prototype', 'indexOf');
  const resolve = builtin('Promise', 'resolve');
  const resolved = (value) => apply(resolve, Promise, [value]);
  // What an asynchronous operation throws is its promise's.
  const promised = (f) => {
    try {
      return resolved(f());
    } catch (error) {
      return rejected(error);
    }
  };

  const typeOf = (type) => {
    for (let i = 0; i < type.length; i++) {
      const code = codeAt(type, i);
      if (code < 0x20 || code > 0x7e) return '';
    }
    return lower(type);
  };

  const nativeEndings = (text) => {
    let made = '';
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      if (text[i] !== '\r') continue;
      made += slice(text, from, i) + '\n';
      if (i + 1 < text.length && text[i + 1] === '\n') i++;
      from = i + 1;
    }
    return made + slice(text, from);
  };

  const endingsOf = (options) => {
    const { endings } = options;
    const text = endings === undefined ? 'transparent' : toText(endings);
    if (text !== 'transparent' && text !== 'native') {
      throw new TypeError("Blob: endings is neither 'transparent' nor 'native'");
    }
    return text;
  };

  class Blob {
    #bytes;
    #type;

    constructor(blobParts = undefined, options = undefined) {
      const parts = list();
      let total = 0;
      const given = list();
      if (blobParts !== undefined && blobParts !== NOTHING) {
        const getIterator = isObject(blobParts) ? blobParts[iterator] : undefined;
        if (typeof getIterator !== 'function') throw new TypeError('Blob: the parts are not iterable');
        iterate(blobParts, getIterator, (part) => {
          if (isObject(part) && (#bytes in part || bytesOf(part) !== undefined)) push(given, part);
          else push(given, toScalars(part));
        });
      }
      options = dictionary(options, 'Blob');
      const endings = endingsOf(options);
      const { type } = options;
      this.#type = type === undefined ? '' : typeOf(toText(type));
      for (let i = 0; i < given.length; i++) {
        const part = given[i];
        const bytes = typeof part === 'string'
          ? native.encode(endings === 'native' ? nativeEndings(part) : part)
          : #bytes in part ? part.#bytes : bytesOf(part);
        push(parts, bytes);
        total += lengthOf(bytes);
      }
      const all = new Uint8Array(total);
      let at = 0;
      for (let i = 0; i < parts.length; i++) {
        setBytes(all, parts[i], at);
        at += lengthOf(parts[i]);
      }
      this.#bytes = all;
    }

    static {
      inner.isBlob = (value) => isObject(value) && #bytes in value;
      inner.bytes = (blob) => blob.#bytes;
      inner.make = (bytes, type) => {
        const made = new Blob();
        made.#bytes = bytes;
        made.#type = type;
        return made;
      };
      inner.type = (blob) => blob.#type;
      // Their bytes never change, so that several may share them.
      inner.share = (from, to) => {
        to.#bytes = from.#bytes;
        to.#type = from.#type;
      };
    }

    get size() { return lengthOf(this.#bytes); }
    get type() { return this.#type; }

    slice(start = undefined, end = undefined, contentType = undefined) {
      const size = lengthOf(this.#bytes);
      const clamp = (value, missing) => {
        if (value === undefined) return missing;
        const whole = mathTrunc(+value);
        if (whole !== whole) return 0;
        if (whole < 0) return size + whole < 0 ? 0 : size + whole;
        return whole > size ? size : whole;
      };
      const from = clamp(start, 0);
      const to = clamp(end, size);
      const type = contentType === undefined ? '' : typeOf(toText(contentType));
      return inner.make(cut(this.#bytes, from, to < from ? from : to), type);
    }

    text() { return promised(() => native.decode(this.#bytes)); }
    arrayBuffer() { return promised(() => bufferOf(copy(this.#bytes))); }
    bytes() { return promised(() => copy(this.#bytes)); }
    stream() { return inner.stream(this.#bytes); }
  }

  // A stream of bytes that are there already, in pieces. Its module is made only for who asks for one.
  inner.stream = (bytes) => native.use('readable').wrap(inner.streamOf(bytes));
  inner.streamOf = (bytes) => {
    const { createBytes, add, close } = native.use('readable');
    const size = lengthOf(bytes);
    let at = 0;
    const stream = createBytes(() => {
      if (at < size) {
        const to = size - at < PIECE ? size : at + PIECE;
        add(stream, cut(bytes, at, to));
        at = to;
      }
      if (at === size) close(stream);
      return resolved(undefined);
    }, () => resolved(undefined));
    return stream;
  };

  class File extends Blob {
    #name;
    #modified;

    constructor(fileBits, fileName, options = undefined) {
      need(arguments.length, 2, 'File');
      if (fileBits === undefined) throw new TypeError('File: the parts are not iterable');
      super(fileBits, options);
      this.#name = toScalars(fileName);
      const modified = dictionary(options, 'File').lastModified;
      const whole = modified === undefined ? mathTrunc(origin() + now()) : mathTrunc(+modified);
      this.#modified = whole !== whole || whole === Infinity || whole === -Infinity ? 0 : whole + 0;
    }

    static {
      inner.isFile = (value) => isObject(value) && #name in value;
      inner.nameOf = (file) => file.#name;
      inner.renamed = (blob, name) => {
        const made = new File(NOTHING, name);
        inner.share(blob, made);
        if (#name in blob) made.#modified = blob.#modified;
        return made;
      };
      inner.copy = (blob) => (#name in blob ? inner.renamed(blob, blob.#name)
        : inner.make(inner.bytes(blob), inner.type(blob)));
    }

    get name() { return this.#name; }
    get lastModified() { return this.#modified; }
  }

  // What `blob:` URLs name in this run, whose origin is an opaque one.
  const registered = { __proto__: null };
  const register = (blob) => {
    if (!inner.isBlob(blob)) throw new TypeError('URL.createObjectURL: not a Blob');
    const url = 'blob:null/' + std.uuid(random(16));
    registered[url] = blob;
    return url;
  };
  // What stands behind `#` names a part of what the URL is of.
  const withoutHash = (url) => {
    const at = indexOf(url, '#');
    return at < 0 ? url : slice(url, 0, at);
  };
  const revoke = (url) => { delete registered[url]; };
  const blobAt = (url) => registered[withoutHash(url)];

  // The names and values of a list, in which the first value of `name` is another one and the rest are gone.
  const replaced = (pairs, name, value) => {
    const kept = list();
    let found = false;
    for (let i = 0; i < pairs.length; i += 2) {
      if (pairs[i] !== name) {
        push(kept, pairs[i], pairs[i + 1]);
      } else if (!found) {
        found = true;
        push(kept, name, value);
      }
    }
    if (!found) push(kept, name, value);
    return kept;
  };

  class FormData {
    #list = list();

    constructor(form = undefined, submitter = undefined) {
      if (form !== undefined) throw new TypeError('FormData: there are no forms here');
    }

    static {
      push(std.uncloneable, (value) => #list in value);
      inner.fields = (data) => data.#list;
      inner.isFields = (value) => isObject(value) && #list in value;
      inner.addField = (data, name, value) => push(data.#list, name, value);
    }

    #value(value, fileName, given, what) {
      if (inner.isBlob(value)) {
        if (given) return inner.renamed(value, toScalars(fileName));
        return inner.isFile(value) ? value : inner.renamed(value, 'blob');
      }
      if (given) throw new TypeError(what + ': the value with a file name is no Blob');
      return toScalars(value);
    }

    append(name, value, filename = undefined) {
      this.#list;
      need(arguments.length, 2, 'FormData.append');
      name = toScalars(name);
      push(this.#list, name, this.#value(value, filename, arguments.length > 2, 'FormData.append'));
    }

    delete(name) {
      this.#list;
      need(arguments.length, 1, 'FormData.delete');
      name = toScalars(name);
      const kept = list();
      for (let i = 0; i < this.#list.length; i += 2) {
        if (this.#list[i] !== name) push(kept, this.#list[i], this.#list[i + 1]);
      }
      this.#list = kept;
    }

    get(name) {
      this.#list;
      need(arguments.length, 1, 'FormData.get');
      name = toScalars(name);
      for (let i = 0; i < this.#list.length; i += 2) {
        if (this.#list[i] === name) return this.#list[i + 1];
      }
      return null;
    }

    getAll(name) {
      this.#list;
      need(arguments.length, 1, 'FormData.getAll');
      name = toScalars(name);
      const found = list();
      for (let i = 0; i < this.#list.length; i += 2) {
        if (this.#list[i] === name) push(found, this.#list[i + 1]);
      }
      return toArray(found);
    }

    has(name) {
      this.#list;
      need(arguments.length, 1, 'FormData.has');
      name = toScalars(name);
      for (let i = 0; i < this.#list.length; i += 2) {
        if (this.#list[i] === name) return true;
      }
      return false;
    }

    set(name, value, filename = undefined) {
      this.#list;
      need(arguments.length, 2, 'FormData.set');
      name = toScalars(name);
      value = this.#value(value, filename, arguments.length > 2, 'FormData.set');
      this.#list = replaced(this.#list, name, value);
    }
  }

  const TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const byteText = (value, what) => {
    const text = toText(value);
    for (let i = 0; i < text.length; i++) {
      if (codeAt(text, i) > 255) throw new TypeError(what + ': a character is no byte');
    }
    return text;
  };
  const isToken = (text) => {
    for (let i = 0; i < text.length; i++) if (indexOf(TOKEN, text[i]) < 0) return false;
    return text !== '';
  };
  // The text of a status.
  const isPhrase = (text) => {
    for (let i = 0; i < text.length; i++) {
      const code = codeAt(text, i);
      if (code > 255 || code === 127 || (code < 32 && code !== 9)) return false;
    }
    return true;
  };
  const headerName = (value, what) => {
    const text = byteText(value, what);
    if (text === '') throw new TypeError(what + ': the name is empty');
    if (!isToken(text)) throw new TypeError(what + ": '" + text + "' is no name of a header");
    return lower(text);
  };
  const isSpace = (c) => c === ' ' || c === '\t' || c === '\r' || c === '\n';
  const headerValue = (value, what) => {
    const text = byteText(value, what);
    let from = 0, to = text.length;
    while (from < to && isSpace(text[from])) from++;
    while (to > from && isSpace(text[to - 1])) to--;
    const trimmed = slice(text, from, to);
    for (let i = 0; i < trimmed.length; i++) {
      const c = trimmed[i];
      if (c === '\0' || c === '\r' || c === '\n') throw new TypeError(what + ': the value has a line end or NUL');
    }
    return trimmed;
  };

  class Headers {
    // Names in lower case, and values, in turn.
    #list = list();
    // What iterating answers, until anything changes.
    #pairs = undefined;
    // Whether nobody may change them: those of responses that are errors or redirect.
    #immutable = false;

    constructor(init = undefined) {
      if (init === undefined) return;
      if (!isObject(init)) throw new TypeError('Headers: neither pairs nor a record');
      const getIterator = init[iterator];
      if (getIterator === undefined || getIterator === null) {
        const keys = ownKeys(init);
        for (let i = 0; i < keys.length; i++) {
          const descriptor = getOwnPropertyDescriptor(init, keys[i]);
          if (descriptor === undefined || !descriptor.enumerable) continue;
          const name = byteText(keys[i], 'Headers');
          this.#append(name, init[keys[i]], 'Headers');
        }
        return;
      }
      if (typeof getIterator !== 'function') throw new TypeError('Headers: not iterable');
      iterate(init, getIterator, (pair) => {
        const get = isObject(pair) ? pair[iterator] : undefined;
        if (typeof get !== 'function') throw new TypeError('Headers: an item is no pair');
        const items = list();
        iterate(pair, get, (item) => push(items, byteText(item, 'Headers')));
        if (items.length !== 2) throw new TypeError('Headers: an item has not two elements');
        this.#append(items[0], items[1], 'Headers');
      });
    }

    #append(name, value, what) {
      const text = headerName(name, what);
      value = headerValue(value, what);
      this.#changeable(what);
      push(this.#list, text, value);
      this.#pairs = undefined;
    }

    #changeable(what) {
      if (this.#immutable) throw new TypeError(what + ': these headers are immutable');
    }

    static {
      push(std.uncloneable, (value) => #list in value);
      inner.freeze = (headers) => {
        headers.#immutable = true;
        return headers;
      };
      inner.valueOf = (headers, name) => {
        const found = headers.#values(name);
        return found.length === 0 ? null : joined(found);
      };
      inner.add = (headers, name, value) => headers.#append(name, value, 'Headers');
      // A copy that may be changed where the other may.
      inner.copyHeaders = (headers) => {
        const made = new Headers();
        for (let i = 0; i < headers.#list.length; i++) push(made.#list, headers.#list[i]);
        made.#immutable = headers.#immutable;
        return made;
      };
      inner.isHeaders = (value) => isObject(value) && #immutable in value;
      // Sorted, with what has the same name as one, except for cookies.
      inner.headers = (headers) => {
        if (headers.#pairs !== undefined) return headers.#pairs;
        const all = headers.#list;
        const names = list();
        const values = { __proto__: null };
        for (let i = 0; i < all.length; i += 2) {
          const name = all[i];
          if (values[name] === undefined) {
            values[name] = list();
            let at = names.length;
            push(names, name);
            while (at > 0 && names[at - 1] > name) {
              names[at] = names[at - 1];
              at--;
            }
            names[at] = name;
          }
          push(values[name], all[i + 1]);
        }
        const pairs = list();
        for (let i = 0; i < names.length; i++) {
          const name = names[i];
          const of = values[name];
          if (name === 'set-cookie') {
            for (let k = 0; k < of.length; k++) push(pairs, name, of[k]);
          } else {
            push(pairs, name, joined(of));
          }
        }
        headers.#pairs = pairs;
        return pairs;
      };
    }

    append(name, value) {
      this.#list;
      need(arguments.length, 2, 'Headers.append');
      this.#append(name, value, 'Headers.append');
    }

    delete(name) {
      this.#list;
      need(arguments.length, 1, 'Headers.delete');
      name = headerName(name, 'Headers.delete');
      this.#changeable('Headers.delete');
      const kept = list();
      for (let i = 0; i < this.#list.length; i += 2) {
        if (this.#list[i] !== name) push(kept, this.#list[i], this.#list[i + 1]);
      }
      this.#list = kept;
      this.#pairs = undefined;
    }

    #values(name) {
      const found = list();
      for (let i = 0; i < this.#list.length; i += 2) {
        if (this.#list[i] === name) push(found, this.#list[i + 1]);
      }
      return found;
    }

    get(name) {
      this.#list;
      need(arguments.length, 1, 'Headers.get');
      const found = this.#values(headerName(name, 'Headers.get'));
      return found.length === 0 ? null : joined(found);
    }

    getSetCookie() { return toArray(this.#values('set-cookie')); }

    has(name) {
      this.#list;
      need(arguments.length, 1, 'Headers.has');
      return this.#values(headerName(name, 'Headers.has')).length > 0;
    }

    set(name, value) {
      this.#list;
      need(arguments.length, 2, 'Headers.set');
      name = headerName(name, 'Headers.set');
      value = headerValue(value, 'Headers.set');
      this.#changeable('Headers.set');
      this.#list = replaced(this.#list, name, value);
      this.#pairs = undefined;
    }
  }
  const joined = (values) => {
    let text = values[0];
    for (let i = 1; i < values.length; i++) text += ', ' + values[i];
    return text;
  };

  cloning.addKind((value) => (inner.isBlob(value) ? inner.copy(value) : undefined));
  // Streams are a group of their own, which the policy may have left out.
  if (!native.streams()) delete Blob.prototype.stream;
  expose(Blob, 'Blob');
  expose(File, 'File');
  exposePairs(FormData, 'FormData', inner.fields);
  expose(FormData, 'FormData');
  exposePairs(Headers, 'Headers', inner.headers);
  expose(Headers, 'Headers');
  return {
    __proto__: null, Blob, File, FormData, Headers, copy,
    blob: {
      __proto__: null, is: inner.isBlob, isFile: inner.isFile, bytes: inner.bytes, type: inner.type, make: inner.make,
      name: (file) => inner.nameOf(file), typeOf,
    },
    // A new file of bytes, with a type as it is given; and the streams of them, as records.
    fileOf: (bytes, name, type) => inner.renamed(inner.make(bytes, typeOf(type)), name),
    streamOf: inner.streamOf,
    fields: {
      __proto__: null, is: inner.isFields, of: inner.fields,
      // Puts pairs of which the second is text or a file.
      add: inner.addField,
    },
    headers: {
      __proto__: null, get: inner.valueOf, add: inner.add, freeze: inner.freeze, copy: inner.copyHeaders,
      is: inner.isHeaders, pairs: inner.headers,
    },
    isToken, isPhrase, register, revoke, blobAt,
  };
})
