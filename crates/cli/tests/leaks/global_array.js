// grows: Entry at 11
globalThis.journal = [];
class Line {}
class Entry extends Line {
  constructor(text) {
    super();
    this.text = text;
  }
}
function note(text) {
  journal.push(new Entry(text));
}
let entries = 0;
setInterval(() => {
  for (let i = 0; i < 20; i++) note(`entry ${entries++}`);
}, 2);
process.on('leak', () => process.exit());
