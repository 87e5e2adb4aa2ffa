// What calls promise, with callees that do all that a callee may do. Every line of `all` is a name and a
// function that throws, or answers false, when the promise is broken; the result lists the broken ones.
(function () {
    const seen = (...values) => JSON.stringify(values, (key, value) =>
        value === undefined ? 'undefined' : typeof value === 'function' ? 'function' : value);
    const is = (value, wanted) => {
        if (seen(value) !== seen(wanted))
            throw new Error(`${seen(value)} is not ${seen(wanted)}`);
        return true;
    };
    const thrown = (f) => {
        try {
            f();
        } catch (error) {
            return error;
        }
        throw new Error('nothing was thrown');
    };
    const sloppy = (text) => (0, eval)(`(${text})`);

    function three(a, b, c) { return [a, b, c]; }
    function writes(a, b) { a = [a]; b = 'b'; return [a, b]; }
    function defaults(a, b = a + 1, c = () => [a]) { return [a, b, c()]; }
    function rest(a, ...r) { return [a, r]; }
    function pattern({ x = 1 } = {}, [y, ...z] = [2, 3, 4]) { return [x, y, z]; }
    function counts() { return arguments.length; }
    function throws(value) { throw value; }
    const aliased = sloppy("function (a, b) { arguments[0] = 'x'; b = 'y'; return [a, b, [].slice.call(arguments)]; }");
    const strictly = function (a) { 'use strict'; arguments[0] = 'x'; return [a, arguments[0]]; };
    const evals = sloppy("function (a) { eval('a = a + 1; var z = a * 2; arguments[0] += 10'); return [a, z]; }");

    class Base {
        #secret;
        constructor(...all) { this.all = all; this.target = new.target; this.#secret = all.length; }
        get secret() { return this.#secret; }
        set first(value) { this.all[0] = value; }
        method(a, b) { return ['base', this.all.length, a, b]; }
        static make(...all) { return new this(...all); }
    }
    class Derived extends Base {
        field = this.all.length;
        constructor(a, b = 'b') { const before = () => this; super(a, b); this.same = before() === this; }
        method(a) { return ['derived', ...super.method(a)]; }
    }

    const all = {
        'fewer, as many and more arguments'() {
            return is(three(), [undefined, undefined, undefined]) && is(three(1), [1, undefined, undefined]) &&
                is(three(1, 2, 3), [1, 2, 3]) && is(three(1, 2, 3, 4, 5), [1, 2, 3]);
        },
        'what a callee writes into its arguments is its own'() {
            const a = { a: 1 }, o = { writes };
            let b = 2;
            return is([writes(a, b), o.writes(a, b, 3), writes(a), a, b],
                [[[{ a: 1 }], 'b'], [[{ a: 1 }], 'b'], [[{ a: 1 }], 'b'], { a: 1 }, 2]);
        },
        'defaults, the rest and patterns'() {
            return is(defaults(1), [1, 2, [1]]) && is(defaults(1, 5, () => 6, 7), [1, 5, 6]) &&
                is(rest(), [undefined, []]) && is(rest(1, 2, 3), [1, [2, 3]]) &&
                is(pattern(), [1, 2, [3, 4]]) && is(pattern({ x: 5 }, 'ab', 0), [5, 'a', ['b']]);
        },
        'sloppy arguments are those of the call, and bound to parameters that were given'() {
            return is(aliased(1, 2), ['x', 'y', ['x', 'y']]) && is(aliased(1, 2, 3), ['x', 'y', ['x', 'y', 3]]) &&
                is(aliased(1), ['x', 'y', ['x']]) && is(aliased(), [undefined, 'y', []]);
        },
        'strict arguments are a copy'() {
            return is(strictly(1, 2), [1, 'x']) && is([counts(), counts(1, 2, 3)], [0, 3]);
        },
        'a direct eval in the callee'() {
            return is(evals(1), [12, 4]) && is(evals(1, 2, 3), [12, 4]);
        },
        'closures keep the arguments and variables of a call that is over'() {
            const make = function (a, b) { let n = 0; return { get: () => [a, b, n], set(v) { a = v; n++; } }; };
            const one = make(1), two = make(1, 2, 3), other = { make }.make('o');
            one.set('one');
            two.set({ two: 2 });
            two.set('two');
            return is([one.get(), two.get(), other.get()],
                [['one', undefined, 1], ['two', 2, 2], ['o', undefined, 0]]);
        },
        'each turn of a loop has its variable in a callee too'() {
            const list = (function (n) { const l = []; for (let i = 0; i < n; i++) l.push(() => i); return l; })(3);
            return is(list.map((f) => f()), [0, 1, 2]);
        },
        'the receiver'() {
            const self = sloppy('function () { return this; }');
            const strict = function () { 'use strict'; return this; };
            const o = { self, strict, arrow() { return (() => this)(); } };
            String.prototype.ownSelf = strict;
            String.prototype.boxed = self;
            try {
                return self() === globalThis && strict() === undefined && o.self() === o && o.strict() === o &&
                    o.arrow() === o && 'a'.ownSelf() === 'a' && typeof 'a'.boxed() === 'object';
            } finally {
                delete String.prototype.ownSelf;
                delete String.prototype.boxed;
            }
        },
        'getters, setters, bound functions, proxies, call and apply'() {
            const o = { get g() { return three(this.x, 1); }, set s(v) { this.x = writes(v)[0]; }, x: 0 };
            o.s = 4;
            const bound = three.bind(null, 'bound');
            const proxy = new Proxy(three, { apply: (f, self, args) => f(...args, 'trapped') });
            return is([o.g, bound(1), proxy(1, 2), new Proxy(three, {})(1), three.call(0, 1), three.apply(0, [1, 2]),
                Reflect.apply(three, 0, [1])],
            [[[4], 1, undefined], ['bound', 1, undefined], [1, 2, 'trapped'], [1, undefined, undefined],
                [1, undefined, undefined], [1, 2, undefined], [1, undefined, undefined]]);
        },
        'values of a call stay in their order among others'() {
            const t = (...v) => v.length, id = (v) => v;
            return is([1, id(2), t(id(3), id(id(4)), [id(5)]), id`x`.length, id(6) + id(7) * id(8)],
                [1, 2, 3, 1, 62]);
        },
        'calls whose result is returned'() {
            const last = function (n, x) { return n === 0 ? x : last(n - 1, { x }); };
            const o = { n: 3, down(n) { return n === 0 ? this.n : this.down(n - 1); } };
            const passes = function (f, ...args) { return f(...args); };
            const native = function (v) { return String(v); };
            return is([last(2, 1), o.down(5), passes(three, 1), native(5)],
                [{ x: { x: 1 } }, 3, [1, undefined, undefined], '5']);
        },
        'an exception leaves through all callers up to the one that catches'() {
            const deep = function (n, v) { const kept = [n]; return n ? deep(n - 1, v) : throws(v); };
            const notLast = function (n, v) { const kept = { n }; const r = n ? notLast(n - 1, v) : throws(v); return r; };
            const o = { m(n, v) { try { return n ? this.m(n - 1, v) : throws(v); } finally { log.push(n); } } };
            const log = [];
            return is([thrown(() => deep(5, 1)), thrown(() => notLast(5, 2)), thrown(() => o.m(2, 3)), log],
                [1, 2, 3, [0, 1, 2]]);
        },
        'a caller goes on where it catches, with its own variables'() {
            const caller = function (a) {
                let b = [a];
                for (const i of [1, 2, 3]) {
                    try { b.push(i, throws(i)); } catch (e) { b.push(-e); }
                }
                return [a, ...b];
            };
            return is(caller('a'), ['a', 'a', -1, -2, -3]);
        },
        'iterators are closed when a callee throws'() {
            const log = [];
            const list = { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return() { log.push('closed'); return {}; } }) };
            const loop = () => { for (const v of list) throws(v); };
            return is([thrown(loop), log], [1, ['closed']]);
        },
        'what is no function is refused with its place in the caller'() {
            const nothing = undefined;
            const error = thrown(() => nothing(1));
            return error instanceof TypeError && thrown(() => three.none()) instanceof TypeError;
        },
        'a callee that nobody else holds runs to its end'() {
            let f = function (a) { f = null; const l = []; for (let i = 0; i < 100; i++) l.push({ i }); return [a, l.length]; };
            const o = { m(a) { delete this.m; return [Object.keys(this), a]; }, x: 1 };
            return is([f(1), o.m(2), (function (v) { return v; })(3), new (class { constructor() { this.v = 4; } })().v],
                [[1, 100], [['x'], 2], 3, 4]);
        },
        'constructors'() {
            function Old(a) { this.a = a; this.target = new.target === Old; }
            function Returns(v) { this.own = 1; return v; }
            const other = { other: 1 };
            return is([new Old(1), Old.prototype.isPrototypeOf(new Old()), new Returns(5), new Returns(other) === other,
                new Returns(three) === three, new Returns(null).own],
            [{ a: 1, target: true }, true, { own: 1 }, true, true, 1]);
        },
        'classes'() {
            const base = new Base(1, 2, 3), derived = new Derived('a');
            base.first = 'f';
            return base.target === Base && derived.target === Derived &&
                is([base.secret, base.all, derived.all, derived.field, derived.same, derived.method(9), Derived.make(1).all],
                    [3, ['f', 2, 3], ['a', 'b'], 2, true, ['derived', 'base', 2, 9, undefined], [1, 'b']]);
        },
        'constructors that throw, and what is none'() {
            class Throws { constructor() { this.x = {}; throws('here'); } }
            class Early extends Base { constructor() { return 5; } }
            class Unset extends Base { constructor() {} }
            class Early2 extends Base { constructor(o) { return o; } }
            const o = {};
            return is(thrown(() => new Throws()), 'here') && thrown(() => new Early()) instanceof TypeError &&
                thrown(() => new Unset()) instanceof ReferenceError && new Early2(o) === o &&
                thrown(() => Base()) instanceof TypeError && thrown(() => new (() => 1)()) instanceof TypeError &&
                thrown(() => new all.constructors()) instanceof TypeError;
        },
        'a prototype that is asked for by a getter, and one that is none'() {
            const bound = function () { return Object.getPrototypeOf(this) === wanted; }.bind();
            const wanted = {};
            function Made() { this.right = Object.getPrototypeOf(this); }
            const target = new Proxy(Made, { get: (f, key) => key === 'prototype' ? wanted : f[key] });
            const failing = new Proxy(Made, { get: (f, key) => throws(key) });
            Made.prototype = 5;
            return new target().right === wanted && is(thrown(() => new failing()), 'prototype') &&
                new Made().right === Object.prototype && Reflect.construct(Made, [], Base).right === Base.prototype &&
                typeof new bound() === 'object';
        },
        'new.target belongs to its own call'() {
            function target() { return new.target; }
            function Outer() { this.inner = target(); this.arrow = (() => new.target)(); this.made = new Inner().target; }
            function Inner() { this.target = new.target; }
            const o = new Outer();
            return o.inner === undefined && o.arrow === Outer && o.made === Inner && target() === undefined;
        },
        'generators between calls'() {
            const twice = function (v) { return [v, v]; };
            function* generator(a) { try { const got = yield twice(a); yield* [three(got), twice(yield)]; } finally { done.push(twice('f')); } }
            const done = [], g = generator(1);
            const drive = function (v) { return g.next(v).value; };
            return is([drive(), drive('sent'), drive(), g.return(7), done],
                [[1, 1], undefined, ['sent', undefined, undefined], { value: 7, done: true }, [['f', 'f']]]);
        },
        'callbacks of built-ins call on'() {
            const less = function (a, b) { return compare(a, b); }, compare = (a, b) => a - b;
            return is([[3, 1, 2].sort(less), [1, 2, 3].map((v) => rest(v, v)), 'aba'.replace(/a/g, (m) => three(m).length),
                JSON.stringify({ toJSON() { return three(1); } }), [1, 2].reduce((s, v) => s + compare(v, 1), 0),
                thrown(() => [1].forEach((v) => throws(v)))],
            [[1, 2, 3], [[1, [1]], [2, [2]], [3, [3]]], '3b3', '[1,null,null]', 1, 1]);
        },
        'recursion without an end is an error, and calls go on'() {
            const down = function () { return 1 + down(); };
            const o = { m() { return [this.m()]; } };
            const last = function (a) { return last(a); };
            const even = (n) => 1 + odd(n), odd = (n) => 1 + even(n);
            class Endless { constructor() { this.next = new Endless(); } }
            class Deeper extends Base { constructor() { super(); new Deeper(); } }
            const mixed = function () { return [1].map(mixed); };
            const getter = { get g() { return this.g; } };
            const fewer = function (a, b, c) { return [fewer(1)]; };
            for (const f of [down, () => o.m(), last, even, () => new Endless(), () => new Deeper(), mixed, () => getter.g,
                fewer]) {
                for (let turn = 0; turn < 3; turn++) {
                    if (!(thrown(f) instanceof RangeError))
                        return false;
                }
                is(three(1), [1, undefined, undefined]);
            }
            return true;
        },
        'an overflow is caught at the depth where it is caught'() {
            let reached = 0;
            const down = function (n) { reached = n; try { return down(n + 1); } catch (e) { return [n, e instanceof RangeError]; } };
            const [n, range] = down(0);
            return range && n > reached - 10 && reached > 100;
        },
    };

    const broken = [];
    const check = (turn) => {
        for (const [name, test] of Object.entries(all)) {
            try {
                if (test() !== true)
                    broken.push(`${turn}: ${name}`);
            } catch (error) {
                broken.push(`${turn}: ${name}: ${error}`);
            }
        }
    };
    check('from C');
    // The same while a generator runs, whose frame is no part of the C stack.
    [...(function* () { check('in a generator'); })()];
    return broken.join('\n');
})()
