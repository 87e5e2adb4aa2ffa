// grows: (sliced string) at 8
const titles = [];
function page(number) {
  return `${number} title `.padEnd(5000, `${number} body `).repeat(4);
}
function index(number) {
  const text = page(number);
  titles.push(text.slice(0, 9000));
}
let number = 0;
setInterval(() => {
  for (let i = 0; i < 10; i++) index(number++);
}, 2);
process.on('leak', () => process.exit());
