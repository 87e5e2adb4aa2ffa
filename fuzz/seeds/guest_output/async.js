async function f(n) { try { await (n ? f(n - 1) : Promise.reject(new Error('e'))); } finally { console.log(n); } }
f(5).catch(e => [e.name, e.message, e.cause])
