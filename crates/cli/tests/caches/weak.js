// What is known of an object goes with the object.
class Facts {
  constructor(of) {
    this.size = of.text.length;
  }
}
const facts = new WeakMap();
let last = [];
let n = 0;
setInterval(() => {
  last = [];
  for (let i = 0; i < 100; i++) {
    const document = { text: `document ${n++}` };
    facts.set(document, new Facts(document));
    last.push(document);
  }
}, 2);
