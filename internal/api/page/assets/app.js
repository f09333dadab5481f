// The page of nf-run serve. It reads what the server tells, shows it, and asks for two things: the end of a run,
// and that it goes on where it waits for people.

const $ = id => document.getElementById(id);
const signs = {
  pending: '·', queued: '·', running: '●', waiting: '◌', async_wait: '◌', approval_wait: '◌', retrying: '↻',
  success: '✓', failure: '✗', skipped: '–', aborting: '■', aborted: '■', unknown: '?',
};

/** An element with properties and children; text is always text. */
function element(name, properties = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) key in e ? (e[key] = value) : e.setAttribute(key, value);
  e.append(...children.filter(c => c !== undefined && c !== ''));
  return e;
}

class Refused extends Error {}

/** Asks the server. The token is kept for this tab only and travels in a header, so no other page can make it travel. */
async function ask(path, options = {}) {
  const token = sessionStorage.getItem('token');
  const answer = await fetch(path, {
    ...options,
    headers: { ...options.headers, ...(token && { authorization: `Bearer ${token}` }) },
    credentials: 'omit', redirect: 'error',
  });
  if (answer.status === 401) throw new Refused(token ? 'The server does not know this token.' : '');
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(said.error?.message ?? said.error ?? answer.statusText), { status: answer.status });
  }
  return answer;
}
const read = async path => (await ask(path)).json();

function age(from, to = new Date()) {
  const s = Math.max(0, (new Date(to) - new Date(from)) / 1000);
  if (s < 1) return `${Math.round(1000 * s)} ms`;
  if (s < 60) return `${s.toFixed(s < 10 ? 1 : 0)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
}
const zero = time => !time || time.startsWith('0001-');
const reading = time => new Date(time).toLocaleString();
const silent = run => !!(run.silent || run.process?.silent);
const words = run => run.status + (run.interrupted ? ' (interrupted)' : '') + (silent(run) ? ' (its process is silent)' : '') + (run.until ? ', a part' : '') +
  (run.teardown ? ', teardown' : '') + (run.rehearsal ? ', rehearsal' : '');

// What is shown: a run, and a node of it. The address keeps both.
let limit = 50, runs = [], view, chosen = {}, stream;

function fromAddress() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  return { run: parameters.get('run') ?? undefined, node: parameters.get('node') ?? undefined };
}
function address(run, node) {
  const parameters = new URLSearchParams(run ? { run } : {});
  if (node !== undefined) parameters.set('node', node);
  return `#${parameters}`;
}

/** Puts children in place of what is there, unless nothing has changed: focus and selection stay. */
function put(parent, children) {
  const fresh = element(parent.tagName, {}, ...children);
  if (fresh.innerHTML === parent.innerHTML) return;
  const focus = parent.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  parent.replaceChildren(...children);
  if (focus !== undefined) parent.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus();
}

function showRuns() {
  put($('runs'), runs.map(run => {
    const a = element('a', { href: address(run.id), className: run.status },
      element('span', { className: 'sign', ariaHidden: 'true' }, signs[run.status] ?? ''),
      element('span', {}, run.template),
      element('small', {}, `${words(run)} · ${reading(run.createdAt)}`));
    a.dataset.key = run.id;
    if (run.id === chosen.run) a.setAttribute('aria-current', 'true');
    return element('li', {}, a);
  }));
  $('no-runs').hidden = runs.length > 0;
  $('more').hidden = runs.length < limit;
}

function depthOf(node) {
  let depth = 0;
  for (let n = node; n.parent >= 0; n = view.nodes[n.parent]) depth++;
  return depth;
}

/** What people have decided on a node in its last attempt. */
const approval = node => node.attempts?.at(-1)?.approval;
const waits = node => node.status === 'approval_wait' && approval(node);
function standing({ needed, given = [] }) {
  return `${given.length} of ${needed} approvals` + (given.length ? ` (${given.map(d => d.by).join(', ')})` : '');
}

function why(node) {
  const last = node.attempts?.at(-1);
  if (node.error) return node.error.message;
  if (node.status === 'retrying' && last?.error)
    return `attempt ${last.attempt} of ${last.maxAttempts ?? '?'} failed: ${last.error.message}` + (zero(last.nextAttempt) ? '' : `; again at ${new Date(last.nextAttempt).toLocaleTimeString()}`);
  if (node.waitsFor?.length) return `waits for ${node.waitsFor.map(p => view.nodes.find(n => n.path === p)?.label ?? p).join(', ')}`;
  const asked = approval(node);
  if (asked) return [last.detail, standing(asked)].filter(Boolean).join(', ');
  if (['waiting', 'async_wait'].includes(node.status) && last?.detail) return last.detail;
  return node.cause ?? '';
}

function showRun() {
  $('none').hidden = !!view;
  $('one').hidden = !view;
  if (!view) return;
  document.title = `${signs[view.status] ?? ''} ${view.template} · nf-run`;
  $('name').textContent = view.template;
  const end = view.concluded ? view.concludedAt : new Date();
  $('status').textContent = words(view);
  $('status').className = view.status;
  const begun = zero(view.startedAt) ? view.createdAt : view.startedAt;
  const about = [['Run', view.id], ['Target', view.target], ['File', view.file], ['Up to', view.until], ['Started', reading(begun)], ['Took', age(begun, end)], ['Why', view.reason]];
  put($('about'), about.filter(([, v]) => v).flatMap(([k, v]) => [element('dt', {}, k), element('dd', {}, v)]));
  $('silence').hidden = !view.silence;
  if ($('silence').textContent !== (view.silence ?? '')) $('silence').textContent = view.silence ?? '';
  $('error').hidden = !view.error;
  $('error').textContent = view.error?.message ?? '';
  $('abort').hidden = view.concluded || ['aborting', 'aborted'].includes(view.status);
  put($('asks'), view.concluded ? [] : view.nodes.filter(waits).map(node => {
    const b = element('button', {}, `Decide on ${node.label}… ${standing(approval(node))}`);
    b.dataset.key = node.path;
    return element('li', {}, b);
  }));
  put($('nodes'), view.nodes.map(node => {
    const reason = why(node);
    const b = element('button', { className: node.status },
      element('span', { className: 'sign', ariaHidden: 'true' }, signs[node.status] ?? ''),
      element('span', {}, `${node.label} `, element('span', { className: 'kind' }, node.kind)),
      element('small', {}, node.status + (zero(node.startedAt) ? '' : ` · ${age(node.startedAt, zero(node.endedAt) ? end : node.endedAt)}`)),
      reason && element('span', { className: 'why' }, reason));
    b.style.setProperty('padding-left', `${0.6 + depthOf(node) * 1.2}rem`);
    b.dataset.key = node.path;
    if (node.path === chosen.node) b.setAttribute('aria-current', 'true');
    return element('li', {}, b);
  }));
}

let styled;
/** Draws the server's picture. Its rules go into a sheet of the page: the page's policy allows none in the picture itself. */
function showGraph(text) {
  const rules = /<style>([^<]*)<\/style>/.exec(text);
  const picture = new DOMParser().parseFromString(text.replace(rules?.[0] ?? '', ''), 'image/svg+xml').documentElement;
  if (picture.nodeName !== 'svg') return;
  if (!styled && rules) {
    styled = new CSSStyleSheet();
    document.adoptedStyleSheets.push(styled);
    styled.replaceSync(`@scope (#graph) { ${rules[1]} }`);
  }
  const place = $('graph'), { scrollLeft, scrollTop } = place;
  place.replaceChildren(document.importNode(picture, true));
  place.scrollTo(scrollLeft, scrollTop);
  mark();
}

function mark() {
  for (const g of document.querySelectorAll('#graph .node')) g.classList.toggle('chosen', g.dataset.path === chosen.node);
  for (const b of document.querySelectorAll('#nodes button')) b.dataset.key === chosen.node ? b.setAttribute('aria-current', 'true') : b.removeAttribute('aria-current');
}

const json = value => element('pre', { tabIndex: 0 }, JSON.stringify(value, null, 2));

async function showNode() {
  const open = chosen.node !== undefined && view;
  $('app').classList.toggle('with-node', !!open);
  $('node').hidden = !open;
  mark();
  if (!open) return;
  const { run, node: path } = chosen;
  const node = await read(`/page/runs/${encodeURIComponent(run)}/node?${new URLSearchParams({ path })}`);
  if (run !== chosen.run || path !== chosen.node) return;
  $('node-name').textContent = `${node.label} ${node.kind}`;
  $('node-path').textContent = path;
  const attempts = (node.attempts ?? []).map((a, i, all) => {
    const facts = [['Status', a.status], ['Action', a.action], ['Started', zero(a.startedAt) ? '' : reading(a.startedAt)],
      ['Took', zero(a.endedAt) ? '' : age(a.startedAt, a.endedAt)], ['Waits for', a.subject], ['Detail', a.detail], ['Answered', a.answer]];
    return element('details', { open: i === all.length - 1 },
      element('summary', { className: a.status }, `Attempt ${a.attempt}${a.maxAttempts ? ` of ${a.maxAttempts}` : ''}: ${a.status}`),
      element('dl', {}, ...facts.filter(([, v]) => v).flatMap(([k, v]) => [element('dt', {}, k), element('dd', {}, String(v))])),
      ...(a.approval ? [element('h3', {}, standing(a.approval)), element('ul', {}, ...[...(a.approval.given ?? []).map(d => ['approved', d]), ...(a.approval.rejected ? [['rejected', a.approval.rejected]] : [])]
        .map(([what, d]) => element('li', {}, `${what} by ${d.by}, ${reading(d.at)}${d.reason ? `: ${d.reason}` : ''}`)))] : []),
      a.error ? element('p', { className: 'error' }, a.error.message) : '',
      ...[['Input', a.input], ['Response', a.response]].filter(([, v]) => v !== undefined).flatMap(([k, v]) => [element('h3', {}, k), json(v)]));
  });
  if (!attempts.length) attempts.push(element('p', {}, `${node.status}${why(node) ? `: ${why(node)}` : ''}`));
  put($('attempts'), attempts);
}

/** Calls a function, at once and then again no more often than it takes: calls in between become one. */
function throttled(work, pause) {
  let busy = false, again = false;
  return async function run() {
    if (busy) { again = true; return; }
    busy = true;
    const begun = performance.now();
    try { await work(); } catch (error) { complain(error); }
    setTimeout(() => { busy = false; if (again) { again = false; run(); } }, Math.max(pause, 2 * (performance.now() - begun)));
  };
}

function complain(error) {
  if (error instanceof Refused) {
    sessionStorage.removeItem('token');
    $('refused').textContent = error.message;
    $('login').hidden = false;
    $('app').hidden = true;
    $('token').focus();
    return;
  }
  $('connection').textContent = error.status ? error.message : 'The server does not answer; trying again…';
}

const refreshRuns = throttled(async () => {
  runs = await read(`/page/runs?limit=${limit}`);
  $('login').hidden = true;
  $('app').hidden = false;
  $('connection').textContent = '';
  showRuns();
  // A process that falls silent, or goes on, changes nothing that the run's own stream would tell of.
  const listed = runs.find(run => run.id === chosen.run);
  if (listed && view?.id === listed.id && silent(listed) !== silent(view)) refreshRun();
}, 500);

const refreshRun = throttled(async () => {
  const id = chosen.run;
  if (!id) return;
  const base = `/page/runs/${encodeURIComponent(id)}`;
  const [fresh, drawing] = await Promise.all([read(base), ask(`${base}/graph`).then(a => a.text())]);
  if (id !== chosen.run) return;
  view = fresh;
  showRun();
  showGraph(drawing);
  await showNode();
}, 250);

/** Follows a run's changes until it has concluded. fetch and not EventSource, which cannot send a token. */
async function follow(id) {
  stream?.abort();
  const mine = stream = new AbortController();
  for (let after = 0, pause = 500; !mine.signal.aborted;) {
    try {
      const answer = await ask(`/page/runs/${encodeURIComponent(id)}/changes?after=${after}`, { signal: mine.signal });
      pause = 500;
      $('connection').textContent = '';
      let rest = '';
      for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
        const parts = (rest + text).split('\n\n');
        rest = parts.pop();
        for (const part of parts) {
          const fields = Object.fromEntries(part.split('\n').map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
          if (fields.event === 'change') after = Number(fields.data);
          if (fields.event) { refreshRun(); refreshRuns(); }
          if (fields.event === 'end' && !['failed', 'waiting'].includes(fields.data)) return;
        }
      }
    } catch (error) {
      if (mine.signal.aborted) return;
      complain(error);
      if (error instanceof Refused || error.status === 404) return;
    }
    await new Promise(done => setTimeout(done, pause));
    pause = Math.min(2 * pause, 10_000);
  }
}

function go() {
  const next = fromAddress(), other = next.run !== chosen.run;
  chosen = next;
  if (other) {
    view = undefined;
    $('graph').replaceChildren();
    stream?.abort();
    showRun();
    if (chosen.run) { refreshRun(); follow(chosen.run); }
  }
  showRuns();
  showNode().catch(complain);
}

const choose = path => { location.hash = address(chosen.run, path); };
const nodeAt = event => event.target.closest('#nodes button')?.dataset.key ?? event.target.closest('#graph .node')?.dataset.path;

addEventListener('hashchange', go);
$('one').addEventListener('click', event => {
  const path = nodeAt(event);
  if (path !== undefined) { choose(path); $('node').focus(); }
});
function closeNode() {
  const path = chosen.node;
  choose(undefined);
  document.querySelector(`#nodes button[data-key="${CSS.escape(path)}"]`)?.focus();
}
$('close').addEventListener('click', closeNode);
addEventListener('keydown', event => {
  if (event.key === 'Escape' && chosen.node !== undefined && !$('sure').open && !$('decide').open) closeNode();
  const list = event.target.closest?.('#runs, #nodes');
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!list || !step) return;
  const items = [...list.querySelectorAll('[data-key]')];
  items[items.indexOf(event.target) + step]?.focus();
  event.preventDefault();
});
$('more').addEventListener('click', () => { limit = Math.min(500, limit * 2); refreshRuns(); });
$('abort').addEventListener('click', () => { $('sure').returnValue = ''; $('sure').showModal(); });
$('sure').addEventListener('close', async () => {
  if ($('sure').returnValue !== 'yes' || !view) return;
  try {
    await ask(`/page/runs/${encodeURIComponent(view.id)}/abort`, { method: 'POST' });
    refreshRun();
  } catch (error) { complain(error); }
});
$('asks').addEventListener('click', event => {
  const path = event.target.closest('button')?.dataset.key;
  const node = view?.nodes.find(n => n.path === path);
  if (!node) return;
  const dialog = $('decide');
  Object.assign(dialog.dataset, { run: view.id, node: path });
  $('decide-title').textContent = `May the run go on behind ${node.label}?`;
  $('decide-state').textContent = `${why(node)}. Your decision counts once.`;
  $('decide-reason').value = '';
  dialog.returnValue = '';
  dialog.showModal();
});
$('decide-reason').addEventListener('keydown', event => {
  if (event.key === 'Enter') event.preventDefault(); // the first button is not what is meant
});
$('decide').addEventListener('close', async () => {
  const { returnValue, dataset: { run, node } } = $('decide');
  if (!['approve', 'reject'].includes(returnValue)) return;
  try {
    await ask(`/page/runs/${encodeURIComponent(run)}/approve`, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ node, reject: returnValue === 'reject', reason: $('decide-reason').value }),
    });
    refreshRun();
  } catch (error) { complain(error); }
});
$('login').addEventListener('submit', event => {
  event.preventDefault();
  sessionStorage.setItem('token', $('token').value.trim());
  $('token').value = '';
  start();
});

function start() {
  refreshRuns();
  chosen = {};
  go();
}
start();
setInterval(() => { if (!document.hidden && !$('app').hidden) refreshRuns(); }, 2000);
setInterval(() => { if (!document.hidden && view && !view.concluded) showRun(); }, 1000);
