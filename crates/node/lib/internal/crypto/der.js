'use strict';
// As much of DER and PEM as keys are written in.

const { Buffer } = require('buffer');

// The element at `at`: its tag, its content, and where the next one begins. Undefined where there is none.
function element(bytes, at) {
  const tag = bytes[at];
  let length = bytes[at + 1];
  let from = at + 2;
  if (length > 0x80) {
    const count = length - 0x80;
    if (count > 4) return undefined;
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + bytes[from + i];
    from += count;
  }
  if (!(from + length <= bytes.length)) return undefined;
  return { tag, content: bytes.subarray(from, from + length), end: from + length };
}

// The elements of a sequence's content; undefined where they are cut short.
function elements(content) {
  const found = [];
  for (let at = 0; at < content.length;) {
    const next = element(content, at);
    if (next === undefined) return undefined;
    found.push(next);
    at = next.end;
  }
  return found;
}

// Those of the sequence that the bytes are.
function sequence(bytes) {
  const outer = element(bytes, 0);
  return outer?.tag === 0x30 && outer.end === bytes.length ? elements(outer.content) : undefined;
}

function write(tag, ...parts) {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

// A number without a sign, which is not to look like one below zero.
function integer(bytes) {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at++;
  const rest = bytes.subarray(at);
  return write(0x02, rest[0] >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0), rest);
}

// The bytes of an integer, `size` of them; undefined where it has more.
function unsigned(content, size) {
  let at = 0;
  while (at < content.length && content[at] === 0) at++;
  const rest = content.subarray(at);
  if (rest.length > size) return undefined;
  return Buffer.concat([Buffer.alloc(size - rest.length), rest]);
}

const kPem = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/;

// What a text in PEM says it is, and its bytes; undefined where it is none.
function readPem(text) {
  const found = kPem.exec(text);
  if (found === null) return undefined;
  return { label: found[1], body: found[2], bytes: Buffer.from(found[2], 'base64') };
}

function writePem(label, bytes) {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

module.exports = { integer, readPem, sequence, unsigned, write, writePem };
