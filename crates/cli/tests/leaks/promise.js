// grows: Job at 16
class Job {
  constructor(number) {
    this.number = number;
    this.input = { number };
  }
}
const waiting = [];
async function work(job) {
  await new Promise((resolve) => waiting.push(resolve));
  return job.number;
}
let number = 0;
setInterval(() => {
  for (let i = 0; i < 20; i++) {
    work(new Job(number++));
  }
}, 2);
process.on('leak', () => process.exit());
