// What a test finds beside the guest's own globals: a place, files beside it, and the harness.
// The host gives wpt_harness (its source), wpt_place, wpt_file and wpt_result.
var GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false };
// Its origin is an opaque one, as a run's is.
var location = {
  origin: 'null', href: 'https://web-platform.test/' + wpt_place, pathname: '/' + wpt_place.split('?')[0],
  search: new URL(wpt_place, 'https://web-platform.test/').search, protocol: 'https:', hash: '',
  host: 'web-platform.test', hostname: 'web-platform.test', port: '',
};
var wpt_ended;
var wpt_done = new Promise((resolve) => { wpt_ended = resolve; });
{
  const real = globalThis.fetch;
  globalThis.fetch = async (address, options) => {
    const text = String(address instanceof Request ? address.url : address);
    if (/^(data|blob|about):/.test(text)) return real(address, options);
    // The one of the suite's handlers that answers what it is sent.
    if (/echo-content(-escaped)?\.py/.test(text)) {
      const request = new Request(new URL(text, 'https://web-platform.test/'), options);
      return new Response(await request.arrayBuffer(), { status: 200 });
    }
    const path = text.replace('https://web-platform.test/', '/');
    const bytes = wpt_file(path);
    if (bytes === null) throw new TypeError('no file ' + path);
    return new Response(bytes, { status: 200 });
  };
}
if (/idlharness/.test(wpt_place)) globalThis.Window = function Window() {};
if (/\.worker\.js/.test(wpt_place)) {
  globalThis.importScripts = (...paths) => {
    for (const path of paths) {
      if (!/testharness\.js$/.test(path)) (0, eval)(new TextDecoder().decode(wpt_file(path)));
    }
  };
}
globalThis.wpt_begin = () => {
  const { wpt_harness, wpt_result, wpt_ended, eval: evaluate, JSON } = globalThis;
  const { stringify } = JSON;
  for (const name of ['harness', 'begin', 'place', 'ended']) delete globalThis['wpt_' + name];
  evaluate(wpt_harness);
  add_result_callback((test) => {
    wpt_result(test.name.toWellFormed(), test.status, (test.message ?? '').toWellFormed());
  });
  add_completion_callback((tests, status) => {
    if (status.status !== 0) wpt_result('', status.status, (status.message ?? '').toWellFormed());
    wpt_ended();
  });
};
