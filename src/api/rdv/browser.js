/** What the booking page does beyond a form: the work asked for, the hold as it runs out, the zone of the visitor. */

/** The first bits of the fractions of the square roots of the first primes, and of their cube roots. */
const START = new Int32Array([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
const ROUNDS = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

const one = (selector) => document.querySelector(selector);

/** After an error, or a choice, whoever uses a keyboard goes on where something is said. */
one('#probleme')?.focus();

// Zones: the page shows a few, the browser knows them all, and which one its owner lives in.
const zone = one('.zone');
if (zone) {
  const { fuseau, choisi, surPlace } = zone.dataset;
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const select = one('#fuseau');
  const offered = new Set([...select.options].map(({ value }) => value));
  for (const name of [mine, ...(Intl.supportedValuesOf?.('timeZone') ?? [])]) {
    if (!name || offered.has(name)) continue;
    offered.add(name);
    select.append(new Option(name.replaceAll('_', ' '), name));
  }
  if (mine && mine !== fuseau && choisi === '') {
    const link = one('.ailleurs a');
    const url = new URL(link.href);
    url.searchParams.set('fuseau', mine);
    // Who meets in a place reads its clocks first; who speaks from home reads their own.
    if (surPlace === '') location.replace(url);
    link.href = url.href;
    link.before(
      Object.assign(document.createElement('bdi'), { textContent: mine.replaceAll('_', ' ') }),
      ' ',
    );
    one('.ailleurs').hidden = false;
  }
}

// The hold.
const held = one('[data-expire]');
if (held) {
  const left = Date.parse(held.dataset.expire) - Date.now();
  setTimeout(
    () => {
      held.textContent = held.dataset.finie;
    },
    Math.max(0, left),
  );
}

// The work, while the form is filled in.
const form = one('#formulaire');
if (form) {
  const { defi, bits, enCours, preparation } = form.dataset;
  const [button, state] = [one('#envoyer'), one('#etat')];
  const { preuve } = form.elements;
  preuve.value = '';
  let sent = false;
  const work = solve(defi, Number(bits)).then((found) => {
    preuve.value = found;
  });
  form.addEventListener('submit', (event) => {
    const ready = preuve.value !== '';
    if (ready && !sent) {
      sent = true;
      state.textContent = enCours;
      return;
    }
    event.preventDefault();
    if (ready || button.ariaDisabled === 'true') return;
    button.ariaDisabled = 'true';
    state.textContent = preparation;
    work.then(() => setTimeout(() => form.requestSubmit(event.submitter)));
  });
  // Whoever comes back by the history may send it again.
  addEventListener('pageshow', () => {
    sent = false;
    button.ariaDisabled = null;
  });
}

// In a frame, the page around it may fit its height.
if (parent !== window) {
  const tell = () =>
    parent.postMessage({ type: 'rdv:hauteur', hauteur: document.documentElement.scrollHeight }, '*');
  new ResizeObserver(tell).observe(document.body);
}

/** The first number behind the challenge whose digest begins with so many zero bits; a slice at a time. */
async function solve(text, wanted) {
  const encoder = new TextEncoder();
  for (let n = 0; ; ) {
    const until = performance.now() + 12;
    while (performance.now() < until) {
      if (zeros(sha256(encoder.encode(`${text}:${n}`))) >= wanted) return `${text}:${n}`;
      n++;
    }
    await new Promise((go) => setTimeout(go));
  }
}

function zeros(words) {
  const at = words.findIndex((word) => word !== 0);
  return at < 0 ? 256 : at * 32 + Math.clz32(words[at]);
}

/** SHA-256 (FIPS 180-4); `crypto.subtle` is not there where a page comes without TLS. */
function sha256(bytes) {
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  const state = START.slice();
  const w = new Int32Array(64);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(block + i * 4);
    for (let i = 16; i < 64; i++) {
      const [x, y] = [w[i - 15], w[i - 2]];
      w[i] =
        (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10)) +
        w[i - 7] +
        (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) +
        w[i - 16];
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const one =
        (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => {
      state[i] = (state[i] + value) | 0;
    });
  }
  return state;
}

function turn(word, by) {
  return (word >>> by) | (word << (32 - by));
}
