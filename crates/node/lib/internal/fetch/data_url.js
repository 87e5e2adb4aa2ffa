'use strict';
// What `data:` and `blob:` URLs hold.

const { Buffer } = require('buffer');

// { bytes, type }, or undefined where the URL is none.
function readDataUrl(url) {
  const text = url.href.slice('data:'.length).replace(/#.*$/s, '');
  const comma = text.indexOf(',');
  if (comma < 0) return undefined;
  let type = text.slice(0, comma).trim();
  let bytes = percentDecode(text.slice(comma + 1));
  const encoded = /;[ ]*base64$/i.exec(type);
  if (encoded !== null) {
    const digits = bytes.toString('latin1').replace(/[\t\n\f\r ]/g, '');
    const bare = digits.replace(/={1,2}$/, digits.length % 4 === 0 ? '' : '$&');
    if (bare.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(bare)) return undefined;
    bytes = Buffer.from(bare, 'base64');
    type = type.slice(0, encoded.index);
  }
  if (type.startsWith(';')) type = `text/plain${type}`;
  try {
    type = new (require('internal/mime').MIMEType)(type).toString();
  } catch {
    type = 'text/plain;charset=US-ASCII';
  }
  return { bytes, type };
}

function percentDecode(text) {
  const bytes = Buffer.from(text);
  if (!bytes.includes(0x25)) return bytes;
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const digits = bytes[at] === 0x25 ? bytes.latin1Slice(at + 1, at + 3) : '';
    if (/^[0-9a-f]{2}$/i.test(digits)) {
      bytes[length++] = parseInt(digits, 16);
      at += 2;
    } else {
      bytes[length++] = bytes[at];
    }
  }
  return bytes.subarray(0, length);
}

// { status, statusText, fields, bytes } for the range that is asked for, or the reason why there is none.
function readBlobUrl(url, method, range) {
  const { blobBytes, resolveObjectURL } = require('internal/buffer/blob');
  const blob = resolveObjectURL(url.href.replace(/#.*$/s, ''));
  if (method !== 'GET' || blob === undefined) return 'invalid method';
  const all = blobBytes(blob);
  if (range === null) {
    return {
      status: 200, statusText: 'OK', bytes: all,
      fields: [['Content-Length', `${all.length}`], ['Content-Type', blob.type]],
    };
  }
  const found = /^bytes=(\d*)-(\d*)$/.exec(range.trim());
  if (found === null || (found[1] === '' && found[2] === '')) return 'failed to fetch the data URL';
  let start = +found[1];
  let end = found[2] === '' ? all.length - 1 : Math.min(+found[2], all.length - 1);
  if (found[1] === '') {
    start = Math.max(all.length - +found[2], 0);
    end = all.length - 1;
  } else if (start >= all.length || (found[2] !== '' && start > +found[2])) {
    return 'Range start is greater than the blob\'s size.';
  }
  const bytes = all.subarray(start, end + 1);
  return {
    status: 206, statusText: 'Partial Content', bytes,
    fields: [['Content-Length', `${bytes.length}`], ['Content-Type', blob.type],
             ['Content-Range', `bytes ${start}-${end}/${all.length}`]],
  };
}

module.exports = { readBlobUrl, readDataUrl };
