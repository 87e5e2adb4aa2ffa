function handle({ text }) {
  if (typeof text !== 'string') throw new TypeError('text is missing');
  return `${text.toUpperCase()}!`;
}
