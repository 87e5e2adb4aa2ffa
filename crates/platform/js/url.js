// URL and URLSearchParams. What parses and serialises is native; an object holds the text of its URL
// and, once a part was asked for, all parts.
(function (std, native) {
  'use strict';
  const {
    method, first, push, list, need, isObject, toScalars, expose, exposeIterator, iterate, apply, ownKeys,
    getOwnPropertyDescriptor, toArray, define,
  } = std;
  const { TypeError, iterator } = first;
  const { parse, parts: partsOf, change, parseQuery, serializeQuery, use } = native;
  const sort = method('Array.prototype', 'sort');
  const slice = method('String.prototype', 'slice');
  const indexOf = method('String.prototype', 'indexOf');
  const lastIndexOf = method('String.prototype', 'lastIndexOf');
  // What is parsed of a query at a time: a run's limits are looked at in between.
  const PIECE = 64 * 1024;
  // Tells the constructor that what follows was parsed before.
  const PARSED = { __proto__: null };
  // The numbers of the parts, as the natives count them.
  const ORIGIN = 0, PROTOCOL = 1, USERNAME = 2, PASSWORD = 3, HOST = 4, HOSTNAME = 5, PORT = 6,
    PATHNAME = 7, SEARCH = 8, HASH = 9;

  const inner = { __proto__: null };

  class URLSearchParams {
    // Names and values in turn.
    #list = list();
    #url = null;

    constructor(init = '') {
      if (isObject(init)) {
        const getIterator = init[iterator];
        if (getIterator !== undefined && getIterator !== null) {
          if (typeof getIterator !== 'function') throw new TypeError('URLSearchParams: not iterable');
          this.#fromPairs(init, getIterator);
        } else {
          this.#fromRecord(init);
        }
        return;
      }
      const text = toScalars(init);
      this.#parse(text.length > 0 && text[0] === '?' ? slice(text, 1) : text);
    }

    #fromPairs(init, getIterator) {
      iterate(init, getIterator, (pair) => {
        if (!isObject(pair)) throw new TypeError('URLSearchParams: an item is no pair');
        const items = list();
        const get = pair[iterator];
        if (typeof get !== 'function') throw new TypeError('URLSearchParams: an item is not iterable');
        iterate(pair, get, (item) => push(items, toScalars(item)));
        if (items.length !== 2) throw new TypeError('URLSearchParams: an item has not two elements');
        push(this.#list, items[0], items[1]);
      });
    }

    #fromRecord(init) {
      const keys = ownKeys(init);
      const seen = { __proto__: null };
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i];
        const descriptor = getOwnPropertyDescriptor(init, key);
        if (descriptor === undefined || !descriptor.enumerable) continue;
        const name = toScalars(key);
        const value = toScalars(init[key]);
        const at = seen[name];
        if (at === undefined) {
          seen[name] = this.#list.length;
          push(this.#list, name, value);
        } else {
          this.#list[at + 1] = value;
        }
      }
    }

    #parse(text) {
      const made = list();
      const { length } = text;
      for (let from = 0; from < length;) {
        let to = length;
        if (length - from > PIECE) {
          to = lastIndexOf(text, '&', from + PIECE);
          if (to < from) to = indexOf(text, '&', from + PIECE);
          if (to < 0) to = length;
        }
        const pairs = parseQuery(slice(text, from, to));
        for (let i = 0; i < pairs.length; i++) push(made, pairs[i]);
        from = to + 1;
      }
      this.#list = made;
    }

    // Nothing changes where the URL would be too long.
    #become(changed) {
      if (this.#url !== null) inner.search(this.#url, serializeQuery(changed));
      this.#list = changed;
    }

    static {
      inner.paramsOf = (url, query) => {
        const params = new URLSearchParams();
        params.#url = url;
        params.#parse(query);
        return params;
      };
      push(std.uncloneable, (value) => #url in value);
      inner.reparse = (params, query) => params.#parse(query);
      inner.isParams = (value) => isObject(value) && #url in value;
      inner.textOf = (params) => serializeQuery(params.#list);
      // The names and values of what is encoded as forms are.
      inner.pairsIn = (text) => {
        const params = new URLSearchParams();
        params.#parse(text);
        return params.#list;
      };
      inner.pair = (params, at) => (at < params.#list.length ? params.#list : undefined);
    }

    get size() {
      return this.#list.length / 2;
    }

    append(name, value) {
      this.#list;
      need(arguments.length, 2, 'URLSearchParams.append');
      name = toScalars(name);
      value = toScalars(value);
      if (this.#url === null) {
        push(this.#list, name, value);
        return;
      }
      const longer = list();
      for (let i = 0; i < this.#list.length; i++) push(longer, this.#list[i]);
      push(longer, name, value);
      this.#become(longer);
    }

    delete(name, value = undefined) {
      this.#list;
      need(arguments.length, 1, 'URLSearchParams.delete');
      name = toScalars(name);
      if (value !== undefined) value = toScalars(value);
      const kept = list();
      const old = this.#list;
      for (let i = 0; i < old.length; i += 2) {
        if (old[i] !== name || (value !== undefined && old[i + 1] !== value)) push(kept, old[i], old[i + 1]);
      }
      this.#become(kept);
    }

    get(name) {
      this.#list;
      need(arguments.length, 1, 'URLSearchParams.get');
      name = toScalars(name);
      const all = this.#list;
      for (let i = 0; i < all.length; i += 2) {
        if (all[i] === name) return all[i + 1];
      }
      return null;
    }

    getAll(name) {
      this.#list;
      need(arguments.length, 1, 'URLSearchParams.getAll');
      name = toScalars(name);
      const found = list();
      const all = this.#list;
      for (let i = 0; i < all.length; i += 2) {
        if (all[i] === name) push(found, all[i + 1]);
      }
      return toArray(found);
    }

    has(name, value = undefined) {
      this.#list;
      need(arguments.length, 1, 'URLSearchParams.has');
      name = toScalars(name);
      if (value !== undefined) value = toScalars(value);
      const all = this.#list;
      for (let i = 0; i < all.length; i += 2) {
        if (all[i] === name && (value === undefined || all[i + 1] === value)) return true;
      }
      return false;
    }

    set(name, value) {
      this.#list;
      need(arguments.length, 2, 'URLSearchParams.set');
      name = toScalars(name);
      value = toScalars(value);
      const kept = list();
      const old = this.#list;
      let found = false;
      for (let i = 0; i < old.length; i += 2) {
        if (old[i] !== name) {
          push(kept, old[i], old[i + 1]);
        } else if (!found) {
          found = true;
          push(kept, name, value);
        }
      }
      if (!found) push(kept, name, value);
      this.#become(kept);
    }

    sort() {
      const all = this.#list;
      const pairs = list();
      for (let i = 0; i < all.length; i += 2) {
        push(pairs, { __proto__: null, name: all[i], value: all[i + 1] });
      }
      // By code units, as strings compare.
      sort(pairs, (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
      const sorted = list();
      for (let i = 0; i < pairs.length; i++) push(sorted, pairs[i].name, pairs[i].value);
      this.#become(sorted);
    }

    forEach(callback, thisArg = undefined) {
      this.#list;
      need(arguments.length, 1, 'URLSearchParams.forEach');
      if (typeof callback !== 'function') throw new TypeError('URLSearchParams.forEach: not a function');
      for (let i = 0; i < this.#list.length; i += 2) {
        apply(callback, thisArg, [this.#list[i + 1], this.#list[i], this]);
      }
    }

    keys() {
      this.#list;
      return new ParamsIterator(this, 'keys');
    }

    values() {
      this.#list;
      return new ParamsIterator(this, 'values');
    }

    entries() {
      this.#list;
      return new ParamsIterator(this, 'entries');
    }

    toString() {
      return serializeQuery(this.#list);
    }
  }

  class ParamsIterator {
    #params;
    #kind;
    #at = 0;

    constructor(params, kind) {
      this.#params = params;
      this.#kind = kind;
    }

    next() {
      const all = inner.pair(this.#params, this.#at);
      if (all === undefined) return { value: undefined, done: true };
      const name = all[this.#at];
      const value = all[this.#at + 1];
      this.#at += 2;
      const kind = this.#kind;
      return { value: kind === 'keys' ? name : kind === 'values' ? value : [name, value], done: false };
    }
  }

  class URL {
    #href;
    #parts = undefined;
    #params = undefined;

    constructor(url, base = undefined) {
      need(arguments.length, 1, 'URL');
      if (url === PARSED) {
        this.#href = base;
        return;
      }
      const text = toScalars(url);
      const href = base === undefined ? parse(text) : parse(text, toScalars(base));
      if (href === undefined) throw inner.invalid(text);
      this.#href = href;
    }

    static {
      push(std.uncloneable, (value) => #href in value);
      inner.search = (url, query) => url.#set(SEARCH, query);
      inner.invalid = (text) => {
        const error = new TypeError('Invalid URL');
        define(error, 'code', 'ERR_INVALID_URL', true);
        define(error, 'input', text, true);
        return error;
      };
    }

    #part(which) {
      this.#parts ??= partsOf(this.#href);
      return this.#parts[which];
    }

    #set(which, value) {
      const changed = change(this.#href, which, value);
      if (changed !== undefined) {
        this.#href = changed;
        this.#parts = undefined;
      }
    }

    #query() {
      const search = this.#part(SEARCH);
      return search === '' ? '' : slice(search, 1);
    }

    static canParse(url, base = undefined) {
      need(arguments.length, 1, 'URL.canParse');
      const text = toScalars(url);
      return (base === undefined ? parse(text) : parse(text, toScalars(base))) !== undefined;
    }

    static parse(url, base = undefined) {
      need(arguments.length, 1, 'URL.parse');
      const text = toScalars(url);
      const href = base === undefined ? parse(text) : parse(text, toScalars(base));
      return href === undefined ? null : new URL(PARSED, href);
    }

    static createObjectURL(obj) {
      need(arguments.length, 1, 'URL.createObjectURL');
      return use('files').register(obj);
    }

    static revokeObjectURL(url) {
      need(arguments.length, 1, 'URL.revokeObjectURL');
      use('files').revoke(toScalars(url));
    }

    get href() { return this.#href; }
    set href(value) {
      const text = toScalars(value);
      this.#href;
      const href = parse(text);
      if (href === undefined) throw inner.invalid(text);
      this.#href = href;
      this.#parts = undefined;
      if (this.#params !== undefined) inner.reparse(this.#params, this.#query());
    }

    get origin() { return this.#part(ORIGIN); }

    get protocol() { return this.#part(PROTOCOL); }
    set protocol(value) { this.#href; this.#set(PROTOCOL, toScalars(value)); }

    get username() { return this.#part(USERNAME); }
    set username(value) { this.#href; this.#set(USERNAME, toScalars(value)); }

    get password() { return this.#part(PASSWORD); }
    set password(value) { this.#href; this.#set(PASSWORD, toScalars(value)); }

    get host() { return this.#part(HOST); }
    set host(value) { this.#href; this.#set(HOST, toScalars(value)); }

    get hostname() { return this.#part(HOSTNAME); }
    set hostname(value) { this.#href; this.#set(HOSTNAME, toScalars(value)); }

    get port() { return this.#part(PORT); }
    set port(value) { this.#href; this.#set(PORT, toScalars(value)); }

    get pathname() { return this.#part(PATHNAME); }
    set pathname(value) { this.#href; this.#set(PATHNAME, toScalars(value)); }

    get search() { return this.#part(SEARCH); }
    set search(value) {
      this.#href;
      this.#set(SEARCH, toScalars(value));
      if (this.#params !== undefined) inner.reparse(this.#params, this.#query());
    }

    get searchParams() {
      this.#params ??= inner.paramsOf(this, this.#query());
      return this.#params;
    }

    get hash() { return this.#part(HASH); }
    set hash(value) { this.#href; this.#set(HASH, toScalars(value)); }

    toString() { return this.#href; }
    toJSON() { return this.#href; }
  }

  exposeIterator(ParamsIterator, 'URLSearchParams');
  expose(URLSearchParams, 'URLSearchParams');
  define(URLSearchParams.prototype, iterator, URLSearchParams.prototype.entries);
  expose(URL, 'URL');
  return {
    __proto__: null, URL, URLSearchParams, isParams: inner.isParams, textOf: inner.textOf, pairsIn: inner.pairsIn,
    // A URL's text; undefined for what is none.
    hrefOf: (text) => parse(text),
    hasCredentials(href) {
      const parts = partsOf(href);
      return parts[USERNAME] !== '' || parts[PASSWORD] !== '';
    },
  };
})
