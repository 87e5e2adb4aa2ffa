'use strict';
// `os`: what the system tells of itself.

const binding = internalBinding('os');
const { codes: { ERR_SYSTEM_ERROR } } = require('internal/errors');
const { validateInt32 } = require('internal/validators');
const constants = require('internal/os_constants');

function systemError(errno, syscall) {
  const { errorMessage, errorName } = require('internal/uv_errors');
  return new ERR_SYSTEM_ERROR({ errno, code: errorName(errno), message: errorMessage(errno), syscall });
}

const arch = () => process.arch;
const availableParallelism = () => binding.parallelism();
const platform = () => process.platform;
const endianness = () => (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 'LE' : 'BE');
const totalmem = () => binding.memory()[0];
const freemem = () => binding.memory()[1];
const loadavg = () => binding.loadavg();
const uptime = () => binding.uptime();
const type = () => binding.uname()[0];
const release = () => binding.uname()[1];
const version = () => binding.uname()[2];
const machine = () => binding.uname()[3];
const hostname = () => binding.uname()[4];

// Clock ticks are hundredths of a second to programs, whatever the system counts in.
const MS_PER_TICK = 10;

function cpus() {
  const models = [];
  const speeds = [];
  for (const line of binding.readText('/proc/cpuinfo').split('\n')) {
    const [key, value] = line.split(/\s*:\s*/);
    if (key === 'model name' || key === 'Processor') models.push(value);
    else if (key === 'cpu MHz') speeds.push(Number.parseFloat(value));
  }
  const result = [];
  for (const line of binding.readText('/proc/stat').split('\n')) {
    if (!/^cpu\d/.test(line)) continue;
    const [id, user, nice, sys, idle, , irq] = line.split(/\s+/);
    const index = Number(id.slice(3));
    // What it may run at most, unless only the present speed is known.
    const most = Number(binding.readText(`/sys/devices/system/cpu/cpu${index}/cpufreq/scaling_cur_freq`)) / 1000;
    const times = { user, nice, sys, idle, irq };
    for (const key of Object.keys(times)) times[key] = Number(times[key]) * MS_PER_TICK;
    result.push({ model: models[index] ?? models[0] ?? 'unknown', speed: Math.trunc(most || 0), times });
  }
  return result;
}

function prefixLength(netmask) {
  const parts = netmask.includes(':') ? expand(netmask) : netmask.split('.').map(Number);
  const width = netmask.includes(':') ? 16 : 8;
  const bits = parts.map((part) => part.toString(2).padStart(width, '0')).join('');
  const ones = bits.indexOf('0') < 0 ? bits.length : bits.indexOf('0');
  // Not every mask is a prefix.
  return bits.indexOf('1', ones) < 0 ? ones : -1;
}

function expand(address) {
  const [head, tail = ''] = address.split('::');
  const numbers = (text) => (text === '' ? [] : text.split(':').map((part) => Number.parseInt(part, 16)));
  const [first, last] = [numbers(head), numbers(tail)];
  return [...first, ...new Array(8 - first.length - last.length).fill(0), ...last];
}

function networkInterfaces() {
  const result = {};
  for (const [name, address, netmask, mac, internal, scopeid] of binding.interfaces()) {
    const prefix = prefixLength(netmask);
    const entry = {
      address,
      netmask,
      family: scopeid < 0 ? 'IPv4' : 'IPv6',
      mac,
      internal,
      cidr: prefix < 0 ? null : `${address}/${prefix}`,
    };
    if (scopeid >= 0) entry.scopeid = scopeid;
    (result[name] ??= []).push(entry);
  }
  return result;
}

function homedir() {
  return process.env.HOME || binding.user()?.homedir || '/';
}

function tmpdir() {
  const folder = process.env.TMPDIR || process.env.TMP || process.env.TEMP || '/tmp';
  return folder.length > 1 && folder.endsWith('/') ? folder.slice(0, -1) : folder;
}

function userInfo(options) {
  const user = binding.user();
  if (user === undefined) throw systemError(-2, 'uv_os_get_passwd');
  const encode = options !== null && typeof options === 'object' && options.encoding === 'buffer' ?
    (text) => require('buffer').Buffer.from(text) : (text) => text;
  return {
    __proto__: null,
    uid: user.uid,
    gid: user.gid,
    username: encode(user.username),
    homedir: encode(user.homedir),
    shell: encode(user.shell),
  };
}

function getPriority(pid = 0) {
  validateInt32(pid, 'pid');
  const result = binding.getPriority(pid);
  if (result >= 1000) throw systemError(1000 - result, 'uv_os_getpriority');
  return result;
}

function setPriority(pid, priority) {
  if (priority === undefined) [pid, priority] = [0, pid];
  validateInt32(pid, 'pid');
  validateInt32(priority, 'priority', -20, 19);
  const errno = binding.setPriority(pid, priority);
  if (errno < 0) throw systemError(errno, 'uv_os_setpriority');
}

module.exports = {
  arch,
  availableParallelism,
  cpus,
  endianness,
  freemem,
  getPriority,
  homedir,
  hostname,
  loadavg,
  networkInterfaces,
  platform,
  release,
  setPriority,
  tmpdir,
  totalmem,
  type,
  userInfo,
  uptime,
  version,
  machine,
};

// `${os.hostname}` is what `os.hostname()` is.
for (const get of [arch, availableParallelism, endianness, freemem, homedir, hostname, platform, release, tmpdir,
  totalmem, type, uptime, version, machine]) {
  get[Symbol.toPrimitive] = () => get();
}

Object.defineProperties(module.exports, {
  constants: { __proto__: null, value: constants, enumerable: true },
  EOL: { __proto__: null, value: '\n', enumerable: true, writable: false, configurable: true },
  devNull: { __proto__: null, value: '/dev/null', enumerable: true, writable: false, configurable: true },
});
