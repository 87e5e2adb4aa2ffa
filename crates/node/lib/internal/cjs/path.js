'use strict';
// POSIX paths as the module loaders need them, so that starting a program does not load `path`.

function normalizeParts(parts, absolute) {
  const out = [];
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (out.length > 0 && out[out.length - 1] !== '..') out.pop();
      else if (!absolute) out.push('..');
    } else {
      out.push(part);
    }
  }
  return out;
}

// `path` made absolute against the absolute path `base`, without dots.
function resolve(base, path) {
  const whole = path.startsWith('/') ? path : `${base}/${path}`;
  if (whole.includes('/.') || whole.includes('//') || (whole.length > 1 && whole.endsWith('/'))) {
    return `/${normalizeParts(whole.split('/'), true).join('/')}`;
  }
  return whole;
}

function dirname(path) {
  const at = path.lastIndexOf('/');
  return at > 0 ? path.slice(0, at) : at === 0 ? '/' : '.';
}

function basename(path) {
  return path.slice(path.lastIndexOf('/') + 1);
}

// The extension with its dot, or ''. A dot at the start of the name is none.
function extname(path) {
  const name = basename(path);
  const at = name.lastIndexOf('.');
  return at > 0 ? name.slice(at) : '';
}

module.exports = { resolve, dirname, basename, extname };
