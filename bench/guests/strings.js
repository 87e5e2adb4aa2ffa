// Strings built piece by piece, split, joined, searched.
function work() {
  let text = '';
  for (let i = 0; i < 3000; i++) text += i + ', ';
  const parts = text.split(', ').map((part) => part.padStart(5, '0').toUpperCase());
  const joined = parts.join('-').replaceAll('-', ' | ');
  return [joined.length, joined.indexOf('02999'), joined.slice(100, 120), joined.trim().endsWith('|'), text.includes('1234')].join();
}
