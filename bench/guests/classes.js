// Objects of classes with private fields, accessors and inheritance.
class Shape { #name; constructor(name) { this.#name = name; } get name() { return this.#name; } area() { return 0; } toString() { return `${this.name}(${this.area()})`; } }
class Box extends Shape { constructor(w, h) { super('box'); this.w = w; this.h = h; } area() { return this.w * this.h; } scaled(f) { return new Box(this.w * f, this.h * f); } }
class Disc extends Shape { static count = 0; constructor(r) { super('disc'); this.r = r; Disc.count++; } area() { return Math.round(3 * this.r * this.r); } }
function work() {
  let sum = 0, text = '';
  for (let i = 0; i < 1200; i++) { const shape = i % 3 ? new Box(i, 2).scaled(2) : new Disc(i); sum += shape.area(); if (i % 100 === 0) text += shape; }
  return sum + text.length + '';
}
