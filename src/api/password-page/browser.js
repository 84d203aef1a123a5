/** Choosing a password with the token of a link, or asking for a link when there is none. */

const byId = (id) => document.getElementById(id);
const { differents, injoignable, reponses } = document.body.dataset;
/** Of this page, where the API speaks another language. */
const said = reponses === undefined ? null : JSON.parse(reponses);
let token = null;

/** The token leaves the address bar, and with it the history of the browser. A link that was mangled has none. */
function takeToken() {
  const [, found = null] = /^#jeton=(.+)$/.exec(location.hash) ?? [];
  token = found;
  history.replaceState(null, '', location.pathname + location.search);
  tell([]);
  byId('fait').textContent = '';
  show(token === null ? 'demander' : 'choisir');
}

/** One of the two forms, or neither. */
function show(shown) {
  for (const id of ['choisir', 'demander']) byId(id).hidden = id !== shown;
}

function tell(messages) {
  const list = byId('erreurs');
  list.replaceChildren(
    ...messages.map((message) => Object.assign(document.createElement('li'), { textContent: message })),
  );
  list.hidden = messages.length === 0;
}

/** What the API answers; what it has against the request is told. Null when it was refused. */
async function post(path, body) {
  try {
    const response = await fetch(`/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = response.status === 204 ? {} : await response.json();
    if (response.ok) return answer;
    tell(refusal(answer));
    if (answer.code === 'LIEN_INVALIDE') show('demander');
  } catch {
    tell([injoignable]);
  }
  return null;
}

function refusal({ code, erreurs, detail, title }) {
  if (said !== null) return [said[code] ?? said.autre];
  return erreurs?.map(({ message }) => message) ?? [detail ?? title];
}

async function choose() {
  const password = byId('nouveau').value;
  if (password !== byId('encore').value) return tell([differents]);
  if ((await post('reset-password', { token, new_password: password })) === null) return;
  byId('choisir').reset();
  show(null);
  byId('fait').textContent = byId('choisir').dataset.fait;
}

async function ask() {
  const answer = await post('forgot-password', { email: byId('adresse').value });
  if (answer === null) return;
  show(null);
  byId('fait').textContent = said?.envoye ?? answer.message;
}

function onSubmit(id, run) {
  const form = byId(id);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    tell([]);
    button.disabled = true;
    await run();
    button.disabled = false;
  });
}

onSubmit('choisir', choose);
onSubmit('demander', ask);
byId('montrer').addEventListener('change', ({ target }) => {
  for (const id of ['nouveau', 'encore']) byId(id).type = target.checked ? 'text' : 'password';
});
addEventListener('hashchange', takeToken);
takeToken();
