'use strict';
// What clients of HTTP tell of what they fetched.

const assert = require('assert');
const { PerformanceObserver, PerformanceResourceTiming, performance } = require('perf_hooks');

const timing = {
  startTime: 1, redirectStartTime: 0, redirectEndTime: 0, postRedirectStartTime: 1, finalServiceWorkerStartTime: 0,
  finalNetworkRequestStartTime: 2, finalNetworkResponseStartTime: 3, endTime: 5, encodedBodySize: 10,
  decodedBodySize: 20, finalConnectionTimingInfo: { domainLookupStartTime: 1.5, ALPNNegotiatedProtocol: 'h2' },
};
const observed = [];
new PerformanceObserver((list) => observed.push(...list.getEntries())).observe({ entryTypes: ['resource'] });
const entry = performance.markResourceTiming(timing, 'http://host/', 'fetch', globalThis, '', {}, 200);
assert.ok(entry instanceof PerformanceResourceTiming);
assert.deepStrictEqual(
  [entry.name, entry.entryType, entry.startTime, entry.duration, entry.initiatorType, entry.transferSize, entry.responseStatus,
   entry.domainLookupStart, entry.connectStart, entry.nextHopProtocol, entry.responseEnd],
  ['http://host/', 'resource', 1, 4, 'fetch', 310, 200, 1.5, undefined, 'h2', 5]);
assert.deepStrictEqual(performance.getEntriesByType('resource'), [entry]);
performance.clearResourceTimings();
assert.deepStrictEqual(performance.getEntriesByType('resource'), []);
process.on('exit', () => assert.deepStrictEqual(observed, [entry]));
