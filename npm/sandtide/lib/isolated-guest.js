'use strict';
// What a context of `sandtide/adapters/isolated-vm` does in its sandbox: it carries out one command after the
// other, as long as the context lives. Its text goes into the sandbox: it uses nothing else of here. Scripts can
// change whatever they share with it: once the first has run it uses only what it took before, reads own
// properties only, and neither iterates nor spreads nor lets promises look for their constructor.

async function guest(channel, next, send, call, callSync, globalNames) {
  const { Function, Map, Object, Promise, RangeError, String, SyntaxError, TypeError, Error, globalThis: own } = globalThis;
  const { apply, construct, defineProperty, deleteProperty, getOwnPropertyDescriptor, setPrototypeOf } = globalThis.Reflect;
  const evaluate = globalThis.eval;
  const uncurried = (method) => Function.prototype.call.bind(method);
  const [getOf, setOf, deleteOf] = [Map.prototype.get, Map.prototype.set, Map.prototype.delete].map(uncurried);
  const [execOf, sliceOf] = [globalThis.RegExp.prototype.exec, String.prototype.slice].map(uncurried);
  const isPrototypeOf = uncurried(Object.prototype.isPrototypeOf);
  const [watch, unwatch] = ['register', 'unregister'].map((name) => uncurried(globalThis.FinalizationRegistry.prototype[name]));
  const ERRORS = { __proto__: null, Error, RangeError, SyntaxError, TypeError };
  for (const name of ['EvalError', 'ReferenceError', 'URIError', 'AggregateError']) ERRORS[name] = globalThis[name];
  const CONSTRUCTOR = { __proto__: null, value: Promise };
  const KEY = {};
  const NOBODY = {};
  const NOTHING = { __proto__: null };
  const RESERVED = { __proto__: null };
  for (const word of ('arguments await break case catch class const continue debugger default delete do else enum eval ' +
    'export extends false finally for function if implements import in instanceof interface let new null package ' +
    'private protected public return static super switch this throw true try typeof var void while with yield ' +
    'undefined NaN Infinity').split(' ')) RESERVED[word] = true;
  const handles = new Map([[0, own]]);
  let lastHandle = 0;

  const primitive = (value) => value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');
  /** What was said, without what all objects inherit. */
  const bare = (said) => (primitive(said) ? { __proto__: null } : setPrototypeOf(said, null) && said);
  /** A promise of the program's, to be awaited. */
  const awaited = (promise) => defineProperty(promise, 'constructor', CONSTRUCTOR) && promise;
  const ignored = async (promise) => {
    try {
      await awaited(promise);
    } catch {
      // Nobody asked.
    }
  };
  const each = (list, work) => {
    const made = [];
    setPrototypeOf(made, null);
    for (let index = 0; index < list.length; index++) made[index] = work(list[index], index);
    return made;
  };
  const handled = (value) => {
    setOf(handles, ++lastHandle, value);
    return { handle: lastHandle, kind: value === null ? 'null' : typeof value === 'symbol' ? 'object' : typeof value };
  };
  let freed = null;
  /** Many at a time: a script may have so many calls on at once only. */
  const release = async (of) => {
    if (freed) return void (freed[freed.length] = of);
    for (let all = each([of], (one) => one); all.length > 0; all = freed) {
      freed = each([], into);
      await awaited(ignored(call(channel, { operation: 'release', of: all })));
    }
    freed = null;
  };
  /** Lets the program go of what no script refers to any more. */
  const unused = new globalThis.FinalizationRegistry(release);
  const watched = (value, number) => {
    watch(unused, value, number, value);
    return value;
  };

  let numberOf;
  /** A reference to a value of the program's, as scripts have it. */
  class Reference {
    static {
      numberOf = (value) => (typeof value === 'object' && #number in value ? value.#number : undefined);
    }
    #number;
    typeof;
    constructor(key, number, kind) {
      if (key !== KEY) throw new TypeError('references are made by the program');
      this.#number = number;
      this.typeof = kind;
    }
    #ask(how, args = [], { arguments: given = NOTHING, result } = NOTHING, promise = false) {
      const said = each(args, (arg) => out(arg, given, true));
      if (promise) result = { ...result, promise };
      return how(channel, { operation: 'apply', of: this.#number, args: said, result });
    }
    async apply(_receiver, args, options) {
      return into(await awaited(this.#ask(call, args, options)));
    }
    applySync(_receiver, args, options) {
      return into(this.#ask(callSync, args, options));
    }
    applySyncPromise(_receiver, args, options) {
      return into(this.#ask(callSync, args, options, true));
    }
    applyIgnored(_receiver, args, options) {
      void ignored(this.#ask(call, args, options));
    }
    deref() {
      throw new TypeError('Cannot dereference this from current isolate');
    }
    release() {
      unwatch(unused, this);
      void release(this.#number);
    }
  }
  // With it a script could make one of a number that it guesses.
  delete Reference.prototype.constructor;

  /** What the program said, as a value. */
  function into(given) {
    const said = bare(given);
    if (said.thrown) throw thrownBy(bare(said.thrown));
    if (said.handle !== undefined) return getOf(handles, said.handle);
    if (said.reference !== undefined) return watched(new Reference(KEY, said.reference, said.kind), said.reference);
    if (said.callback === undefined) return said.value;
    const { callback, mode } = said;
    const asked = (args) => ({ operation: 'callback', of: callback, args: each(args, (value) => ({ value })) });
    if (mode === 'async') return watched(async (...args) => into(await awaited(call(channel, asked(args)))), callback);
    if (mode === 'ignored') return watched((...args) => void ignored(call(channel, asked(args))), callback);
    return watched((...args) => into(callSync(channel, asked(args))), callback);
  }

  function thrownBy(said) {
    if (!said.error) return said.value;
    const { name, message } = bare(said.error);
    const error = new (ERRORS[name] ?? Error)(message);
    if (error.name !== name) defineProperty(error, 'name', { __proto__: null, value: name, configurable: true, writable: true });
    return error;
  }

  /** What a value is said as, as `how` says; an argument that is not said so is refused. */
  function out(value, how, argument, fallback) {
    if (how.reference) return handled(value);
    if (how.copy || how.externalCopy) return { value, external: how.externalCopy === true };
    if (primitive(value)) return { value };
    const program = numberOf(value);
    if (program !== undefined) return { program };
    if (argument) throw new TypeError('A non-transferable value was passed');
    if (fallback) return handled(value);
    return { value: undefined, isFunction: typeof value === 'function' };
  }

  function thrown(error) {
    if (primitive(error)) return { value: error };
    let message =
      'An object was thrown from supplied code within isolated-vm, but that object was not an instance of `Error`.';
    try {
      if (isPrototypeOf(Error.prototype, error)) {
        return { error: { name: String(error.name), message: String(error.message), stack: String(error.stack) } };
      }
    } catch {
      message = 'An error was thrown from supplied code within isolated-vm that throws when it is looked at.';
    }
    return { error: { name: 'Error', message, stack: '' } };
  }

  /**
   * Evaluates a script. What it declares with `let`, `const` and `class` would be gone with it, and in
   * strict mode all else as well: such names get accessors on the global object.
   */
  function script({ code }) {
    if (!execOf(/\b(?:let|const|class|use strict)\b/, code)) return evaluate(code);
    let declared = [];
    const hook = '__sandtide_declared';
    const take = (list) => {
      declared = list;
      deleteProperty(own, hook);
    };
    // Nothing can be added to a global object that is not extensible.
    if (!defineProperty(own, hook, { __proto__: null, value: take, configurable: true })) return evaluate(code);
    const seen = { __proto__: null };
    const word = /[A-Za-z_$][\w$]*/g;
    let accessors = '';
    for (let found; (found = execOf(word, code)); ) {
      const name = found[0];
      if (RESERVED[name] || seen[name]) continue;
      seen[name] = true;
      accessors += `[() => ${name}, ($sandtide) => { ${name} = $sandtide }, "${name}"],`;
    }
    // The first line stays the first one, and its directive the first statement.
    const start = execOf(/^(?:\s|\/\/.*\n|\/\*[^]*?\*\/)*(?:(?:"use strict"|'use strict')\s*;?)?/, code)[0];
    try {
      return evaluate(`${start};${hook}([${accessors}]);${sliceOf(code, start.length)}`);
    } catch (error) {
      // Of the code as it is: what was added may be at fault.
      if (isPrototypeOf(SyntaxError.prototype, error) && declared.length === 0) return evaluate(code);
      throw error;
    } finally {
      deleteProperty(own, hook);
      for (let index = 0; index < declared.length; index++) declare(declared[index][0], declared[index][1], declared[index][2]);
    }
  }

  /** Makes a name that a script declared a property of the global object, unless it is one. */
  function declare(get, set, name) {
    const before = getOwnPropertyDescriptor(own, name);
    if (before && !bare(before).configurable) return;
    if (!defineProperty(own, name, { __proto__: null, value: NOBODY, configurable: true })) return;
    let lexical = false;
    try {
      lexical = get() !== NOBODY;
    } catch {
      // It was not initialized: the script has thrown before.
    }
    if (lexical) defineProperty(own, name, { __proto__: null, get, set, configurable: true });
    else if (before) defineProperty(own, name, before);
    else deleteProperty(own, name);
  }

  function closure({ code, args }) {
    const given = each(args, (_, index) => `$${index}`);
    given[args.length] = code;
    return apply(construct(Function, given), undefined, each(args, into));
  }

  const operations = {
    __proto__: null,
    eval: script,
    closure,
    get: ({ of, name }) => getOf(handles, of)[name],
    set: ({ of, name, value }) => void (getOf(handles, of)[name] = into(value)),
    delete: ({ of, name }) => void delete getOf(handles, of)[name],
    apply: ({ of, receiver, args }) => apply(getOf(handles, of), into(receiver), each(args, into)),
    copy: ({ of }) => getOf(handles, of),
    release: ({ of }) => void deleteOf(handles, of),
    idle: () => {},
  };

  async function answer({ kind, number, result }, value) {
    try {
      if (result.promise) value = await value;
      await awaited(send(channel, number, out(value, result, false, kind === 'get' || kind === 'apply')));
    } catch (error) {
      // Thrown, or nothing that crosses.
      await awaited(send(channel, number, { thrown: thrown(error) }));
    }
  }

  for (const name of Object.getOwnPropertyNames(own)) {
    if (!globalNames.includes(name) && getOwnPropertyDescriptor(own, name).configurable) delete own[name];
  }
  for (;;) {
    const command = bare(await awaited(next(channel)));
    command.result = bare(command.result);
    try {
      const value = operations[command.kind](command);
      if (command.number !== undefined) void answer(command, value);
    } catch (error) {
      void ignored(send(channel, command.number, { thrown: thrown(error) }));
    }
  }
}

module.exports = `(${guest})`;
