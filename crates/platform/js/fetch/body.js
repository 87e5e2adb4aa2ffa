// Bodies of requests and responses: section 5.2 and 5.3 of the Fetch Standard. A body is a record: bytes
// that are there, or a stream; of the first a stream (and the module of streams) is made only when
// somebody looks at it.
(function (std, native, base, core, url, files) {
  'use strict';
  const { builtin, method, first, list, push, isObject, toScalars, bytesOf, rejected } = std;
  const { TypeError, Uint8Array } = first;
  const { encode, decode, multipart, random, use } = native;
  const { blob: blobs, fields, headers, isToken } = files;
  const { deferred, transform, promised, resolvedWith, microtask } = base;
  const lengthOf = method('TypedArray.prototype', 'length');
  const bufferOf = method('TypedArray.prototype', 'buffer');
  const setBytes = method('TypedArray.prototype', 'set');
  const tagOf = method('TypedArray.prototype', '[Symbol.toStringTag]');
  const lower = method('String.prototype', 'toLowerCase');
  const slice = method('String.prototype', 'slice');
  const parseJson = builtin('JSON', 'parse');
  const NOTHING = new Uint8Array(0);

  const joined = (parts) => {
    if (parts.length === 1) return parts[0];
    let total = 0;
    for (let i = 0; i < parts.length; i++) total += lengthOf(parts[i]);
    const all = new Uint8Array(total);
    let at = 0;
    for (let i = 0; i < parts.length; i++) {
      setBytes(all, parts[i], at);
      at += lengthOf(parts[i]);
    }
    return all;
  };

  // What a form is sent as.

  const lines = (text) => {
    let made = '';
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      if (c !== '\r' && c !== '\n') continue;
      made += slice(text, from, i) + '\r\n';
      if (c === '\r' && i + 1 < text.length && text[i + 1] === '\n') i++;
      from = i + 1;
    }
    return made + slice(text, from);
  };
  const escaped = (text) => {
    let made = '';
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      if (c !== '\r' && c !== '\n' && c !== '"') continue;
      made += slice(text, from, i) + (c === '\r' ? '%0D' : c === '\n' ? '%0A' : '%22');
      from = i + 1;
    }
    return made + slice(text, from);
  };
  const HEX = '0123456789abcdef';
  const newBoundary = () => {
    const bytes = random(16);
    let text = '----formdata-';
    for (let i = 0; i < 16; i++) text += HEX[bytes[i] >> 4] + HEX[bytes[i] & 15];
    return text;
  };
  const formBytes = (data, boundary) => {
    const pairs = fields.of(data);
    const parts = list();
    for (let i = 0; i < pairs.length; i += 2) {
      const value = pairs[i + 1];
      let head = '--' + boundary + '\r\nContent-Disposition: form-data; name="' + escaped(lines(pairs[i])) + '"';
      if (typeof value === 'string') {
        push(parts, encode(head + '\r\n\r\n' + lines(value) + '\r\n'));
        continue;
      }
      const type = blobs.type(value);
      head += '; filename="' + escaped(blobs.name(value)) + '"\r\nContent-Type: ';
      push(parts, encode(head + (type === '' ? 'application/octet-stream' : type) + '\r\n\r\n'), blobs.bytes(value));
      push(parts, encode('\r\n'));
    }
    push(parts, encode('--' + boundary + '--\r\n'));
    return joined(parts);
  };

  // Bodies.

  // `shared` bytes are those of others too, who count on them. A stream that a guest gave is `foreign`: its
  // body cannot be made anew from anything else.
  const ofBytes = (bytes, shared) => ({ __proto__: null, bytes, shared, stream: undefined, foreign: false, used: false });
  const ofStream = (stream, foreign) => ({
    __proto__: null, bytes: undefined, shared: false, stream, foreign, used: false,
  });

  // What a guest gives as a body, as Web IDL converts it: text stays text, all else objects.
  const converted = (value) => {
    if (isObject(value) && (core.inner.streamOf(value) !== undefined || blobs.is(value) || bytesOf(value) !== undefined ||
        fields.is(value) || url.isParams(value))) return value;
    return toScalars(value);
  };
  // The body of a converted value, and its type or null. One that is kept alive by its request
  // (`keepalive`) is no stream.
  const extract = (value, keepalive) => {
    const made = (body, type) => ({ __proto__: null, body, type });
    if (typeof value === 'string') return made(ofBytes(encode(value), false), 'text/plain;charset=UTF-8');
    const stream = core.inner.streamOf(value);
    if (stream !== undefined) {
      if (keepalive) throw new TypeError('With keepalive, the body is no stream');
      if (stream.disturbed || core.isLocked(stream)) throw new TypeError('The body is a stream that is used already');
      return made(ofStream(stream, true), null);
    }
    if (blobs.is(value)) return made(ofBytes(blobs.bytes(value), true), blobs.type(value) === '' ? null : blobs.type(value));
    if (fields.is(value)) {
      const boundary = newBoundary();
      return made(ofBytes(formBytes(value, boundary), false), 'multipart/form-data; boundary=' + boundary);
    }
    if (url.isParams(value)) {
      return made(ofBytes(encode(url.textOf(value)), false), 'application/x-www-form-urlencoded;charset=UTF-8');
    }
    return made(ofBytes(files.copy(bytesOf(value)), false), null);
  };

  const isUsed = (body) => body !== null && (body.stream === undefined ? body.used : body.stream.disturbed);
  const isUnusable = (body) => isUsed(body) || (body !== null && body.stream !== undefined && core.isLocked(body.stream));

  // The stream's object that a guest sees; null where there is no body.
  const streamOf = (body) => {
    if (body === null) return null;
    if (body.stream === undefined) {
      body.stream = files.streamOf(body.bytes);
      if (body.used) {
        const reader = core.newReader(body.stream, false);
        core.read(reader, { __proto__: null, chunk: base.noop, close: base.noop, error: base.noop });
      }
    }
    return use('readable').wrap(body.stream);
  };

  // A second body of the same content.
  const clone = (body) => {
    if (body === null) return null;
    if (body.stream === undefined) {
      body.shared = true;
      return ofBytes(body.bytes, true);
    }
    const branches = use('readable').tee(body.stream);
    body.stream = branches[0];
    body.bytes = undefined;
    return ofStream(branches[1], body.foreign);
  };

  const bytesFrom = (body) => {
    const { bytes } = body;
    body.bytes = NOTHING;
    body.used = true;
    return bytes;
  };
  // Takes a body away from its owner, who has a used one then.
  const taken = (body) => {
    if (body.stream === undefined) return ofBytes(bytesFrom(body), body.shared);
    const reader = core.newReader(body.stream, false);
    body.stream.disturbed = true;
    const stream = use('readable').create(base.noop, () => {
      const result = deferred();
      core.read(reader, {
        __proto__: null,
        chunk: (chunk) => {
          core.enqueue(stream.controller, chunk);
          result.resolve(undefined);
        },
        close: () => {
          core.close(stream.controller);
          result.resolve(undefined);
        },
        error: result.reject,
      });
      return result.promise;
    }, (reason) => core.cancelStream(reader.stream, reason), 0, base.one);
    return ofStream(stream, body.foreign);
  };

  const isBytes = (value) => {
    try {
      return tagOf(value) === 'Uint8Array';
    } catch {
      return false;
    }
  };
  // All bytes of a body, as a promise of a record: nobody's `then` is asked.
  const answer = (bytes, shared) => ({ __proto__: null, bytes, shared });
  const readAll = (body) => {
    if (body === null) return resolvedWith(answer(NOTHING, true));
    if (body.stream === undefined) {
      return resolvedWith(answer(bytesFrom(body), body.shared));
    }
    const reader = core.newReader(body.stream, false);
    const parts = list();
    const result = deferred();
    const next = () => core.read(reader, {
      __proto__: null,
      chunk: (chunk) => {
        if (!isBytes(chunk)) {
          const error = new TypeError('A chunk of the body is no Uint8Array');
          result.reject(error);
          base.handled(core.cancelStream(body.stream, error));
          return;
        }
        // Its bytes are those of the moment, whatever a guest does with them later.
        push(parts, files.copy(chunk));
        // Not from within, as a stream may have any number of chunks ready.
        microtask(next);
      },
      close: () => {
        try {
          result.resolve(answer(joined(parts), false));
        } catch (error) {
          result.reject(error);
        }
      },
      error: result.reject,
    });
    next();
    return result.promise;
  };

  // MIME types, as far as bodies need them: a record of the type and its parameters, or null.
  const isSpace = (c) => c === ' ' || c === '\t' || c === '\r' || c === '\n';
  const trimmed = (text) => {
    let from = 0, to = text.length;
    while (from < to && isSpace(text[from])) from++;
    while (to > from && isSpace(text[to - 1])) to--;
    return slice(text, from, to);
  };
  // Parts between separators that are in no quotes.
  const split = (text, separator) => {
    const parts = list();
    let from = 0;
    let quoted = false;
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      if (c === '"') quoted = !quoted;
      else if (quoted && c === '\\') i++;
      else if (!quoted && c === separator) {
        push(parts, trimmed(slice(text, from, i)));
        from = i + 1;
      }
    }
    push(parts, trimmed(slice(text, from)));
    return parts;
  };
  const unquoted = (text) => {
    if (text[0] !== '"') return text;
    let made = '';
    for (let i = 1; i < text.length && text[i] !== '"'; i++) {
      if (text[i] === '\\' && i + 1 < text.length) i++;
      made += text[i];
    }
    return made;
  };
  const indexOf = method('String.prototype', 'indexOf');
  const codeAt = method('String.prototype', 'charCodeAt');
  const isQuotable = (text) => {
    for (let i = 0; i < text.length; i++) {
      const code = codeAt(text, i);
      if (code > 0xff || code === 0x7f || (code < 0x20 && code !== 9)) return false;
    }
    return true;
  };
  const parseType = (text) => {
    const parts = split(text, ';');
    const essence = lower(parts[0]);
    const slash = indexOf(essence, '/');
    if (slash < 1 || !isToken(slice(essence, 0, slash)) || !isToken(slice(essence, slash + 1))) return null;
    const names = list();
    const values = { __proto__: null };
    for (let i = 1; i < parts.length; i++) {
      const equals = indexOf(parts[i], '=');
      const name = equals < 0 ? '' : lower(slice(parts[i], 0, equals));
      const raw = slice(parts[i], equals + 1);
      const value = unquoted(raw);
      if (!isToken(name) || raw === '' || !isQuotable(value) || name in values) continue;
      push(names, name);
      values[name] = value;
    }
    return { __proto__: null, essence, names, values };
  };
  // The last type that a header's values have.
  const typeOf = (of) => {
    const text = headers.get(of, 'content-type');
    if (text === null) return null;
    const values = split(text, ',');
    let found = null;
    for (let i = 0; i < values.length; i++) {
      const type = parseType(values[i]);
      if (type === null || type.essence === '*/*') continue;
      if (found !== null && type.essence === found.essence && type.values.charset === undefined &&
          found.values.charset !== undefined) {
        push(type.names, 'charset');
        type.values.charset = found.values.charset;
      }
      found = type;
    }
    return found;
  };
  const typeText = (type) => {
    if (type === null) return '';
    let text = type.essence;
    for (let i = 0; i < type.names.length; i++) {
      const name = type.names[i];
      const value = type.values[name];
      if (isToken(value)) {
        text += ';' + name + '=' + value;
        continue;
      }
      text += ';' + name + '="';
      for (let k = 0; k < value.length; k++) {
        text += (value[k] === '"' || value[k] === '\\' ? '\\' : '') + value[k];
      }
      text += '"';
    }
    return text;
  };

  // A mark at the beginning is text like all else: `decode` takes one away.
  const decodeAll = (bytes) =>
    (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? '\ufeff' : '') + decode(bytes);
  const formOf = (bytes, type) => {
    const data = new files.FormData();
    if (type !== null && type.essence === 'application/x-www-form-urlencoded') {
      const pairs = url.pairsIn(decodeAll(bytes));
      for (let i = 0; i < pairs.length; i += 2) fields.add(data, pairs[i], pairs[i + 1]);
      return data;
    }
    if (type === null || type.essence !== 'multipart/form-data') throw new TypeError('The body is of no type of forms');
    const { boundary } = type.values;
    const whole = lengthOf(bytes);
    let at = 0;
    for (;;) {
      const rest = new Uint8Array(bufferOf(bytes), at, whole - at);
      const parts = boundary === undefined ? undefined : multipart(rest, boundary, at > 0);
      if (parts === undefined) throw new TypeError('The body is no multipart/form-data');
      for (let i = 2; i < parts.length; i += 4) {
        const file = parts[i + 1];
        fields.add(data, parts[i], file === undefined ? decodeAll(parts[i + 3])
          : files.fileOf(parts[i + 3], file, parts[i + 2]));
      }
      if (parts[1]) return data;
      at += parts[0];
    }
  };

  // What the methods of a request or a response answer: `get` tells its body and its headers, and throws
  // for what is neither.
  const consumer = (make, keeps) => (get) => promised(() => {
    const of = get();
    if (isUnusable(of.body)) return rejected(new TypeError('The body is used already, or its stream is locked'));
    return transform(readAll(of.body), (read) =>
      make(keeps && read.shared ? files.copy(read.bytes) : read.bytes, of.headers));
  });

  return {
    __proto__: null, converted, extract, isUsed, isUnusable, streamOf, clone, taken, ofBytes, readAll,
    consume: {
      __proto__: null,
      arrayBuffer: consumer((bytes) => bufferOf(bytes), true),
      blob: consumer((bytes, of) => blobs.make(bytes, blobs.typeOf(typeText(typeOf(of)))), true),
      bytes: consumer((bytes) => bytes, true),
      formData: consumer((bytes, of) => formOf(bytes, typeOf(of)), false),
      json: consumer((bytes) => parseJson(decode(bytes)), false),
      text: consumer((bytes) => decode(bytes), false),
    },
  };
})
