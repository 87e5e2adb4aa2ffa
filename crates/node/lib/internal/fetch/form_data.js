'use strict';
// FormData: names and values of a form; and what forms look like in the bodies of messages.

const { Blob, File, blobBytes } = require('internal/buffer/blob');
const { exposeMembers } = require('internal/event_target');
const {
  defineInspect, defineIteration, illegalInvocation, notInstance, requireArguments, usvString,
} = require('internal/fetch/convert');
const { kUnsupported, refuseClones } = require('internal/uncloneable');

function makeEntry(name, value, filename, hasFilename) {
  if (value instanceof Blob) {
    if (!(value instanceof File) || hasFilename) {
      const newName = hasFilename ? filename : 'blob';
      value = new File([value], newName, { type: value.type, lastModified: value.lastModified });
    }
  }
  return [name, value];
}

class FormData {
  static { refuseClones((value) => #entries in value, kUnsupported); }

  #entries = [];

  constructor(form = undefined) {
    if (form !== undefined) {
      throw new TypeError('FormData constructor: Argument 1 could not be converted to: undefined.');
    }
  }

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#entries in value)) throw illegalInvocation();
  }

  static entriesOf(object) {
    FormData.#check(object);
    return object.#entries;
  }

  static #entry(method, name, value, rest) {
    const prefix = `FormData.${method}`;
    name = usvString(name, prefix, 'name');
    const hasFilename = rest.length > 0;
    if (hasFilename && !(value instanceof Blob)) throw notInstance(value, prefix, 'value', 'Blob');
    if (!(value instanceof Blob)) value = usvString(value, prefix, 'value');
    const filename = hasFilename ? usvString(rest[0], prefix, 'filename') : undefined;
    return makeEntry(name, value, filename, hasFilename);
  }

  append(name, value, ...rest) {
    FormData.#check(this);
    requireArguments(arguments.length, 2, 'FormData.append');
    this.#entries.push(FormData.#entry('append', name, value, rest));
  }

  delete(name) {
    FormData.#check(this);
    requireArguments(arguments.length, 1, 'FormData.delete');
    name = usvString(name, 'FormData.delete', 'name');
    this.#entries = this.#entries.filter(([each]) => each !== name);
  }

  get(name) {
    FormData.#check(this);
    requireArguments(arguments.length, 1, 'FormData.get');
    name = usvString(name, 'FormData.get', 'name');
    return this.#entries.find(([each]) => each === name)?.[1] ?? null;
  }

  getAll(name) {
    FormData.#check(this);
    requireArguments(arguments.length, 1, 'FormData.getAll');
    name = usvString(name, 'FormData.getAll', 'name');
    return this.#entries.filter(([each]) => each === name).map(([, value]) => value);
  }

  has(name) {
    FormData.#check(this);
    requireArguments(arguments.length, 1, 'FormData.has');
    name = usvString(name, 'FormData.has', 'name');
    return this.#entries.some(([each]) => each === name);
  }

  set(name, value, ...rest) {
    FormData.#check(this);
    requireArguments(arguments.length, 2, 'FormData.set');
    const entry = FormData.#entry('set', name, value, rest);
    const at = this.#entries.findIndex(([each]) => each === entry[0]);
    if (at < 0) {
      this.#entries.push(entry);
      return;
    }
    this.#entries = this.#entries.filter(([each], index) => index <= at || each !== entry[0]);
    this.#entries[at] = entry;
  }
}

// `append` and `set` take two arguments at least.
for (const name of ['append', 'set']) {
  Object.defineProperty(FormData.prototype[name], 'length', { value: 2, configurable: true });
}

const { entriesOf } = FormData;
delete FormData.entriesOf;

defineIteration(FormData, 'FormData', entriesOf);
defineInspect(FormData, 'FormData', (form) => {
  const shown = {};
  for (const [name, value] of entriesOf(form)) {
    if (!Object.hasOwn(shown, name)) shown[name] = value;
    else if (Array.isArray(shown[name])) shown[name].push(value);
    else shown[name] = [shown[name], value];
  }
  return shown;
});
exposeMembers(FormData.prototype, 'FormData', ['append', 'delete', 'get', 'getAll', 'has', 'set']);

const isFormData = (value) => value instanceof FormData;

// --- multipart/form-data ---

const escapeName = (text) => text.replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22');
const withCrlf = (text) => text.replace(/\r?\n|\r/g, '\r\n');

function encodeMultipart(form) {
  let digits = '';
  while (digits.length < 12) digits += Math.floor(Math.random() * 10);
  const boundary = `----formdata-sandtide-${digits}`;
  const parts = [];
  for (const [name, value] of entriesOf(form)) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(withCrlf(name))}"`;
    if (typeof value === 'string') {
      parts.push(Buffer.from(`${head}\r\n\r\n${withCrlf(value)}\r\n`));
    } else {
      parts.push(Buffer.from(`${head}; filename="${escapeName(value.name)}"\r\n` +
        `Content-Type: ${value.type || 'application/octet-stream'}\r\n\r\n`));
      parts.push(blobBytes(value), Buffer.from('\r\n'));
    }
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { bytes: Buffer.concat(parts), type: `multipart/form-data; boundary=${boundary}` };
}

const kFailed = () => new TypeError('Failed to parse body as FormData.');

function unescapeName(text) {
  return text.replace(/%0A/gi, '\n').replace(/%0D/gi, '\r').replace(/%22/g, '"');
}

function readPartHead(text) {
  const head = { name: undefined, filename: undefined, type: undefined };
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) throw kFailed();
    const value = line.slice(colon + 1).trim();
    const field = line.slice(0, colon).trim().toLowerCase();
    if (field === 'content-type') {
      head.type = value;
    } else if (field === 'content-disposition') {
      if (!/^form-data\s*;/i.test(value)) throw kFailed();
      for (const [, key, quoted, plain] of value.matchAll(/;\s*([\w*]+)=(?:"([^"]*)"|([^\s;]*))/g)) {
        const which = key.toLowerCase();
        if (which === 'name' || which === 'filename') head[which] = unescapeName(quoted ?? plain);
      }
    }
  }
  if (head.name === undefined) throw kFailed();
  return head;
}

function decodeMultipart(bytes, boundary) {
  const form = new FormData();
  const mark = Buffer.from(`--${boundary}`);
  let at = bytes.indexOf(mark);
  if (at < 0) throw kFailed();
  for (;;) {
    at += mark.length;
    if (bytes[at] === 0x2d && bytes[at + 1] === 0x2d) return form;
    if (bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) throw kFailed();
    at += 2;
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    if (headEnd < 0) throw kFailed();
    const { name, filename, type } = readPartHead(bytes.toString('utf8', at, headEnd));
    const end = bytes.indexOf(`\r\n--${boundary}`, headEnd + 2);
    if (end < 0) throw kFailed();
    const content = bytes.subarray(Math.min(headEnd + 4, end), end);
    if (filename === undefined) form.append(name, content.toString('utf8'));
    else form.append(name, new File([content], filename, { type: type ?? 'text/plain' }));
    at = end + 2;
  }
}

function decodeUrlEncoded(bytes) {
  const form = new FormData();
  for (const [name, value] of new URLSearchParams(bytes.toString('utf8'))) form.append(name, value);
  return form;
}

module.exports = { FormData, decodeMultipart, decodeUrlEncoded, encodeMultipart, isFormData };
