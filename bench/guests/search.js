// Text search with regular expressions: words, dates, links, a replacement by a function.
const text = Array.from({ length: 120 }, (_, i) => `On 2026-${String(i % 12 + 1).padStart(2, '0')}-15 user${i}@mail.example wrote about "topic ${i}" at https://example.com/t/${i}?q=a&b=${i}. The quick brown fox jumps over the lazy dog.`).join('\n');
function work() {
  const words = text.match(/\b[a-z]+\b/gi).length;
  const mails = text.match(/[\w.]+@[\w.]+\.\w+/g).length;
  const dates = [...text.matchAll(/(\d{4})-(\d\d)-(\d\d)/g)].map((m) => m[3] + '.' + m[2]).length;
  const changed = text.replace(/https:\/\/([^/\s]+)\/t\/(\d+)\S*/g, (_, host, id) => `<${host}|${id}>`);
  return [words, mails, dates, changed.length, /lazy cat/.test(text), text.search(/topic 99/)].join();
}
