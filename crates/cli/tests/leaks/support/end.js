// Ends the program when the heap was collected for the leak watch so many times.
const { PerformanceObserver } = require('perf_hooks');
let collections = 0;
new PerformanceObserver((list) => {
  for (const { detail } of list.getEntries()) if (detail.flags & 4) collections++;
  if (collections >= 30) process.exit();
}).observe({ entryTypes: ['gc'] });
