// Asks the server: with the token and in the name of the tenant that were given, which live in this tab alone.
// Knows nothing of how answers are shown.

const TOKEN = 'sandtide-token';
const TENANT = 'sandtide-tenant';

/** What the server refused, by the code that stays the same between releases. */
export class Refused extends Error {
  constructor(status, error, body) {
    super(error.detail ?? `the server answered ${status}`);
    this.status = status;
    this.code = error.code ?? 'ERR_UNKNOWN';
    this.error = error;
    this.body = body;
  }
}

export const session = {
  get token() { return sessionStorage.getItem(TOKEN) ?? ''; },
  set token(value) { keep(TOKEN, value); },
  get tenant() { return sessionStorage.getItem(TENANT) ?? ''; },
  set tenant(value) { keep(TENANT, value); },
};

function keep(name, value) {
  if (value) sessionStorage.setItem(name, value);
  else sessionStorage.removeItem(name);
}

const wanted = new EventTarget();

/** Calls back when the server does not take requests without a token, or not with this one. */
export const onTokenWanted = (listener) => wanted.addEventListener('token', (event) => listener(event.detail));

async function send(method, path, body, { signal, quiet } = {}) {
  const headers = {};
  if (session.token) headers.authorization = `Bearer ${session.token}`;
  if (session.tenant) headers['sandtide-tenant'] = session.tenant;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(path, { method, headers, signal, cache: 'no-store', body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await response.text();
  if (response.ok) return text;
  let told = {};
  try { told = JSON.parse(text); } catch { /* A proxy's answer, which the status says enough of. */ }
  const refused = new Refused(response.status, told, told);
  if (response.status === 401 && !quiet) wanted.dispatchEvent(new CustomEvent('token', { detail: refused }));
  throw refused;
}

const json = async (...args) => {
  const text = await send(...args);
  return text === '' ? undefined : JSON.parse(text);
};

const part = encodeURIComponent;
/** A list, which the server answers a page at a time. */
const all = async (path, member) => {
  const found = [];
  let cursor;
  do {
    const page = await json('GET', `${path}?limit=1000${cursor ? `&cursor=${part(cursor)}` : ''}`);
    found.push(...page[member]);
    cursor = page.next_cursor;
  } while (cursor);
  return found;
};

const script = (name) => `/v1/scripts/${part(name)}`;

export const api = {
  /** OpenMetrics text. Not everybody may read it, who may do all else: nobody is asked for a token for it. */
  metrics: () => send('GET', '/metrics', undefined, { quiet: true }),
  usage: () => json('GET', '/v1/usage'),
  scripts: () => all('/v1/scripts', 'scripts'),
  tenants: () => json('GET', '/v1/tenants', undefined, { quiet: true }),
  errors: async () => (await json('GET', '/v1/errors')).errors,
  script: (name) => json('GET', script(name)),
  versions: async (name) => ({ versions: await all(`${script(name)}/versions`, 'versions') }),
  version: (name, version) => json('GET', `${script(name)}/versions/${part(version)}`),
  activate: (name, version) => json('POST', `${script(name)}/versions/${part(version)}/activate`),
  rollBack: (name) => json('POST', `${script(name)}/rollback`),
  canary: (name) => json('GET', `${script(name)}/canary`),
  endCanary: (name) => json('DELETE', `${script(name)}/canary`),
  schedules: (name) => all(`${script(name)}/schedules`, 'schedules'),
  deploy: (name, body) => json('PUT', script(name), body),
  /** The outcome of an ad hoc run, whether it went well or ended in an error of the script's. */
  run: async (body, options) => {
    try {
      return await json('POST', '/v1/runs', body, options);
    } catch (error) {
      if (error instanceof Refused && error.body.usage) return { ...error.body, error: error.error };
      throw error;
    }
  },
};
