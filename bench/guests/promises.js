// Promises and async functions: chains, all, a queue of workers, an error that is caught.
async function item(i) { await null; if (i % 50 === 49) throw new Error('bad ' + i); return i * 2; }
async function worker(queue, out) { while (queue.length) { const i = queue.shift(); try { out.push(await item(i)); } catch (error) { out.push(error.message.length); } } }
async function work() {
  const out = [], queue = Array.from({ length: 200 }, (_, i) => i);
  await Promise.all([1, 2, 3, 4].map(() => worker(queue, out)));
  const more = await Promise.all(Array.from({ length: 100 }, (_, i) => Promise.resolve(i).then((x) => x + 1)));
  return [out.length, out.reduce((a, b) => a + b, 0), more.at(-1)].join();
}
