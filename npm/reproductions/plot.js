'use strict';
// Lines over a horizontal axis, as SVG. Must not know what they mean.

const WIDTH = 760;
const HEIGHT = 400;
const LEFT = 70;
const RIGHT = 20;
const TOP = 84;
const BOTTOM = 48;
const COLOURS = ['#D1242F', '#BF8700', '#1A7F37', '#0969DA'];

function escaped(text) {
  return `${text}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A round step that divides a range into four to eight parts. */
function stepOf(most) {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
}

function text(x, y, words, { size = 12, anchor = 'start', colour = '#24292F', weight = 'normal' } = {}) {
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="${colour}" font-weight="${weight}">${escaped(words)}</text>`;
}

/** `lines`: `{ label, points: [[x, y], ...] }`. */
function plot(title, sub, across, up, lines) {
  const all = lines.flatMap(({ points }) => points);
  const most = [0, 1].map((axis) => Math.max(1, ...all.map((point) => point[axis])) * 1.05);
  const x = (value) => (LEFT + (value / most[0]) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value) => (HEIGHT - BOTTOM - (value / most[1]) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Helvetica, Arial, sans-serif">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#FFFFFF"/>`,
    text(16, 26, title, { size: 16, weight: 'bold' }),
    text(16, 44, sub, { size: 10, colour: '#6E7781' }),
  ];
  for (let value = 0; value <= most[1]; value += stepOf(most[1])) {
    out.push(`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}" stroke="#E1E4E8"/>`);
    out.push(text(LEFT - 6, Number(y(value)) + 4, `${value.toLocaleString('en-US')} ${up}`, { size: 10, anchor: 'end' }));
  }
  for (let value = 0; value <= most[0]; value += stepOf(most[0])) {
    out.push(text(x(value), HEIGHT - BOTTOM + 16, value.toLocaleString('en-US'), { size: 10, anchor: 'middle' }));
  }
  out.push(text(WIDTH - RIGHT, HEIGHT - 10, across, { size: 10, anchor: 'end', colour: '#6E7781' }));
  let left = 16;
  lines.forEach(({ label, points }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map((point) => `${x(point[0])},${y(point[1])}`).join(' ');
    out.push(`<polyline fill="none" stroke="${colour}" stroke-width="1.6" points="${path}"/>`);
    out.push(`<rect x="${left}" y="56" width="14" height="4" fill="${colour}"/>`, text(left + 20, 62, label, { size: 11 }));
    left += 44 + label.length * 6;
  });
  out.push('</svg>');
  return `${out.join('\n')}\n`;
}

module.exports = { plot };
