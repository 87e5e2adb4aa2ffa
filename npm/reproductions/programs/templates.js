'use strict';
// activepieces/activepieces PR 12583: each `{{ expression }}` of a template is evaluated in an isolate of its own.

const TEMPLATE =
  'Dear {{ customer.name.toUpperCase() }}, your order {{ order.id }} of {{ order.items.map((item) => item.name).join(", ") }} ' +
  'comes to {{ order.items.reduce((sum, { price }) => sum + price, 0).toFixed(2) }}.';
const EXPRESSION = /\{\{(.*?)\}\}/g;

function dataOf(task) {
  return {
    customer: { name: `customer ${task}` },
    order: { id: task, items: [{ name: 'tea', price: 3.5 }, { name: 'cake', price: task % 7 }] },
  };
}

function check(page, task) {
  const expected = `Dear CUSTOMER ${task}, your order ${task} of tea, cake comes to ${(3.5 + (task % 7)).toFixed(2)}.`;
  if (page !== expected) throw new Error(`it rendered ${page}`);
}

async function before() {
  const ivm = require('isolated-vm');
  const evaluate = async (expression, data) => {
    const isolate = new ivm.Isolate({ memoryLimit: 128 });
    try {
      const context = await isolate.createContext();
      for (const name of Object.keys(data)) {
        await context.global.set(name, new ivm.ExternalCopy(data[name]).copyInto());
      }
      const script = await isolate.compileScript(expression);
      return await script.run(context, { timeout: 1000 });
    } finally {
      isolate.dispose();
    }
  };
  return async (task) => {
    const data = dataOf(task);
    const values = [];
    for (const [, expression] of TEMPLATE.matchAll(EXPRESSION)) values.push(await evaluate(expression, data));
    check(TEMPLATE.replace(EXPRESSION, () => values.shift()), task);
  };
}

async function after() {
  const { Pool } = require('sandtide');
  const pool = new Pool({ timeout: 10_000 });
  return async (task) => {
    const globals = dataOf(task);
    const values = [];
    for (const [, expression] of TEMPLATE.matchAll(EXPRESSION)) {
      values.push((await pool.run(expression, { form: 'script', globals })).value);
    }
    check(TEMPLATE.replace(EXPRESSION, () => values.shift()), task);
  };
}

module.exports = {
  title: 'Templates: an isolate for each expression',
  report: 'activepieces/activepieces PR 12583',
  hour: 3_600,
  tasks: 3_600,
  deep: 2,
  node: ['--no-node-snapshot'],
  ways: { 'isolated-vm': before, sandtide: after },
};
