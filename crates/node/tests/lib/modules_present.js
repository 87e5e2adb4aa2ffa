'use strict';
// Every module that programs may ask for can be loaded, by both names; what a module cannot do it says when asked.

const assert = require('assert');
const { builtinModules, isBuiltin } = require('module');

for (const id of ['dgram', 'domain', 'http2', 'repl', 'trace_events', 'wasi', '_http_agent', '_stream_readable']) {
  assert.ok(builtinModules.includes(id), id);
  assert.strictEqual(require(id), require(`node:${id}`));
}
assert.strictEqual(require('_stream_duplex'), require('stream').Duplex);
assert.strictEqual(require('_http_agent').Agent, require('http').Agent);
assert.strictEqual(require('_http_common')._checkIsHttpToken('a b'), false);
assert.strictEqual(require('_http_common')._checkInvalidHeaderChar('a\nb'), true);

const { createTracing, getEnabledCategories } = require('trace_events');
const tracing = createTracing({ categories: ['node', 'v8'] });
assert.strictEqual(tracing.categories, 'node,v8');
assert.strictEqual(tracing.enabled, false);
assert.throws(() => createTracing({ categories: [] }), { code: 'ERR_TRACE_EVENTS_CATEGORY_REQUIRED' });
assert.throws(() => createTracing(), { code: 'ERR_INVALID_ARG_TYPE' });
tracing.enable();
assert.strictEqual(getEnabledCategories(), 'node,v8');
tracing.disable();
assert.strictEqual(getEnabledCategories(), undefined);

const { constants, getDefaultSettings } = require('http2');
assert.strictEqual(constants.HTTP2_HEADER_PATH, ':path');
assert.strictEqual(constants.HTTP2_METHOD_POST, 'POST');
assert.strictEqual(constants.HTTP_STATUS_TEAPOT, 418);
assert.strictEqual(constants.NGHTTP2_CANCEL, 8);
assert.strictEqual(getDefaultSettings().maxFrameSize, 16384);

if (isBuiltin('node:sea')) {
  const sea = require('node:sea');
  assert.strictEqual(sea.isSea(), false);
  assert.throws(() => sea.getAsset('x'), { code: 'ERR_NOT_IN_SINGLE_EXECUTABLE_APPLICATION' });
}
if (isBuiltin('node:sqlite')) assert.strictEqual(typeof require('node:sqlite').DatabaseSync, 'function');

assert.strictEqual(typeof process.binding('natives').vm, 'string');
assert.strictEqual(process.binding('constants').os.signals.SIGINT, 2);
assert.strictEqual(process.binding('util').isDate(new Date()), true);
assert.throws(() => process.binding('none'), { message: 'No such module: none' });
