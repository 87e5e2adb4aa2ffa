// grows: Order at 13
class Order {
  constructor(id) {
    this.id = id;
    this.lines = [{ article: id, count: 1 }];
  }
}
const cache = new Map();
function load(id) {
  const key = `order/${id}/${process.uptime()}`;
  let order = cache.get(key);
  if (order === undefined) {
    order = new Order(id);
    cache.set(key, order);
  }
  return order;
}
let id = 0;
setInterval(() => {
  for (let i = 0; i < 20; i++) load(id++);
}, 2);
process.on('leak', () => process.exit());
