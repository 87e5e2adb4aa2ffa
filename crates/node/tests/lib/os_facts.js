'use strict';
// What os tells, held against the system's own files and programs.
const assert = require('assert');
const fs = require('fs');
const os = require('os');
const { execFileSync } = require('child_process');

const run = (...words) => execFileSync(words[0], words.slice(1), { encoding: 'utf8' }).trim();

assert.strictEqual(os.EOL, '\n');
assert.strictEqual(os.devNull, '/dev/null');
assert.strictEqual(os.type(), run('uname', '-s'));
assert.strictEqual(os.release(), run('uname', '-r'));
assert.strictEqual(os.version(), run('uname', '-v'));
assert.strictEqual(os.machine(), run('uname', '-m'));
assert.strictEqual(os.hostname(), run('uname', '-n'));
assert.strictEqual(`${os.hostname}`, os.hostname());
assert.strictEqual(os.platform(), process.platform);
assert.strictEqual(os.arch(), process.arch);
assert.match(os.endianness(), /^[BL]E$/);
assert.ok(os.totalmem() >= os.freemem() && os.freemem() > 0);
assert.ok(os.uptime() > 0);
assert.ok(os.loadavg().length === 3 && os.loadavg().every((load) => load >= 0));
assert.ok(os.availableParallelism() >= 1);
for (const { model, speed, times } of os.cpus()) {
  assert.strictEqual(typeof model, 'string');
  assert.strictEqual(typeof speed, 'number');
  assert.deepStrictEqual(Object.keys(times), ['user', 'nice', 'sys', 'idle', 'irq']);
}
const user = os.userInfo();
assert.deepStrictEqual(Object.keys(user), ['uid', 'gid', 'username', 'homedir', 'shell']);
assert.strictEqual(user.uid, Number(run('id', '-u')));
assert.strictEqual(user.username, run('id', '-un'));
assert.ok(Buffer.isBuffer(os.userInfo({ encoding: 'buffer' }).username));

const env = { ...process.env };
process.env.HOME = '/somewhere';
assert.strictEqual(os.homedir(), '/somewhere');
delete process.env.HOME;
assert.strictEqual(os.homedir(), user.homedir);
process.env.HOME = env.HOME;
process.env.TMPDIR = '/elsewhere/';
assert.strictEqual(os.tmpdir(), '/elsewhere');
for (const name of ['TMPDIR', 'TMP', 'TEMP']) delete process.env[name];
assert.strictEqual(os.tmpdir(), '/tmp');

const loopback = Object.values(os.networkInterfaces()).flat().find(({ address }) => address === '127.0.0.1');
if (fs.existsSync('/sys/class/net/lo')) {
  assert.deepStrictEqual(loopback, {
    address: '127.0.0.1', netmask: '255.0.0.0', family: 'IPv4', mac: '00:00:00:00:00:00', internal: true,
    cidr: '127.0.0.1/8',
  });
}

assert.strictEqual(os.constants.signals.SIGTERM, 15);
assert.strictEqual(os.constants.errno.ENOENT, 2);
assert.strictEqual(os.constants.priority.PRIORITY_HIGHEST, -20);
assert.throws(() => { 'use strict'; os.constants.signals.SIGTERM = 1; }, TypeError);

const before = os.getPriority();
os.setPriority(before + 1 > 19 ? 19 : before + 1);
assert.ok(os.getPriority() >= before);
assert.throws(() => os.setPriority(0, 20), { code: 'ERR_OUT_OF_RANGE' });
assert.throws(() => os.getPriority('0'), { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => os.getPriority(2 ** 31 - 1), {
  name: 'SystemError',
  code: 'ERR_SYSTEM_ERROR',
  message: 'A system error occurred: uv_os_getpriority returned ESRCH (no such process)',
});
