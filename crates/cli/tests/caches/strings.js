// The words seen lately in two generations: the older one goes when the newer one is full.
let young = new Map();
let old = new Map();
function intern(text) {
  const found = young.get(text) ?? old.get(text) ?? text;
  young.set(found, found);
  if (young.size > 400) {
    old = young;
    young = new Map();
  }
  return found;
}
let n = 0;
setInterval(() => {
  // As many as fall out of step with the samples.
  const end = n + 100 + 200 * Math.random();
  while (n < end) intern(`word ${n++}`);
}, 2);
