// CSV with quoted fields: parsed character by character, summed by column.
const text = 'id,name,"note, with comma",amount\n' + Array.from({ length: 400 }, (_, i) => `${i},"Name ${i}","says ""hi"" to ${i}",${i * 1.25}`).join('\n');
function parse(source) {
  const rows = []; let row = [], field = '', quoted = false;
  for (let i = 0; i < source.length; i++) {
    const c = source[i];
    if (quoted) {
      if (c !== '"') field += c;
      else if (source[i + 1] === '"') { field += '"'; i++; } else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') { row.push(field); field = ''; }
    else if (c === '\n') { row.push(field); rows.push(row); row = []; field = ''; }
    else field += c;
  }
  row.push(field); rows.push(row);
  return rows;
}
function work() {
  const [header, ...rows] = parse(text);
  return rows.length + ':' + header.length + ':' + rows.reduce((sum, row) => sum + Number(row[3]), 0);
}
