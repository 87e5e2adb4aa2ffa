// A template as plain JavaScript: the tag escapes every value, so that a customer's name cannot
// become markup.
const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (value) => String(value).replace(/[&<>"']/g, (char) => entities[char]);

class Markup {
  constructor(text) {
    this.text = text;
  }
}

const write = (value) => {
  if (value instanceof Markup) return value.text;
  return Array.isArray(value) ? value.map(write).join('') : escape(value);
};

const html = (parts, ...values) =>
  new Markup(parts.reduce((text, part, i) => text + write(values[i - 1]) + part));

export default function receipt({ customer, items }) {
  const total = items.reduce((sum, item) => sum + item.price * item.count, 0);
  const row = (item) => html`<tr><td>${item.name}</td><td>${item.count}</td></tr>`;
  return html`<h1>For ${customer}</h1><table>${items.map(row)}</table><p>${total.toFixed(2)}</p>`
    .text;
}
