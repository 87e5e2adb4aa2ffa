// Deploys a script, runs it for two customers, hears of it, and has its error told at the line.
//   node examples/first.mjs http://127.0.0.1:8080
import { Client, SandtideError } from '@sandtide/client';

const sandtide = new Client({ url: process.argv[2] ?? 'http://127.0.0.1:8080', tenant: 'example' });
await sandtide.deploy('discount', {
  source: 'export default ({ total }) => {\n  if (total < 0) throw new RangeError("total is negative");\n  return total > 100 ? total * 0.9 : total;\n}',
});
for (const total of [50, 200]) {
  const { value, usage } = await sandtide.run('discount', { input: { total } });
  console.log(`a total of ${total} becomes ${value}; ${usage.peak_heap_bytes} bytes at most`);
}
try {
  await sandtide.run('discount', { input: { total: -1 } });
} catch (error) {
  if (!(error instanceof SandtideError)) throw error;
  console.log(`${error.code} in line ${error.problem.line}: ${error.message}`);
}
