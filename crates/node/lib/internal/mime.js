'use strict';
// MIMEType and MIMEParams, after the MIME Sniffing Standard.

const { codes } = require('internal/errors');

const NOT_TOKEN = /[^!#$%&'*+\-.^_`|~A-Za-z0-9]/;
const NOT_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/;
const SPACE = /[\r\n\t ]/;

function lower(text) {
  return text.replace(/[A-Z]/g, (char) => char.toLowerCase());
}

function trim(text) {
  return text.replace(/^[\r\n\t ]+|[\r\n\t ]+$/g, '');
}

function checked(production, text, invalid) {
  const at = text.search(invalid);
  if (text === '' || at !== -1) throw new codes.ERR_INVALID_MIME_SYNTAX(production, text, at);
  return text;
}

class MIMEParams {
  #data = new Map();

  static parse(text) {
    const params = new MIMEParams();
    let at = 0;
    while (at < text.length) {
      while (at < text.length && SPACE.test(text[at])) at++;
      let end = at;
      while (end < text.length && text[end] !== ';' && text[end] !== '=') end++;
      const name = lower(text.slice(at, end));
      at = end;
      if (text[at] !== '=') {
        at++;
        continue;
      }
      at++;
      let value = '';
      if (text[at] === '"') {
        at++;
        for (; at < text.length && text[at] !== '"'; at++) {
          if (text[at] === '\\' && at + 1 < text.length) at++;
          value += text[at];
        }
        while (at < text.length && text[at] !== ';') at++;
      } else {
        end = text.indexOf(';', at);
        if (end === -1) end = text.length;
        value = text.slice(at, end).replace(/[\r\n\t ]+$/, '');
        at = end;
        if (value === '') {
          at++;
          continue;
        }
      }
      at++;
      if (name !== '' && !NOT_TOKEN.test(name) && !NOT_VALUE.test(value) && !params.has(name)) params.set(name, value);
    }
    return params;
  }

  delete(name) {
    this.#data.delete(`${name}`);
  }

  get(name) {
    return this.#data.get(`${name}`) ?? null;
  }

  has(name) {
    return this.#data.has(`${name}`);
  }

  set(name, value) {
    name = checked('parameter name', `${name}`, NOT_TOKEN);
    value = `${value}`;
    const at = value.search(NOT_VALUE);
    if (at !== -1) throw new codes.ERR_INVALID_MIME_SYNTAX('parameter value', value, at);
    this.#data.set(name, value);
  }

  * entries() {
    yield* this.#data.entries();
  }

  * keys() {
    yield* this.#data.keys();
  }

  * values() {
    yield* this.#data.values();
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  toString() {
    return [...this.#data].map(([name, value]) => {
      const plain = value !== '' && !NOT_TOKEN.test(value);
      return `${name}=${plain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
    }).join(';');
  }

  toJSON() {
    return this.toString();
  }
}

class MIMEType {
  #type;
  #subtype;
  #params;

  constructor(text) {
    text = `${text}`;
    const trimmed = text.replace(/^[\r\n\t ]+/, '');
    const slash = trimmed.indexOf('/');
    const type = slash === -1 ? trimmed : trimmed.slice(0, slash);
    const invalidType = type.search(NOT_TOKEN);
    if (type === '' || slash === -1 || invalidType !== -1) throw new codes.ERR_INVALID_MIME_SYNTAX('type', text, invalidType);
    const rest = trimmed.slice(slash + 1);
    const semicolon = rest.indexOf(';');
    const subtype = trim(semicolon === -1 ? rest : rest.slice(0, semicolon));
    const invalidSubtype = subtype.search(NOT_TOKEN);
    if (subtype === '' || invalidSubtype !== -1) throw new codes.ERR_INVALID_MIME_SYNTAX('subtype', text, invalidSubtype);
    this.#type = lower(type);
    this.#subtype = lower(subtype);
    this.#params = MIMEParams.parse(semicolon === -1 ? '' : rest.slice(semicolon + 1));
  }

  get type() {
    return this.#type;
  }

  set type(value) {
    this.#type = lower(checked('type', `${value}`, NOT_TOKEN));
  }

  get subtype() {
    return this.#subtype;
  }

  set subtype(value) {
    this.#subtype = lower(checked('subtype', `${value}`, NOT_TOKEN));
  }

  get essence() {
    return `${this.#type}/${this.#subtype}`;
  }

  get params() {
    return this.#params;
  }

  toString() {
    const params = this.#params.toString();
    return params === '' ? this.essence : `${this.essence};${params}`;
  }

  toJSON() {
    return this.toString();
  }
}

for (const key of ['type', 'subtype', 'essence', 'params', 'toString', 'toJSON']) {
  Object.defineProperty(MIMEType.prototype, key, { __proto__: null, enumerable: true });
}

module.exports = { MIMEParams, MIMEType };
