// The last 1,000 lines of a log.
class Line {
  constructor(text) {
    this.text = text;
  }
}
const lines = Array.from({ length: 1000 }, (_, i) => new Line(`line ${i}`));
let next = 0;
setInterval(() => {
  for (let i = 0; i < 50; i++) lines[next++ % lines.length] = new Line(`line ${next}`);
}, 2);
