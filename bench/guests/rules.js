// A rules engine: conditions as data, evaluated against facts, actions collected by priority.
const operators = {
  equal: (a, b) => a === b, in: (a, b) => b.includes(a), greater: (a, b) => a > b, less: (a, b) => a < b,
  matches: (a, b) => new RegExp(b).test(a),
};
const rules = Array.from({ length: 40 }, (_, i) => ({
  name: 'rule' + i, priority: i % 5,
  when: { all: [{ fact: 'customer.tier', operator: 'in', value: ['gold', 'silver'] }, { any: [{ fact: 'total', operator: 'greater', value: i * 20 }, { fact: 'country', operator: 'equal', value: i % 2 ? 'DE' : 'FR' }] }] },
  then: { type: 'discount', percent: i % 9 },
}));
const look = (facts, path) => path.split('.').reduce((value, key) => (value == null ? value : value[key]), facts);
function holds(condition, facts) {
  if (condition.all) return condition.all.every((c) => holds(c, facts));
  if (condition.any) return condition.any.some((c) => holds(c, facts));
  return operators[condition.operator](look(facts, condition.fact), condition.value);
}
function work() {
  let sum = 0;
  for (let i = 0; i < 25; i++) {
    const facts = { customer: { tier: ['gold', 'silver', 'none'][i % 3], id: i }, total: i * 31, country: i % 4 ? 'DE' : 'FR' };
    const fired = rules.filter((rule) => holds(rule.when, facts)).sort((a, b) => b.priority - a.priority);
    sum += fired.reduce((total, rule) => total + rule.then.percent, 0);
  }
  return String(sum);
}
