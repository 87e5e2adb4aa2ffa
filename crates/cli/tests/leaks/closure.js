// grows: Payload at 9
const callbacks = [];
class Payload {
  constructor(number) {
    this.text = `payload ${number}`;
  }
}
function subscribe(number) {
  const payload = new Payload(number);
  callbacks.push(() => payload.text);
}
let number = 0;
setInterval(() => {
  for (let i = 0; i < 20; i++) subscribe(number++);
}, 2);
process.on('leak', () => process.exit());
