// grows: Element at 17
class Element {
  constructor(name, parent) {
    this.name = name;
    this.parent = parent;
    this.children = [];
  }
  append(child) {
    this.children.push(child);
    child.parent = this;
    return child;
  }
}
const root = new Element('body', null);
const focused = new Set();
function element(name) {
  return new Element(name, null);
}
function dialog() {
  const box = root.append(element('dialog'));
  for (let i = 0; i < 5; i++) box.append(element('button'));
  focused.add(box.children[0]);
  root.children.pop();
}
setInterval(() => {
  for (let i = 0; i < 10; i++) dialog();
}, 2);
process.on('leak', () => process.exit());
