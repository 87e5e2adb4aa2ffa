'use strict';
// Carries out the tasks of one reproduction one way, in a process of its own, and tells its parent how far it
// is: `drive.js NAME WAY TASKS MOST_SECONDS`. Must not know what the tasks are.

const { monitorEventLoopDelay, performance } = require('node:perf_hooks');

async function main([name, way, tasks, seconds]) {
  const program = require(`./programs/${name}.js`);
  const task = await program.ways[way]();
  // What it takes to be ready is no part of the growth.
  await task(0);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let next = 1;
  let done = 0;
  const line = async () => {
    while (next <= tasks && performance.now() < end) {
      // Before it waits: another line may take the last one meanwhile.
      const number = next++;
      // Each task comes in by the event loop, as requests and jobs do.
      await new Promise(setImmediate);
      await task(number);
      done++;
      // The parent samples memory beside the number that it heard last.
      if (done % 10 === 0) process.send({ done });
    }
  };
  await Promise.all(Array.from({ length: program.deep }, line));
  const took = (performance.now() - begin) / 1000;
  delay.disable();
  process.send({ done, took, delay: delay.percentile(99) / 1e6, over: true }, () => process.disconnect());
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
