// grows: Session at 12
const { EventEmitter } = require('events');
const clock = new EventEmitter().setMaxListeners(0);
class Session {
  constructor(user) {
    this.user = user;
    this.seen = [user];
    clock.on('tick', () => this.seen.pop());
  }
}
function serve(user) {
  return new Session(user).user;
}
let user = 0;
setInterval(() => {
  for (let i = 0; i < 20; i++) serve(`user ${user++}`);
}, 2);
process.on('leak', () => process.exit());
