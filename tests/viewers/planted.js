// A leak that the viewers must find: orders that a cache keeps, whose key is never asked for again.
class PlantedOrder {
  constructor(number) {
    this.number = number;
    this.text = `order ${number} `.padEnd(60, '.');
  }
}
const forgotten = new Map();
globalThis.shop = { forgotten };
for (let i = 0; i < 2000; i++) forgotten.set(`key ${i}`, new PlantedOrder(i));

function hot() {
  let sum = 0;
  for (let i = 0; i < 3000000; i++) sum += i;
  return sum;
}
function cold() {
  let sum = 0;
  for (let i = 0; i < 1000000; i++) sum += i;
  return sum;
}
for (let i = 0; i < 3; i++) hot() + cold();
forgotten.size;
