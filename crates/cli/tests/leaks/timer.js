// grows: Poll at 9
class Poll {
  constructor(target) {
    this.target = target;
    this.answers = [];
  }
}
function watch(target) {
  const poll = new Poll(target);
  setInterval(() => poll.answers.push(target), 3600000);
}
let target = 0;
setInterval(() => {
  for (let i = 0; i < 20; i++) watch(target++);
}, 2);
process.on('leak', () => process.exit());
