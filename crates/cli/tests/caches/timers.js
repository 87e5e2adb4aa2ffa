// Requests with a time limit each, which is cleared when they are answered.
class Request {
  constructor(number) {
    this.number = number;
  }
}
const pending = [];
let number = 0;
function ask() {
  const request = new Request(number++);
  request.timer = setTimeout(() => pending.splice(pending.indexOf(request), 1), 60000);
  pending.push(request);
  if (pending.length > 100) clearTimeout(pending.shift().timer);
}
for (let i = 0; i < 150; i++) ask();
setInterval(() => {
  for (let i = 0; i < 20; i++) ask();
}, 2);
