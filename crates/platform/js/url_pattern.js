// URLPattern, from the standard of that name: tokens, parts, a regular expression for each component,
// and the match. What canonicalises components are the natives of URLs. All else is a script, so that a
// run's limits hold in the middle of a pattern, and the expressions are the language's own.
(function (std, native) {
  'use strict';
  const {
    builtin, method, first, push, list, isObject, toScalars, dictionary, expose, define,
  } = std;
  const { TypeError, RegExp } = first;
  const { parse: parseUrl, parts: partsOf, change } = native;
  const assign = builtin('Reflect', 'set');
  const exec = method('RegExp.prototype', 'exec');
  const slice = method('String.prototype', 'slice');
  const indexOf = method('String.prototype', 'indexOf');
  const lastIndexOf = method('String.prototype', 'lastIndexOf');
  const lower = method('String.prototype', 'toLowerCase');
  const codePointAt = method('String.prototype', 'codePointAt');
  const PROTOCOL = 1, USERNAME = 2, PASSWORD = 3, HOSTNAME = 5, PORT = 6, PATHNAME = 7, SEARCH = 8, HASH = 9;
  const NAMES = list();
  push(NAMES, 'protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash');
  const SPECIAL = { __proto__: null, ftp: '21', file: '', http: '80', https: '443', ws: '80', wss: '443' };
  const SCHEMES = list();
  push(SCHEMES, 'ftp', 'file', 'http', 'https', 'ws', 'wss');
  const DUMMY = 'https://dummy.invalid/';
  // Which characters the two escapes put a backslash before.
  const IN_PATTERNS = '+*?:{}()\\', IN_EXPRESSIONS = '.+*?^{}$()[]|/\\';
  const nameStart = new RegExp('^[\\p{ID_Start}$_]$', 'u');
  const namePart = new RegExp('^[\\p{ID_Continue}$\\u200c\\u200d]$', 'u');
  const wrong = (what) => { throw std.coded('ERR_INVALID_URL_PATTERN', new TypeError('URLPattern: ' + what)); };
  const has = (object, name) => object[name] !== undefined;
  const charAt = (text, at) => slice(text, at, at + (codePointAt(text, at) > 0xffff ? 2 : 1));
  const isDigit = (text) => text >= '0' && text <= '9';
  const isNamePart = (char, isFirst) => exec(isFirst ? nameStart : namePart, char) !== null;
  const escape = (text, what) => {
    let made = '';
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      if (indexOf(what, text[i]) < 0) continue;
      made += slice(text, from, i) + '\\';
      from = i;
    }
    return made + slice(text, from);
  };

  // RegExp.$1 and its like tell of the guest's last match, not of ours. `quietly` reads them, calls `f`, and
  // then matches what they were read from again, by an expression that finds the same.
  const left = method('RegExp', 'leftContext'), matched = method('RegExp', 'lastMatch');
  const right = method('RegExp', 'rightContext'), paren = method('RegExp', 'lastParen');
  const inputOf = method('RegExp', 'input');
  const GROUPS = list();
  for (let i = 1; i < 10; i++) push(GROUPS, method('RegExp', '$' + i));
  push(GROUPS, paren);
  const nothing = new RegExp('');
  const quietly = (f) => {
    let before, last, groups, subject, input;
    try {
      input = inputOf(RegExp);
      before = left(RegExp);
      last = matched(RegExp);
      subject = before + last + right(RegExp);
      groups = list();
      for (let i = 0; i < GROUPS.length; i++) push(groups, GROUPS[i](RegExp));
    } catch {
      // The last match was that of a class derived from RegExp, about which they are silent.
      groups = undefined;
    }
    try {
      return f();
    } finally {
      if (groups === undefined) exec(new (class extends RegExp {})(''), '');
      else {
        if (subject === '') exec(nothing, '');
        else {
          let source = '(?<=^';
          for (let i = 0; i < groups.length; i++) {
            source += '(?=[^]{' + indexOf(subject, groups[i]) + '}([^]{' + groups[i].length + '}))';
          }
          const again = new RegExp(source + '[^]{' + before.length + '})[^]{' + last.length + '}', 'y');
          again.lastIndex = before.length;
          exec(again, subject);
        }
      }
      if (input !== undefined && input !== subject) assign(RegExp, 'input', input);
    }
  };

  // Tokens.
  const tokenize = (input, lenient) => {
    const tokens = list();
    const { length } = input;
    let at = 0;
    const add = (type, index, value, next) => {
      push(tokens, { __proto__: null, type, index, value });
      at = next;
    };
    const fail = (index, next) => {
      if (!lenient) wrong('the pattern is not valid at its position ' + index);
      add('invalid-char', index, slice(input, index, next), next);
    };
    while (at < length) {
      const index = at;
      const char = charAt(input, at);
      const next = at + char.length;
      if (char === '*') add('asterisk', index, char, next);
      else if (char === '+' || char === '?') add('other-modifier', index, char, next);
      else if (char === '{') add('open', index, char, next);
      else if (char === '}') add('close', index, char, next);
      else if (char === '\\') {
        if (next === length) fail(index, next);
        else {
          const escaped = charAt(input, next);
          add('escaped-char', index, escaped, next + escaped.length);
        }
      } else if (char === ':') {
        let end = next;
        while (end < length) {
          const part = charAt(input, end);
          if (!isNamePart(part, end === next)) break;
          end += part.length;
        }
        if (end === next) fail(index, next);
        else add('name', index, slice(input, next, end), end);
      } else if (char === '(') {
        const end = endOfGroup(input, next);
        if (end < 0) fail(index, next);
        else add('regexp', index, slice(input, next, end), end + 1);
      } else add('char', index, char, next);
    }
    add('end', length, '', length);
    return tokens;
  };

  // Where the parenthesis of an expression that begins at `start` is closed; -1 where it is none.
  const endOfGroup = (input, start) => {
    const { length } = input;
    let depth = 1;
    for (let at = start; at < length; at++) {
      const char = input[at];
      if (char > '\x7f' || (at === start && char === '?')) return -1;
      if (char === '\\') {
        at++;
        if (at === length || input[at] > '\x7f') return -1;
      } else if (char === ')') {
        depth--;
        if (depth === 0) return at === start ? -1 : at;
      } else if (char === '(') {
        depth++;
        // Groups that capture would shift the numbers of the others.
        if (at + 1 === length || input[at + 1] !== '?') return -1;
      }
    }
    return -1;
  };

  // Parts.
  const settings = (delimiter, prefix, ignoreCase) => ({
    __proto__: null, delimiter, prefix, ignoreCase, segment: '[^' + escape(delimiter, IN_EXPRESSIONS) + ']+?',
  });
  const PLAIN = settings('', '', false), HOST = settings('.', '', false);
  const WILD = '.*';

  const partsOfPattern = (input, options, encode) => {
    const tokens = tokenize(input, false);
    const parts = list();
    const names = { __proto__: null };
    let at = 0;
    let pending = '';
    let number = 0;
    const take = (type) => (tokens[at].type === type ? tokens[at++] : null);
    const require = (type) => take(type) ?? wrong('the pattern is not valid at its position ' + tokens[at].index);
    const takeGroup = (name) => {
      const token = take('regexp');
      return token === null && name === null ? take('asterisk') : token;
    };
    const takeModifier = () => {
      const token = take('other-modifier') ?? take('asterisk');
      return token === null ? '' : token.value;
    };
    const takeText = () => {
      let text = '';
      for (;;) {
        const token = take('char') ?? take('escaped-char');
        if (token === null) return text;
        text += token.value;
      }
    };
    const addText = (text, modifier) => push(parts, {
      __proto__: null, type: 'text', name: '', prefix: '', value: encode(text), suffix: '', modifier,
    });
    const addPending = () => {
      if (pending === '') return;
      const text = pending;
      pending = '';
      addText(text, '');
    };
    const addPart = (prefix, nameToken, group, suffix, modifier) => {
      if (nameToken === null && group === null) {
        if (modifier === '') {
          pending += prefix;
          return;
        }
        addPending();
        if (prefix !== '') addText(prefix, modifier);
        return;
      }
      addPending();
      let value = group === null ? options.segment : group.type === 'asterisk' ? WILD : group.value;
      let type = 'regexp';
      if (value === options.segment) type = 'segment';
      else if (value === WILD) type = 'wild';
      if (type !== 'regexp') value = '';
      const name = nameToken !== null ? nameToken.value : '' + number++;
      if (has(names, name)) wrong("the pattern has the name '" + name + "' twice");
      names[name] = true;
      push(parts, {
        __proto__: null, type, name, prefix: encode(prefix), value, suffix: encode(suffix), modifier,
      });
    };
    while (at < tokens.length) {
      const char = take('char');
      let name = take('name');
      let group = takeGroup(name);
      if (name !== null || group !== null) {
        let prefix = char === null ? '' : char.value;
        if (prefix !== '' && prefix !== options.prefix) {
          pending += prefix;
          prefix = '';
        }
        addPending();
        addPart(prefix, name, group, '', takeModifier());
        continue;
      }
      const text = char ?? take('escaped-char');
      if (text !== null) {
        pending += text.value;
        continue;
      }
      if (take('open') !== null) {
        const prefix = takeText();
        name = take('name');
        group = takeGroup(name);
        const suffix = takeText();
        require('close');
        addPart(prefix, name, group, suffix, takeModifier());
        continue;
      }
      addPending();
      require('end');
    }
    return parts;
  };

  const expressionOf = (parts, options, names) => {
    const quote = (text) => escape(text, IN_EXPRESSIONS);
    let made = '^';
    for (let i = 0; i < parts.length; i++) {
      const { type, name, prefix, value, suffix, modifier } = parts[i];
      if (type === 'text') {
        made += modifier === '' ? quote(value) : '(?:' + quote(value) + ')' + modifier;
        continue;
      }
      push(names, name);
      const inside = type === 'segment' ? options.segment : type === 'wild' ? WILD : value;
      const once = modifier === '' || modifier === '?';
      if (prefix === '' && suffix === '') {
        made += once ? '(' + inside + ')' + modifier : '((?:' + inside + ')' + modifier + ')';
      } else if (once) {
        made += '(?:' + quote(prefix) + '(' + inside + ')' + quote(suffix) + ')' + modifier;
      } else {
        made += '(?:' + quote(prefix) + '((?:' + inside + ')(?:' + quote(suffix) + quote(prefix) + '(?:' +
          inside + '))*)' + quote(suffix) + ')' + (modifier === '*' ? '?' : '');
      }
    }
    return made + '$';
  };

  const needsBraces = (part, before, behind, options) => {
    if (part.suffix !== '' || (part.prefix !== '' && part.prefix !== options.prefix)) return true;
    if (!isDigit(part.name[0]) && part.type === 'segment' && part.modifier === '' && behind !== undefined &&
        behind.prefix === '' && behind.suffix === '') {
      const runsOn = behind.type === 'text'
        ? behind.value !== '' && isNamePart(charAt(behind.value, 0), false) : isDigit(behind.name[0]);
      if (runsOn) return true;
    }
    return part.prefix === '' && before !== undefined && before.type === 'text' && before.value !== '' &&
      before.value[before.value.length - 1] === options.prefix;
  };

  const patternOf = (parts, options) => {
    const quote = (text) => escape(text, IN_PATTERNS);
    let made = '';
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      const { type, name, prefix, value, suffix, modifier } = part;
      if (type === 'text') {
        made += modifier === '' ? quote(value) : '{' + quote(value) + '}' + modifier;
        continue;
      }
      const before = i > 0 ? parts[i - 1] : undefined;
      const behind = i + 1 < parts.length ? parts[i + 1] : undefined;
      const named = !isDigit(name[0]);
      const braces = needsBraces(part, before, behind, options);
      made += (braces ? '{' : '') + quote(prefix) + (named ? ':' + name : '');
      if (type === 'regexp') made += '(' + value + ')';
      else if (type === 'segment') made += named ? '' : '(' + options.segment + ')';
      else {
        const star = !named && (before === undefined || before.type === 'text' || before.modifier !== '' ||
          braces || prefix !== '');
        made += star ? '*' : '(' + WILD + ')';
      }
      if (type === 'segment' && named && suffix !== '' && isNamePart(charAt(suffix, 0), false)) made += '\\';
      made += quote(suffix) + (braces ? '}' : '') + modifier;
    }
    return made;
  };

  // Components.
  const compile = (input, encode, options) => {
    const parts = partsOfPattern(input, options, encode);
    const names = list();
    const source = expressionOf(parts, options, names);
    let expression;
    try {
      expression = new RegExp(source, options.ignoreCase ? 'vi' : 'v');
    } catch {
      wrong('an expression of the pattern is not valid');
    }
    let groups = false;
    for (let i = 0; i < parts.length; i++) groups ||= parts[i].type === 'regexp';
    return { __proto__: null, pattern: patternOf(parts, options), expression, names, groups, parts };
  };
  const isSpecial = (component) => {
    for (let i = 0; i < SCHEMES.length; i++) {
      if (exec(component.expression, SCHEMES[i]) !== null) return true;
    }
    return false;
  };

  // Canonical forms. `change` answers nothing where a setter refuses.
  const set = (url, part, value, what) => {
    const changed = change(url, part, value);
    if (changed === undefined) wrong('the ' + what + ' is not valid');
    return partsOf(changed)[part];
  };
  const encodeProtocol = (value) => {
    if (value === '') return '';
    const url = parseUrl(value + '://dummy.invalid/');
    if (url === undefined) wrong('the protocol is not valid');
    return slice(partsOf(url)[PROTOCOL], 0, -1);
  };
  const encodeUsername = (value) => (value === '' ? '' : set(DUMMY, USERNAME, value, 'username'));
  const encodePassword = (value) => (value === '' ? '' : set(DUMMY, PASSWORD, value, 'password'));
  const encodeHostname = (value) => (value === '' ? '' : set(DUMMY, HOSTNAME, value, 'hostname'));
  const encodeAddress = (value) => {
    for (let i = 0; i < value.length; i++) {
      if (indexOf('0123456789abcdefABCDEF[]:', value[i]) < 0) wrong('the address is not valid');
    }
    return lower(value);
  };
  const encodePort = (value, protocol) => {
    if (value === '') return '';
    const scheme = protocol !== undefined && protocol !== 'file' && has(SPECIAL, protocol) ? protocol : 'x';
    return set(scheme + '://dummy.invalid/', PORT, value, 'port');
  };
  const encodePortAlone = (value) => encodePort(value, undefined);
  const encodePathname = (value) => {
    if (value === '') return '';
    if (value[0] === '/') return set(DUMMY, PATHNAME, value, 'pathname');
    return slice(set(DUMMY, PATHNAME, '/-' + value, 'pathname'), 2);
  };
  const encodeOpaque = (value) => {
    if (value === '') return '';
    const url = parseUrl('data:-' + value);
    if (url === undefined) wrong('the pathname is not valid');
    return slice(partsOf(url)[PATHNAME], 1);
  };
  const encodeSearch = (value) => (value === '' ? '' : slice(set(DUMMY, SEARCH, '?' + value, 'search'), 1));
  const encodeHash = (value) => (value === '' ? '' : slice(set(DUMMY, HASH, '#' + value, 'hash'), 1));

  // The parts of a URL as components have them.
  const componentsOf = (url) => {
    const parts = partsOf(url);
    return {
      __proto__: null, protocol: slice(parts[PROTOCOL], 0, -1), username: parts[USERNAME],
      password: parts[PASSWORD], hostname: parts[HOSTNAME], port: parts[PORT], pathname: parts[PATHNAME],
      search: slice(parts[SEARCH], 1), hash: slice(parts[HASH], 1),
    };
  };

  // A dictionary's members, read once and in the order that Web IDL has.
  const readInit = (value) => {
    const given = dictionary(value, 'URLPattern');
    const init = { __proto__: null };
    const read = (name) => {
      const member = given[name];
      if (member !== undefined) init[name] = toScalars(member);
    };
    read('baseURL');
    read('hash');
    read('hostname');
    read('password');
    read('pathname');
    read('port');
    read('protocol');
    read('search');
    read('username');
    return init;
  };

  const isAbsolute = (path, isPattern) => {
    if (path === '') return false;
    if (path[0] === '/') return true;
    return isPattern && path.length > 1 && (path[0] === '\\' || path[0] === '{') && path[1] === '/';
  };

  // The standard's "process a URLPatternInit": for a pattern as it is, else in canonical forms.
  const process = (init, isPattern, result) => {
    const inherit = (text) => (isPattern ? escape(text, IN_PATTERNS) : text);
    const canonical = (encode, value, extra) => (isPattern ? value : encode(value, extra));
    let base;
    if (has(init, 'baseURL')) {
      const url = parseUrl(init.baseURL);
      if (url === undefined) wrong('the base URL is not valid');
      base = componentsOf(url);
      base.opaque = base.hostname === '' && base.pathname[0] !== '/';
      // A component is inherited where neither it nor one before it is given.
      let given = has(init, 'protocol');
      if (!given) result.protocol = inherit(base.protocol);
      given ||= has(init, 'hostname');
      const secret = given || has(init, 'port') || has(init, 'username') || isPattern;
      if (!secret) result.username = base.username;
      if (!secret && !has(init, 'password')) result.password = base.password;
      if (!given) result.hostname = inherit(base.hostname);
      given ||= has(init, 'port');
      if (!given) result.port = inherit(base.port);
      given ||= has(init, 'pathname');
      if (!given) result.pathname = inherit(base.pathname);
      given ||= has(init, 'search');
      if (!given) result.search = inherit(base.search);
      given ||= has(init, 'hash');
      if (!given) result.hash = inherit(base.hash);
    }
    const without = (text, char) => (text[0] === char ? slice(text, 1) : text);
    if (has(init, 'protocol')) {
      const { protocol } = init;
      const bare = protocol[protocol.length - 1] === ':' ? slice(protocol, 0, -1) : protocol;
      result.protocol = canonical(encodeProtocol, bare);
    }
    if (has(init, 'username')) result.username = canonical(encodeUsername, init.username);
    if (has(init, 'password')) result.password = canonical(encodePassword, init.password);
    if (has(init, 'hostname')) result.hostname = canonical(encodeHostname, init.hostname);
    const protocol = has(result, 'protocol') ? result.protocol : '';
    if (has(init, 'port')) result.port = canonical(encodePort, init.port, protocol);
    if (has(init, 'pathname')) {
      let path = init.pathname;
      if (base !== undefined && !base.opaque && !isAbsolute(path, isPattern)) {
        const before = inherit(base.pathname);
        path = slice(before, 0, lastIndexOf(before, '/') + 1) + path;
      }
      const special = protocol === '' || has(SPECIAL, protocol);
      result.pathname = canonical(special ? encodePathname : encodeOpaque, path);
    }
    if (has(init, 'search')) result.search = canonical(encodeSearch, without(init.search, '?'));
    if (has(init, 'hash')) result.hash = canonical(encodeHash, without(init.hash, '#'));
    return result;
  };

  // A pattern that is text: which component each of its pieces is.
  const BEFORE_PATH = { __proto__: null, protocol: 1, authority: 1, username: 1, password: 1, hostname: 1, port: 1 };
  const BEFORE_HOST = { __proto__: null, protocol: 1, authority: 1, username: 1, password: 1 };
  const BEHIND_HOST = { __proto__: null, port: 1, pathname: 1, search: 1, hash: 1 };
  const parseText = (input) => {
    const tokens = tokenize(input, true);
    const result = { __proto__: null };
    let start = 0, at = 0, step = 1, depth = 0, brackets = 0, special = false, state = 'init';
    const token = (index) => tokens[index < tokens.length ? index : tokens.length - 1];
    const is = (index, char) => {
      const { type, value } = token(index);
      return value === char && (type === 'char' || type === 'escaped-char' || type === 'invalid-char');
    };
    const isSearch = () => {
      if (is(at, '?')) return true;
      if (token(at).value !== '?') return false;
      if (at === 0) return true;
      const { type } = token(at - 1);
      return type !== 'name' && type !== 'regexp' && type !== 'close' && type !== 'asterisk';
    };
    const component = () => slice(input, token(start).index, tokens[at].index);
    const change = (next, skip) => {
      if (state !== 'init' && state !== 'authority') result[state] = component();
      if (state !== 'init' && next !== 'done') {
        if (BEFORE_HOST[state] === 1 && BEHIND_HOST[next] === 1 && !has(result, 'hostname')) result.hostname = '';
        const later = next === 'search' || next === 'hash';
        if (BEFORE_PATH[state] === 1 && later && !has(result, 'pathname')) result.pathname = special ? '/' : '';
        const path = BEFORE_PATH[state] === 1 || state === 'pathname';
        if (path && next === 'hash' && !has(result, 'search')) result.search = '';
      }
      state = next;
      at += skip;
      start = at;
      step = 0;
    };
    const rewind = (next) => {
      at = start;
      step = 0;
      state = next;
    };
    const changeFrom = (path) => {
      if (path && is(at, '/')) change('pathname', 0);
      else if (isSearch()) change('search', 1);
      else if (is(at, '#')) change('hash', 1);
    };
    for (; at < tokens.length; at += step) {
      step = 1;
      const { type } = tokens[at];
      if (type === 'end') {
        if (state === 'init') {
          rewind('init');
          if (is(at, '#')) change('hash', 1);
          else if (isSearch()) change('search', 1);
          else change('pathname', 0);
          continue;
        }
        if (state === 'authority') {
          rewind('hostname');
          continue;
        }
        change('done', 0);
        break;
      }
      if (type === 'open') {
        depth++;
        continue;
      }
      if (depth > 0) {
        if (type !== 'close') continue;
        depth--;
      }
      switch (state) {
        case 'init':
          if (is(at, ':')) rewind('protocol');
          break;
        case 'protocol':
          if (is(at, ':')) {
            special = isSpecial(compile(component(), encodeProtocol, PLAIN));
            if (is(at + 1, '/') && is(at + 2, '/')) change('authority', 3);
            else change(special ? 'authority' : 'pathname', 1);
          }
          break;
        case 'authority':
          if (is(at, '@')) rewind('username');
          else if (is(at, '/') || isSearch() || is(at, '#')) rewind('hostname');
          break;
        case 'username':
          if (is(at, ':')) change('password', 1);
          else if (is(at, '@')) change('hostname', 1);
          break;
        case 'password':
          if (is(at, '@')) change('hostname', 1);
          break;
        case 'hostname':
          if (is(at, '[')) brackets++;
          else if (is(at, ']')) brackets--;
          else if (is(at, ':') && brackets === 0) change('port', 1);
          else changeFrom(true);
          break;
        case 'port':
          changeFrom(true);
          break;
        case 'pathname':
          changeFrom(false);
          break;
        case 'search':
          if (is(at, '#')) change('hash', 1);
          break;
        default:
      }
    }
    if (has(result, 'hostname') && !has(result, 'port')) result.port = '';
    return result;
  };

  const isAddress = (pattern) => pattern.length > 1 &&
    (pattern[0] === '[' || ((pattern[0] === '{' || pattern[0] === '\\') && pattern[1] === '['));

  const componentsFor = (input, base, ignoreCase) => {
    let init = input;
    if (typeof input === 'string') {
      init = parseText(input);
      if (base === undefined && !has(init, 'protocol')) wrong('a pattern without a protocol needs a base URL');
      if (base !== undefined) init.baseURL = base;
    } else if (base !== undefined) {
      wrong('a base URL goes with text only');
    }
    const pattern = process(init, true, { __proto__: null });
    for (let i = 0; i < NAMES.length; i++) pattern[NAMES[i]] ??= '*';
    if (pattern.port !== '' && SPECIAL[pattern.protocol] === pattern.port) pattern.port = '';
    const made = { __proto__: null };
    const plain = ignoreCase ? settings('', '', true) : PLAIN;
    made.protocol = compile(pattern.protocol, encodeProtocol, PLAIN);
    made.username = compile(pattern.username, encodeUsername, PLAIN);
    made.password = compile(pattern.password, encodePassword, PLAIN);
    made.hostname = compile(pattern.hostname, isAddress(pattern.hostname) ? encodeAddress : encodeHostname, HOST);
    made.port = compile(pattern.port, encodePortAlone, PLAIN);
    made.pathname = isSpecial(made.protocol)
      ? compile(pattern.pathname, encodePathname, settings('/', '/', ignoreCase))
      : compile(pattern.pathname, encodeOpaque, plain);
    made.search = compile(pattern.search, encodeSearch, plain);
    made.hash = compile(pattern.hash, encodeHash, plain);
    return made;
  };

  // Which of two components tells more: -1 where it is the second. Part by part, what matches less comes
  // last, and then the texts decide; a list that ends goes on with empty text.
  const TYPES = { __proto__: null, wild: 0, segment: 1, regexp: 2, text: 3 };
  const MODIFIERS = { __proto__: null, '*': 0, '?': 1, '+': 2, '': 3 };
  const ENDED = { __proto__: null, type: 'text', prefix: '', value: '', suffix: '', modifier: '' };
  const order = (one, other) => (one === other ? 0 : one < other ? -1 : 1);
  const compareParts = (left, right) => {
    for (let i = 0; i < left.length || i < right.length; i++) {
      const one = i < left.length ? left[i] : ENDED;
      const other = i < right.length ? right[i] : ENDED;
      const found = order(TYPES[one.type], TYPES[other.type]) ||
        order(MODIFIERS[one.modifier], MODIFIERS[other.modifier]) || order(one.prefix, other.prefix) ||
        order(one.value, other.value) || order(one.suffix, other.suffix);
      if (found !== 0) return found;
    }
    return 0;
  };

  const readInput = (input) =>
    (input === undefined || input === null || isObject(input) ? readInit(input) : toScalars(input));

  class URLPattern {
    #components;

    static {
      push(std.uncloneable, (value) => #components in value);
    }

    constructor(input = undefined, baseURL = undefined, options = undefined) {
      const asOptions = arguments.length < 3 && (baseURL === undefined || baseURL === null || isObject(baseURL));
      const given = readInput(input);
      const base = asOptions ? undefined : toScalars(baseURL);
      const ignoreCase = !!dictionary(asOptions ? baseURL : options, 'URLPattern').ignoreCase;
      this.#components = quietly(() => componentsFor(given, base, ignoreCase));
    }

    static compareComponent(component, left, right) {
      std.need(arguments.length, 3, 'URLPattern.compareComponent');
      const name = std.toText(component);
      if (!isObject(left) || !(#components in left) || !isObject(right) || !(#components in right)) {
        throw new TypeError('URLPattern.compareComponent: not a URLPattern');
      }
      for (let i = 0; i < NAMES.length; i++) {
        if (NAMES[i] === name) return compareParts(left.#components[name].parts, right.#components[name].parts);
      }
      throw new TypeError("URLPattern.compareComponent: there is no component '" + name + "'");
    }

    // What is matched, with the inputs as the result shows them; null where it is no URL.
    #values(input, baseURL) {
      const given = readInput(input);
      const base = baseURL === undefined ? undefined : toScalars(baseURL);
      const inputs = list();
      if (typeof given === 'string') {
        push(inputs, given);
        if (base !== undefined) push(inputs, base);
        const url = parseUrl(given, base);
        return url === undefined ? null : { __proto__: null, inputs, values: componentsOf(url) };
      }
      if (base !== undefined) wrong('a base URL goes with text only');
      const shown = {};
      const order = list();
      push(order, 'baseURL', 'hash', 'hostname', 'password', 'pathname', 'port', 'protocol', 'search', 'username');
      for (let i = 0; i < order.length; i++) {
        if (has(given, order[i])) define(shown, order[i], given[order[i]], true);
      }
      push(inputs, shown);
      const values = { __proto__: null };
      for (let i = 0; i < NAMES.length; i++) values[NAMES[i]] = '';
      try {
        return { __proto__: null, inputs, values: process(given, false, values) };
      } catch {
        return null;
      }
    }

    test(input = undefined, baseURL = undefined) {
      const components = this.#components;
      const found = this.#values(input, baseURL);
      return found !== null && quietly(() => {
        for (let i = 0; i < NAMES.length; i++) {
          if (exec(components[NAMES[i]].expression, found.values[NAMES[i]]) === null) return false;
        }
        return true;
      });
    }

    exec(input = undefined, baseURL = undefined) {
      const components = this.#components;
      const found = this.#values(input, baseURL);
      if (found === null) return null;
      const all = { __proto__: null };
      const matches = quietly(() => {
        for (let i = 0; i < NAMES.length; i++) {
          const name = NAMES[i];
          const { expression, names } = components[name];
          const match = exec(expression, found.values[name]);
          if (match === null) return false;
          const groups = {};
          for (let k = 0; k < names.length; k++) define(groups, names[k], match[k + 1], true);
          all[name] = { groups, input: found.values[name] };
        }
        return true;
      });
      return !matches ? null : {
        hash: all.hash, hostname: all.hostname, inputs: std.toArray(found.inputs), password: all.password,
        pathname: all.pathname, port: all.port, protocol: all.protocol, search: all.search, username: all.username,
      };
    }

    get protocol() { return this.#components.protocol.pattern; }
    get username() { return this.#components.username.pattern; }
    get password() { return this.#components.password.pattern; }
    get hostname() { return this.#components.hostname.pattern; }
    get port() { return this.#components.port.pattern; }
    get pathname() { return this.#components.pathname.pattern; }
    get search() { return this.#components.search.pattern; }
    get hash() { return this.#components.hash.pattern; }

    get hasRegExpGroups() {
      const components = this.#components;
      for (let i = 0; i < NAMES.length; i++) {
        if (components[NAMES[i]].groups) return true;
      }
      return false;
    }
  }
  expose(URLPattern, 'URLPattern');

  return { __proto__: null, URLPattern };
})
