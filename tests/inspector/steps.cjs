'use strict';

class PlantedShape {}
globalThis.shapes = Array.from({ length: 1000 }, () => new PlantedShape());
function add(a, b) {
  const sum = a + b;
  return sum;
}
add(2, 3);
console.log('done');
setInterval(() => {}, 1000);
