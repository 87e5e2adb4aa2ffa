'use strict';
// Reading from and writing to descriptors: `fs.read`, `fs.write` and their kin, which take their arguments in many
// ways.

const binding = internalBinding('fs');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { validateBuffer, validateInteger, validateObject, validateEncoding } = require('internal/validators');
const { performAsync, performSync, request } = require('internal/fs/requests');
const { checkRange, makeCallback, systemError, toFd, toPosition, viewOf } = require('internal/fs/utils');

// What is read: [fd, bytes, offset, length, position], or undefined if there is nothing to do.
function readArguments(fd, buffer, offset, length, position) {
  fd = toFd(fd);
  validateBuffer(buffer);
  if (offset === undefined || offset === null) offset = 0;
  else validateInteger(offset, 'offset', 0);
  if (length === undefined || length === null) length = buffer.byteLength - offset;
  length |= 0;
  const at = toPosition(position, length);
  if (length === 0) return { fd, bytes: viewOf(buffer), offset, length: 0, position: -1 };
  if (buffer.byteLength === 0) {
    throw new ERR_INVALID_ARG_VALUE('buffer', buffer, 'is empty and cannot be written');
  }
  checkRange(offset, length, buffer.byteLength, false);
  return { fd, bytes: viewOf(buffer), offset, length, position: at };
}

// The arguments after the buffer may be an object's.
function spread(offset, length, position, buffer) {
  if (offset !== null && typeof offset === 'object') {
    const { offset: from = 0, length: count = buffer.byteLength - from, position: at = null } = offset;
    return [from, count, at];
  }
  return [offset, length, position];
}

function readSync(fd, buffer, offset, length, position) {
  fd = toFd(fd);
  validateBuffer(buffer);
  [offset, length, position] = spread(offset, length, position, buffer);
  const plan = readArguments(fd, buffer, offset, length, position);
  if (plan.length === 0) return 0;
  const result = binding.readInto(plan.fd, plan.bytes, plan.offset, plan.length, plan.position);
  if (result < 0) throw systemError(result, 'read');
  return result;
}

function readRequest(plan) {
  return request(binding.read, [plan.fd, plan.length, plan.position], 'read', undefined, undefined, (bytes) => {
    plan.bytes.set(new Uint8Array(bytes), plan.offset);
    return bytes.byteLength;
  });
}

function read(fd, buffer, offset, length, position, callback) {
  fd = toFd(fd);
  const count = arguments.length;
  let options;
  if (count <= 4 && !ArrayBuffer.isView(buffer)) {
    // read(fd, callback), read(fd, options, callback)
    callback = count === 2 ? buffer : offset;
    options = count === 2 || buffer === undefined || buffer === null ? {} : buffer;
    validateObject(options, 'options');
    ({ buffer = require('buffer').Buffer.alloc(16384), offset, length, position } = { position: null, ...options });
  } else if (count === 3) {
    callback = offset;
    [offset, length, position] = [0, undefined, null];
  } else if (count === 4) {
    callback = length;
    [offset, length, position] = spread(offset ?? {}, undefined, undefined, buffer);
  }
  makeCallback(callback);
  const plan = readArguments(fd, buffer, offset, length, position);
  if (plan.length === 0) {
    process.nextTick(callback, null, 0, buffer);
    return;
  }
  performAsync(readRequest(plan), (error, bytesRead) => callback(error, bytesRead ?? 0, buffer));
}

// What is written: [fd, data, position].
function writeArguments(fd, data, offset, length, position) {
  fd = toFd(fd);
  if (ArrayBuffer.isView(data)) {
    if (offset !== null && typeof offset === 'object') {
      ({ offset = 0, length = data.byteLength - offset, position = null } = offset);
    }
    if (offset === undefined || offset === null || typeof offset === 'function') offset = 0;
    else validateInteger(offset, 'offset', 0);
    if (typeof length !== 'number') length = data.byteLength - offset;
    checkRange(offset, length, data.byteLength, true);
    const bytes = viewOf(data);
    const part = offset === 0 && length === bytes.length ? bytes : bytes.subarray(offset, offset + length);
    return [fd, part, typeof position === 'number' || typeof position === 'bigint' ? Number(position) : -1];
  }
  if (typeof data !== 'string') {
    throw new ERR_INVALID_ARG_TYPE('buffer', ['string', 'Buffer', 'TypedArray', 'DataView'], data);
  }
  // For strings they are position and encoding.
  const encoding = typeof length === 'string' ? length : 'utf8';
  validateEncoding(data, encoding);
  const at = typeof offset === 'number' ? offset : -1;
  return [fd, encoding === 'utf8' ? data : require('buffer').Buffer.from(data, encoding), at];
}

function writeSync(fd, data, offset, length, position) {
  return performSync(request(binding.write, writeArguments(fd, data, offset, length, position), 'write'));
}

function write(fd, data, ...rest) {
  fd = toFd(fd);
  if (!ArrayBuffer.isView(data) && typeof data !== 'string') {
    throw new ERR_INVALID_ARG_TYPE('buffer', ['string', 'Buffer', 'TypedArray', 'DataView'], data);
  }
  const at = rest.findIndex((one) => typeof one === 'function');
  const callback = makeCallback(at < 0 ? rest[rest.length - 1] : rest[at]);
  const [offset, length, position] = rest.slice(0, at);
  const op = request(binding.write, writeArguments(fd, data, offset, length, position), 'write');
  performAsync(op, (error, written) => callback(error, written ?? 0, data));
}

function checkBuffers(buffers) {
  if (!Array.isArray(buffers)) throw new ERR_INVALID_ARG_TYPE('buffers', 'ArrayBufferView[]', buffers);
  for (const one of buffers) {
    if (!ArrayBuffer.isView(one)) throw new ERR_INVALID_ARG_TYPE('buffers', 'ArrayBufferView[]', buffers);
  }
}

function gather(fd, buffers, position) {
  fd = toFd(fd);
  checkBuffers(buffers);
  const all = require('buffer').Buffer.concat(buffers.map(viewOf));
  return request(binding.write, [fd, all, typeof position === 'number' ? position : -1], 'write');
}

function scatter(fd, buffers, position) {
  fd = toFd(fd);
  checkBuffers(buffers);
  const views = buffers.map(viewOf);
  const length = views.reduce((sum, view) => sum + view.length, 0);
  const args = [fd, length, typeof position === 'number' ? position : -1];
  return request(binding.read, args, 'read', undefined, undefined, (bytes) => {
    let rest = new Uint8Array(bytes);
    for (const view of views) {
      const part = rest.subarray(0, view.length);
      view.set(part);
      rest = rest.subarray(part.length);
    }
    return bytes.byteLength;
  });
}

const writevSync = (fd, buffers, position) => performSync(gather(fd, buffers, position));
const readvSync = (fd, buffers, position) => performSync(scatter(fd, buffers, position));

function vectored(makeRequest) {
  return (fd, buffers, position, callback) => {
    if (typeof position === 'function') [position, callback] = [null, position];
    makeCallback(callback);
    performAsync(makeRequest(fd, buffers, position), (error, count) => callback(error, count ?? 0, buffers));
  };
}

module.exports = {
  gather, read, readArguments, readRequest, readSync, readv: vectored(scatter), readvSync, scatter, spread, write,
  writeArguments, writeSync, writev: vectored(gather), writevSync,
};
