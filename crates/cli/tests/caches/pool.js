// Connections are taken from a pool and given back.
class Connection {
  constructor() {
    this.buffer = new Uint8Array(256);
    this.uses = 0;
  }
}
const free = Array.from({ length: 50 }, () => new Connection());
async function request() {
  const connection = free.pop() ?? new Connection();
  connection.uses++;
  await null;
  if (free.length < 50) free.push(connection);
}
setInterval(() => {
  for (let i = 0; i < 60; i++) request();
}, 2);
