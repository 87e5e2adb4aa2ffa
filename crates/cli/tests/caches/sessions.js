// Sessions with listeners that are taken away when they end; 40 are open.
const { EventEmitter } = require('events');
const clock = new EventEmitter().setMaxListeners(0);
class Session {
  constructor(user) {
    this.user = user;
    this.tick = () => this.user;
    clock.on('tick', this.tick);
  }
  end() {
    clock.off('tick', this.tick);
  }
}
const open = [];
let user = 0;
function login() {
  open.push(new Session(`user ${user++}`));
  if (open.length > 40) open.shift().end();
}
for (let i = 0; i < 50; i++) login();
setInterval(() => {
  for (let i = 0; i < 10; i++) login();
}, 2);
