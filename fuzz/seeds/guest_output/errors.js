const e = new AggregateError([1, { get a() { throw 2; } }], 'm', { cause: 1 }); e.stack = 'at x (y:1:2)'; Error.prepareStackTrace = (e, s) => s.map(String); e
