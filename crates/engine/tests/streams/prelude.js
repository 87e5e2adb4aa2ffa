// What the cases of the tables use.
const out = [];
const show = (value) => (Array.isArray(value) ? '[' + value.map(show).join() + ']'
  : ArrayBuffer.isView(value) ? value.constructor.name + '(' + [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)].join() + ')'
  : value instanceof Error || value instanceof DOMException ? value.name
  : value && typeof value === 'object' && 'done' in value ? '{' + show(value.value) + ',' + value.done + '}'
  : String(value));
const log = (...values) => { out.push(values.map(show).join(' ')); };
const thrown = (f) => { try { f(); return 'none'; } catch (e) { return show(e); } };
const settled = (promise) => promise.then((value) => 'ok:' + show(value), (reason) => 'no:' + show(reason));
const ticks = async (n = 20) => { for (let i = 0; i < n; i++) await 0; };
const drain = async (stream) => { const all = []; for await (const chunk of stream) all.push(chunk); return all; };
const collect = () => { const all = []; return [all, new WritableStream({ write(chunk) { all.push(chunk); } })]; };
