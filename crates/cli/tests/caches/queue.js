// Jobs that wait for each other and are done: some 64 at a time.
class Job {
  constructor(number) {
    this.number = number;
    this.done = new Promise((resolve) => { this.finish = resolve; });
  }
}
const queue = [];
let number = 0;
function add() {
  const job = new Job(number++);
  job.done.then((text) => text.length);
  queue.push(job);
  if (queue.length > 64) queue.shift().finish(`job ${number}`);
}
for (let i = 0; i < 80; i++) add();
setInterval(() => {
  for (let i = 0; i < 16; i++) add();
}, 2);
