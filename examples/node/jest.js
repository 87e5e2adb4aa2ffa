// jest 29: the whole test runner, in one process, over a project of a few files.
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { runCLI } = require('jest');

const project = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'jest-')));
const write = (name, text) => fs.writeFileSync(path.join(project, name), text);
write('package.json', '{"name": "shop", "jest": {"testEnvironment": "node", "transform": {}}}');
write('tax.js', 'exports.tax = () => 0.2;');
write('shop.js', 'const { tax } = require("./tax"); exports.price = (n) => n * (1 + tax()); exports.later = (n) => new Promise((r) => setTimeout(r, 5, n));');
write('shop.test.js', `
  jest.mock('./tax', () => ({ tax: jest.fn(() => 0.5) }));
  const { price, later } = require('./shop');
  const { tax } = require('./tax');
  describe('prices', () => {
    beforeEach(() => tax.mockClear());
    test('with a mock', () => { expect(price(10)).toBe(15); expect(tax).toHaveBeenCalledTimes(1); });
    test('matches', () => { expect({ a: [1, { b: new Date(0) }] }).toEqual({ a: [1, { b: expect.any(Date) }] }); });
    test.each([[1, 1.5], [2, 3]])('of %i', (n, expected) => { expect(price(n)).toBeCloseTo(expected); });
    test.skip('not now', () => {});
  });
  test('waits', async () => { await expect(later(3)).resolves.toBe(3); });
  test('timers', () => { jest.useFakeTimers(); const f = jest.fn(); setTimeout(f, 1000); jest.advanceTimersByTime(1000); expect(f).toHaveBeenCalled(); jest.useRealTimers(); });
  test('fails', () => { expect({ a: 1, b: [1, 2] }).toEqual({ a: 1, b: [1, 3] }); });
  test('throws', () => { expect(() => { throw new RangeError('no'); }).toThrow(RangeError); });
  test('globals', () => { expect([] instanceof Array).toBe(true); expect(globalThis.leaked).toBeUndefined(); globalThis.leaked = 1; });
`);
write('second.test.js', 'test("nothing leaks", () => { expect(globalThis.leaked).toBeUndefined(); expect(require("./tax").tax()).toBe(0.2); });');

async function main() {
  process.stderr.write = () => true;
  const { results } = await runCLI({ runInBand: true, silent: true, cache: false, watchman: false, reporters: [], ci: true, $0: 'jest', _: [] }, [project]);
  delete process.stderr.write;
  console.log(results.numTotalTests, results.numPassedTests, results.numFailedTests, results.numPendingTests, results.success);
  for (const file of results.testResults.sort((a, b) => (a.testFilePath < b.testFilePath ? -1 : 1))) {
    console.log(path.basename(file.testFilePath), String(file.testExecError?.message));
    for (const test of file.testResults) {
      console.log(` ${test.status} ${test.fullName}`);
      // eslint-disable-next-line no-control-regex
      for (const message of test.failureMessages) console.log(message.replace(/\u001b\[\d+m/g, '').split('\n    at ')[0]);
    }
  }
  fs.rmSync(project, { recursive: true });
}
main();
