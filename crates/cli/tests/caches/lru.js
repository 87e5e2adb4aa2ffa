// The least recently used of 500 pages goes when another comes.
class Page {
  constructor(id) {
    this.id = id;
    this.text = `page ${id}`;
  }
}
const pages = new Map();
function page(id) {
  let found = pages.get(id);
  if (found !== undefined) pages.delete(id);
  else found = new Page(id);
  pages.set(id, found);
  if (pages.size > 500) pages.delete(pages.keys().next().value);
  return found;
}
let id = 0;
for (let i = 0; i < 600; i++) page(id++);
setInterval(() => {
  for (let i = 0; i < 20; i++) page(id++);
}, 2);
