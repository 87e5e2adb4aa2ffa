// The page: which view is shown, whose requests it sends, and with which token.

import { api, onTokenWanted, Refused, session } from './api.js';
import { h, setText } from './dom.js';
import { Overview } from './overview.js';

const main = document.getElementById('main');
const banner = document.getElementById('banner');
const dialog = document.getElementById('token-dialog');
const tenant = document.getElementById('tenant');
const tokenButton = document.getElementById('token');
const tokenField = document.getElementById('token-field');
const tokenWhy = document.getElementById('token-why');

/** Views beyond the first are fetched when they are looked at. */
const views = {
  overview: async () => Overview,
  scripts: async () => (await import('./scripts.js')).Scripts,
  errors: async () => (await import('./errors.js')).Errors,
  playground: async () => (await import('./playground.js')).Playground,
  point: async () => (await import('./point.js')).Point,
};
const made = {};
let current;
let turn = 0;

async function show(focus) {
  const [, name = 'overview', part] = location.hash.split('/');
  const view = Object.hasOwn(views, name) ? name : 'overview';
  const mine = ++turn;
  current?.close();
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#/${view}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${document.querySelector('nav a[aria-current]').textContent} – Sandtide`;
  tell('');
  try {
    made[view] ??= new (await views[view]())();
    if (mine !== turn) return;
    current = made[view];
    // What a view that was left still draws goes into a place that is no longer there.
    const place = h('div', { class: 'view' });
    main.replaceChildren(place);
    await current.open(place, part);
  } catch (error) {
    if (mine !== turn) return;
    if (!(error instanceof Refused)) tell(`The server cannot be reached: ${error.message}`);
    else if (error.status !== 401) main.replaceChildren(h('h1', {}, 'Not here'), h('p', { class: 'card' }, h('code', { class: 'code-name' }, error.code), ' ', error.message));
  }
  if (focus && mine === turn) main.focus({ preventScroll: true });
}

function tell(text) {
  banner.hidden = text === '';
  setText(banner, text);
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

function askForToken(why) {
  if (dialog.open) return;
  setText(tokenWhy, why ?? 'Requests to this server bear a token. Its role says what you see here: a tenant’s own scripts, or everything.');
  tokenField.value = session.token;
  dialog.showModal();
}

onTokenWanted((refused) => {
  // Of one that is missing the dialog says all there is to say.
  const why = refused.code === 'ERR_TOKEN_MISSING' ? undefined : sentence(refused.message);
  tell(why ?? 'This server wants a token.');
  askForToken(why);
});

function take(token) {
  session.token = token.trim();
  setText(tokenButton, session.token ? 'Token: set' : 'Token');
  for (const name of Object.keys(made)) if (name !== 'playground') delete made[name];
  show();
}

tokenButton.addEventListener('click', () => askForToken());
document.getElementById('token-cancel').addEventListener('click', () => dialog.close());
document.getElementById('token-forget').addEventListener('click', () => { dialog.close(); take(''); });
dialog.querySelector('form').addEventListener('submit', () => take(tokenField.value));

tenant.value = session.tenant;
tenant.addEventListener('change', () => {
  if (!tenant.checkValidity()) {
    tell('A tenant’s name is 1 to 64 characters of A-Z, a-z, 0-9, “.”, “_” and “-”.');
    return;
  }
  session.tenant = tenant.value;
  delete made.overview;
  show();
});

setText(tokenButton, session.token ? 'Token: set' : 'Token');
addEventListener('hashchange', () => show(true));
show();
// The tenant that requests without a name are of is what the field says while it is empty.
api.usage().then((usage) => { if (!session.tenant) tenant.placeholder = usage.tenant; }, () => {});
