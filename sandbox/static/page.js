// The page of the sandbox: it asks for the panes that changed, and sends what people do.
'use strict';

const {settings} = Fields;
const look = {as: settings.as, in: settings.in.startsWith('@') ? settings.in : settings.channel || settings.in,
              tab: settings.tab, thread: settings.thread, since: settings.since};
const words = settings.words;
const $ = id => document.getElementById(id);
const pane = name => document.querySelector(`[data-pane="${name}"]`);
const modal = $('modal');

// ---- asking and telling

async function act(name, body = {}) {
  try {
    const answer = await fetch(`/page/do/${name}`, {
      method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({look, ...body}),
    });
    const result = answer.ok ? await answer.json() : {ok: false, error: words.stale};
    if (result.stale) refresh(['messages', 'modal', 'home', 'thread']);
    return result;
  } catch {
    return {ok: false, error: words.offline};
  }
}

function tell(result) {
  const open = modal.open ? modal.querySelector('.form-error') : null;
  $('notice').hidden = true;
  if (open) open.hidden = true;
  if (!result.error) return;
  const place = open ?? $('notice');
  place.textContent = result.error;
  place.hidden = false;
}

const wanted = new Set();
let asking = false;

async function refresh(names) {
  names.forEach(name => wanted.add(name));
  if (asking) return;
  asking = true;
  try {
    while (wanted.size) {
      const want = [...wanted].filter(name => pane(name));
      wanted.clear();
      if (!want.length) continue;
      const answer = await fetch('/page/panes?' + new URLSearchParams({...look, want: want.join(',')}));
      if (!answer.ok) { if (answer.status === 404) location.href = '/'; return; }
      show(await answer.json());
    }
  } catch {
    wanted.clear();
  } finally {
    asking = false;
  }
}

// ---- drawing: what has not changed stays untouched, with its open menus, its focus and its half-typed words

function keyed(container) {
  return [...container.children].filter(child => child.dataset.key);
}

function remember(container) {
  keyed(container).forEach(child => { child.source ??= child.outerHTML; });
  Fields.all(container).forEach(start);
}

function start(root) {
  if (root.dataset.state !== undefined) Fields.write(root, JSON.parse(root.dataset.state));
}

function carry(before, after) {
  for (const old of Fields.all(before)) {
    const twin = Fields.all(after).find(one => one.dataset.action === old.dataset.action && one.dataset.control === old.dataset.control);
    if (!twin || !(old.dirty || old.contains(document.activeElement))) continue;
    twin.labels = old.labels;
    Fields.write(twin, Fields.read(old));
    twin.dirty = old.dirty;
  }
  const focused = document.activeElement;
  if (!before.contains(focused)) return null;
  const control = focused.closest('[data-control]');
  const kind = focused.tagName + (focused.type === 'radio' || focused.type === 'checkbox' ? `[value="${CSS.escape(focused.value)}"]` : '');
  const twin = control
    ? after.querySelector(`[data-control][data-action="${CSS.escape(control.dataset.action)}"] ${kind}`)
    : focused.dataset.action && after.querySelector(`[data-action="${CSS.escape(focused.dataset.action)}"]`);
  const caret = Fields.caret(focused);
  return twin ? () => { twin.focus(); if (caret && caret[0] !== null) { try { twin.setSelectionRange(...caret); } catch { /* no caret */ } } } : null;
}

function reconcile(container, fresh) {
  const known = new Map(keyed(container).map(child => [child.dataset.key, child]));
  const order = [];
  let refocus = null;
  for (const node of fresh) {
    const source = node.outerHTML;
    const old = known.get(node.dataset.key);
    known.delete(node.dataset.key);
    if (old && old.source === source) { order.push(old); continue; }
    node.source = source;
    Fields.all(node).forEach(start);
    if (old) {
      refocus = carry(old, node) ?? refocus;
      old.replaceWith(node);
    }
    order.push(node);
  }
  known.forEach(old => old.remove());
  let at = container.firstElementChild;
  for (const node of order) {
    if (node === at) at = at.nextElementSibling;
    else container.insertBefore(node, at);
  }
  refocus?.();
}

function parsed(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

function show(answer) {
  const {panes, views} = answer;
  for (const [name, html] of Object.entries(panes)) {
    const container = pane(name);
    const content = parsed(html);
    if (name === 'messages') drawMessages(container, content);
    else if (name === 'thread') reconcile(container, keyed(content));
    else if (name === 'home') drawHome(container, content, views?.home);
    else if (name === 'modal') drawModal(container, content, views?.modal);
    else if (container.source !== html) {
      const open = [...container.querySelectorAll('details[open][data-keep]')].map(one => one.dataset.keep);
      container.source = html;
      container.replaceChildren(...content.childNodes);
      open.forEach(key => { const one = container.querySelector(`[data-keep="${key}"]`); if (one) one.open = true; });
    }
  }
  settle();
}

function drawMessages(container, content) {
  const atEnd = container.scrollHeight - container.scrollTop - container.clientHeight < 60;
  reconcile(container, keyed(content));
  if (atEnd) container.scrollTop = container.scrollHeight;
}

function drawHome(container, content, filled) {
  const before = container.querySelector('[data-view]');
  const after = content.querySelector('[data-view]');
  if (before && after && before.dataset.view === after.dataset.view) reconcile(before, keyed(after));
  else { container.replaceChildren(...content.childNodes); if (after) remember(after); }
  if (filled) fill(container, filled.values);
}

function drawModal(container, content, filled) {
  const before = container.querySelector('[data-view]');
  const after = content.querySelector('[data-view]');
  if (!after) {
    container.replaceChildren();
    if (modal.open) { modal.close(); $('words')?.focus(); }
    return;
  }
  const body = after.querySelector('.modal-body');
  const same = before && before.dataset.view === after.dataset.view;
  if (same) {
    reconcile(before.querySelector('.modal-body'), keyed(body));
    for (const part of ['.modal-head', '.modal-foot']) {
      const old = before.querySelector(part);
      old.source ??= old.outerHTML;
      const fresh = after.querySelector(part);
      if (old.source !== fresh.outerHTML) { fresh.source = fresh.outerHTML; old.replaceWith(fresh); }
    }
  } else {
    container.replaceChildren(...content.childNodes);
    remember(body);
    const head = container.querySelector('.modal-head');
    const foot = container.querySelector('.modal-foot');
    head.source = head.outerHTML;
    foot.source = foot.outerHTML;
  }
  fill(container, filled?.values ?? {});
  complain(container, filled?.errors ?? {}, !same);
  if (!modal.open) modal.showModal();
  if (!same) focusFirst(container);
}

function fill(container, values) {
  for (const root of Fields.all(container)) {
    const value = values[Fields.block(root)]?.[root.dataset.action];
    const typing = root.contains(document.activeElement) && document.activeElement.matches('textarea, input[type=text]');
    if (value === undefined || root.dirty || (typing && modal.open && root.touched)) continue;
    if (JSON.stringify(Fields.read(root)) !== JSON.stringify(value)) Fields.write(root, value);
  }
}

function complain(container, errors) {
  for (const block of container.querySelectorAll('[data-block]')) {
    const place = block.querySelector('.field-error');
    if (!place) continue;
    const text = errors[block.dataset.block] ?? '';
    if (place.textContent !== text) place.textContent = text;
    place.hidden = !text;
    block.classList.toggle('wrong', Boolean(text));
    for (const one of block.querySelectorAll('input, textarea, select')) {
      one.toggleAttribute('aria-invalid', Boolean(text));
      if (text) one.setAttribute('aria-describedby', place.id);
      else one.removeAttribute('aria-describedby');
    }
  }
}

function focusFirst(container) {
  const first = container.querySelector('[data-focus] :is(input, textarea, select)')
    ?? container.querySelector('.modal-body :is(input, textarea, select)')
    ?? container.querySelector('.modal-foot .primary, .modal-foot button');
  first?.focus();
}

function settle() {
  const locked = Boolean(pane('foot').querySelector('[data-locked]'));
  $('composer').hidden = locked;
  count();
  tick();
  const last = [...document.querySelectorAll('.messages > [data-ts]')].at(-1)?.dataset.ts;
  if (last && document.visibilityState === 'visible' && last > (settle.read ?? '')) {
    settle.read = last;
    act('read', {ts: last}).then(() => refresh(['sidebar']));
  }
}

function count() {
  const mine = [...document.querySelectorAll('.entry .badge')].reduce((sum, badge) => sum + Number(badge.textContent), 0);
  count.title ??= document.title;
  document.title = (mine ? `(${mine}) ` : '') + count.title;
}

// ---- what people do in messages and forms

function placeOf(element) {
  const view = element.closest('[data-view]');
  return view ? {view: view.dataset.view} : {ts: element.closest('[data-ts]').dataset.ts};
}

function confirmed(element) {
  if (!element.dataset.confirm) return Promise.resolve(true);
  const asked = JSON.parse(element.dataset.confirm);
  const dialog = $('ask');
  $('ask-title').textContent = asked.title.text;
  $('ask-text').textContent = asked.text.text;
  $('ask-yes').textContent = asked.confirm.text;
  $('ask-no').textContent = asked.deny.text;
  $('ask-yes').className = `button ${asked.style === 'danger' ? 'danger' : 'primary'}`;
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise(done => dialog.addEventListener('close', () => done(dialog.returnValue === 'yes'), {once: true}));
}

async function press(element, value) {
  if (element.getAttribute('aria-busy') === 'true') return;
  const block = element.closest('[data-block]').dataset.block;
  const place = placeOf(element);
  const menu = element.closest('details.menu');
  if (menu) menu.open = false;
  if (!await confirmed(element)) { refresh(['messages', 'modal', 'home']); return; }
  if (element.dataset.url) window.open(element.dataset.url, '_blank', 'noopener');
  element.setAttribute('aria-busy', 'true');
  const result = await act('press', {...place, block, action: element.dataset.action, value});
  element.removeAttribute('aria-busy');
  tell(result);
}

async function chosen(root) {
  const value = Fields.read(root);
  root.dirty = root.touched = true;
  if ('acts' in root.dataset) {
    await press(root, value);
  } else if (root.closest('[data-view]')) {
    await act('fill', {...placeOf(root), block: Fields.block(root), action: root.dataset.action, value});
  }
  if (JSON.stringify(Fields.read(root)) === JSON.stringify(value)) root.dirty = false;
}

async function keep(root) {
  const value = Fields.read(root);
  if (!root.dirty || !root.closest('[data-view]')) return;
  const result = await act('fill', {...placeOf(root), block: Fields.block(root), action: root.dataset.action, value});
  if (result.ok && JSON.stringify(Fields.read(root)) === JSON.stringify(value)) root.dirty = false;
}

async function submit(form) {
  const button = form.querySelector('[type=submit]');
  if (!button || button.getAttribute('aria-busy') === 'true') return;
  const values = {};
  for (const root of Fields.all(form)) (values[Fields.block(root)] ??= {})[root.dataset.action] = Fields.read(root);
  button.setAttribute('aria-busy', 'true');
  const result = await act('submit', {view: form.dataset.view, values});
  Fields.all(form).forEach(root => { root.dirty = false; });
  tell(result);
  await refresh(['modal']);
  button.removeAttribute('aria-busy');
  const wrong = form.querySelector('.wrong');
  wrong?.scrollIntoView({block: 'nearest'});
  wrong?.querySelector('input, textarea, select')?.focus({preventScroll: true});
}

const waiting = new WeakMap();
function soon(root, milliseconds, what) {
  clearTimeout(waiting.get(root));
  waiting.set(root, setTimeout(what, milliseconds));
}

const typed = element => element.matches('textarea, input[type=text]:not(.seek)');

document.addEventListener('input', event => {
  const root = event.target.closest('[data-control]');
  if (!root) return;
  if (event.target.matches('.seek')) {
    const at = {...placeOf(root), block: Fields.block(root), action: root.dataset.action};
    soon(root, 250, () => Fields.seek(root, query => act('search', {...at, query})));
  } else if (typed(event.target)) {
    root.dirty = root.touched = true;
    if ('each' in root.dataset && 'acts' in root.dataset) soon(root, 400, () => chosen(root));
    else soon(root, 700, () => keep(root));
  }
});

document.addEventListener('change', event => {
  if (event.target.id === 'faults') { act('faults', {way: event.target.value}).then(tell); return; }
  const root = event.target.closest('[data-control]');
  if (!root || event.target.matches('.seek')) return;
  if (event.target.matches('.pick')) {
    Fields.add(root, event.target.value, event.target.selectedOptions[0].textContent);
    event.target.value = '';
  } else if (typed(event.target)) keep(root);
  else chosen(root);
});

document.addEventListener('chosen', event => chosen(event.target));

document.addEventListener('submit', event => {
  if (event.target.method === 'dialog') return;
  event.preventDefault();
  if (event.target.matches('[data-view]')) submit(event.target);
  else if (event.target.id === 'composer') send();
  else if (event.target.id === 'reply') reply(event.target);
});

document.addEventListener('click', async event => {
  const target = event.target.closest('button, a, summary');
  document.querySelectorAll('details.menu[open]').forEach(menu => { if (!menu.contains(event.target)) menu.open = false; });
  if (!target) return;
  const data = target.dataset;
  const menu = target.closest('details.menu');
  if ('press' in data) press(target, data.value || null);
  else if (data.shortcut) { menu.open = false; tell(await act('shortcut', {id: data.shortcut})); }
  else if (data.messageShortcut) { menu.open = false; tell(await act('message_shortcut', {id: data.messageShortcut, ...placeOf(target)})); }
  else if (data.react) tell(await act('react', {name: data.react, ...placeOf(target)}));
  else if (data.close) close(data.close === 'everything');
  else if (data.jump) jump(data.jump);
  else if (data.toggle) document.body.classList.toggle(data.toggle);
  else if (data.speedTo) tell(await act('clock', {speed: Number(data.speedTo)}));
  else if (data.minutes) tell(await act('clock', {minutes: Number(data.minutes)}));
  else if (target.id === 'join') tell(await act('join'));
});

async function close(everything) {
  const view = modal.querySelector('[data-view]');
  if (!view) { modal.close(); return; }
  tell(await act('close', {view: view.dataset.view, everything}));
  refresh(['modal']);
}

modal.addEventListener('cancel', event => { event.preventDefault(); close(false); });

function jump(ts) {
  const message = document.querySelector(`.messages [data-ts="${ts}"]`);
  if (!message) return;
  message.scrollIntoView({block: 'center'});
  message.classList.remove('found');
  void message.offsetWidth;
  message.classList.add('found');
}

// ---- keys

document.addEventListener('keydown', event => {
  if (event.isComposing || event.keyCode === 229) return;
  const menu = event.target.closest?.('details.menu[open]');
  if (event.key === 'Escape') {
    if (menu) { event.preventDefault(); menu.open = false; menu.querySelector('summary').focus(); return; }
    const found = event.target.closest?.('[data-control]')?.querySelector('.found:not([hidden])');
    if (found) { event.preventDefault(); found.hidden = true; return; }
    if (modal.open && !$('ask').open) { event.preventDefault(); close(false); }
  } else if (menu && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault();
    const items = [...menu.querySelectorAll('[role=menuitem]')];
    const step = event.key === 'ArrowDown' ? 1 : -1;
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
  } else if (event.key === 'Enter' && event.target.matches?.('[data-acts] input[type=text]:not(.seek)')) {
    event.preventDefault();
    chosen(event.target.closest('[data-control]'));
  } else if (event.key === 'Enter' && event.target.matches?.('.seek')) {
    event.preventDefault();
    event.target.parentElement.querySelector('.found button')?.click();
  } else if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && event.target.closest?.('.modal [data-view]')) {
    submit(event.target.closest('[data-view]'));
  }
});

document.addEventListener('toggle', event => {
  const list = event.target.matches?.('details.menu[open]') && event.target.querySelector('.menu-list');
  const frame = list && event.target.closest('.messages, .modal-body, .home');
  if (frame) event.target.classList.toggle('up', list.getBoundingClientRect().bottom > frame.getBoundingClientRect().bottom);
}, true);

// ---- writing

const box = $('words');
const hints = $('hints');
const draft = `draft:${settings.as}:${settings.in}`;
let shown = [];
let at = 0;

function grow() {
  box.style.height = 'auto';
  box.style.height = `${Math.min(box.scrollHeight, 200)}px`;
}

async function send() {
  const text = box.value.trim();
  if (!text) return;
  box.value = '';
  sessionStorage.removeItem(draft);
  grow();
  hint();
  const result = await act('say', {text});
  tell(result);
  if (!result.ok && !box.value) { box.value = text; grow(); }
  const messages = pane('messages');
  if (messages) messages.scrollTop = messages.scrollHeight;
}

async function reply(form) {
  const field = form.querySelector('textarea');
  const text = field.value.trim();
  if (!text) return;
  field.value = '';
  const result = await act('say', {text, thread: look.thread});
  tell(result);
  if (!result.ok && !field.value) field.value = text;
}

// What could be meant: commands at the start, people after @, channels after #. Each hint replaces `from` to the caret.
function candidates() {
  const before = box.value.slice(0, box.selectionStart);
  const command = before.match(/^\/\S*$/);
  if (command) {
    return settings.commands.filter(one => one[0].startsWith(command[0]))
      .map(([name, usage, about]) => ({from: 0, text: `${name} `, title: name, usage, about, done: name === command[0]}));
  }
  const full = settings.commands.find(one => before.startsWith(one[0] + ' '));
  if (full && !/[@#]\S*$/.test(before)) return [{from: 0, text: null, title: full[0], usage: full[1], about: full[2], done: true}];
  const name = before.match(/(^|[\s\u3000])([@#])([^\s@#]*)$/);
  if (!name) return [];
  const from = before.length - name[3].length - 1;
  const list = name[2] === '@' ? settings.people : settings.channels;
  const query = name[3].toLowerCase();
  return list.filter(one => one.some(part => part.toLowerCase().includes(query))).slice(0, 8)
    .map(([handle, real, title]) => ({from, text: `${name[2]}${handle} `, title: `${name[2]}${handle}`, usage: real ?? '', about: title ?? ''}));
}

function hint() {
  shown = candidates();
  at = 0;
  hints.hidden = !shown.length;
  hints.replaceChildren(...shown.map((one, index) => {
    const line = document.createElement('div');
    line.setAttribute('role', 'option');
    line.id = `hint-${index}`;
    const title = document.createElement('strong');
    title.textContent = one.title;
    const usage = document.createElement('span');
    usage.className = 'usage';
    usage.textContent = one.usage;
    const about = document.createElement('small');
    about.textContent = one.about;
    line.append(title, ' ', usage, about);
    line.addEventListener('mousedown', event => { event.preventDefault(); take(index); });
    return line;
  }));
  mark();
}

function mark() {
  [...hints.children].forEach((line, index) => line.setAttribute('aria-selected', String(index === at && shown[index].text !== null)));
  if (shown.length) box.setAttribute('aria-activedescendant', `hint-${at}`);
  else box.removeAttribute('aria-activedescendant');
}

function take(index) {
  const one = shown[index];
  if (one.text === null) return;
  const after = box.value.slice(box.selectionStart);
  box.value = box.value.slice(0, one.from) + one.text + after;
  const caret = one.from + one.text.length;
  box.setSelectionRange(caret, caret);
  box.focus();
  hint();
}

box.addEventListener('input', () => { sessionStorage.setItem(draft, box.value); grow(); hint(); });
box.addEventListener('blur', () => { hints.hidden = true; });
box.addEventListener('focus', hint);
box.addEventListener('keydown', event => {
  if (event.isComposing || event.keyCode === 229) return;
  const choosing = !hints.hidden && shown.length && shown[at].text !== null;
  if (choosing && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault();
    at = (at + (event.key === 'ArrowDown' ? 1 : -1) + shown.length) % shown.length;
    mark();
  } else if (choosing && (event.key === 'Tab' || (event.key === 'Enter' && !shown[at].done))) {
    event.preventDefault();
    take(at);
  } else if (event.key === 'Escape' && !hints.hidden) {
    event.preventDefault();
    hints.hidden = true;
  } else if (event.key === 'Enter' && !event.shiftKey) {
    event.preventDefault();
    send();
  }
});

document.addEventListener('keydown', event => {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === 'Enter' && !event.shiftKey && event.target.matches?.('#reply textarea')) {
    event.preventDefault();
    reply(event.target.form);
  }
});

// ---- clock, tour and live changes

let clock = null;

function setClock(told) {
  if (!told) return;
  clock = {...told, at: performance.now()};
  tick();
}

function tick() {
  const place = $('now');
  if (!place || !clock) return;
  const now = new Date((clock.now + (performance.now() - clock.at) / 1000 * clock.speed) * 1000);
  const write = options => new Intl.DateTimeFormat(settings.lang === 'ja' ? 'ja-JP' : 'en-GB', {timeZone: settings.tz, ...options}).format(now);
  const parts = [write({weekday: 'short', month: 'short', day: 'numeric'}), write({hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'})];
  if (!place.children.length) place.innerHTML = '<span class="date"></span> <span></span>';
  [...place.children].forEach((part, index) => { if (part.textContent !== parts[index]) part.textContent = parts[index]; });
  place.dateTime = now.toISOString();
  document.querySelectorAll('[data-speed-to]').forEach(button =>
    button.setAttribute('aria-pressed', String(Number(button.dataset.speedTo) === clock.speed)));
}

let steps = '';

function beat(told) {
  setClock(told.clock);
  if (told.tour) {
    const now = JSON.stringify(told.tour);
    if (steps && steps !== now) refresh(['tour']);
    steps = now;
    const number = $('tour-count');
    if (number) number.textContent = `${told.tour.filter(Boolean).length}/${told.tour.length}`;
  }
  const select = $('faults');
  if (select && select.value !== told.fault && document.activeElement !== select) refresh(['bar']);
}

function listen() {
  const source = new EventSource('/page/live?' + new URLSearchParams({as: look.as, in: look.in}));
  let lost = false;
  source.onopen = () => {
    $('offline').hidden = true;
    lost = false;
    refresh(['bar', 'sidebar', 'head', 'messages', 'thread', 'foot', 'home', 'modal', 'tour']);
    if (settings.tab === 'home') act('home');
  };
  source.onerror = () => { lost = true; soon(document.body, 1500, () => { $('offline').hidden = !lost; }); };
  source.onmessage = message => {
    const told = JSON.parse(message.data);
    beat(told);
    if (!told.panes?.length) return;
    const here = settings.in.startsWith('@') || told.channels.includes('*') || told.channels.includes(settings.channel);
    const whole = told.panes.includes('foot');
    refresh(told.panes.filter(name => whole || here || !['messages', 'thread', 'head'].includes(name)));
  };
}

document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') settle(); });

for (const name of ['messages', 'thread', 'home', 'modal']) if (pane(name)) {
  const content = pane(name).querySelector('.modal-body, [data-view]') ?? pane(name);
  remember(content);
}
const views = JSON.parse($('views').textContent);
if (views.home && pane('home')) fill(pane('home'), views.home.values);
if (views.modal) {
  fill(pane('modal'), views.modal.values);
  complain(pane('modal'), views.modal.errors);
  modal.showModal();
  focusFirst(modal);
}
if (pane('messages')) {
  const first = document.querySelector('.messages .new');
  if (first && settings.since) first.scrollIntoView({block: 'center'});
  else pane('messages').scrollTop = pane('messages').scrollHeight;
}
box.value = sessionStorage.getItem(draft) ?? '';
grow();
const told = document.querySelector('.clock');
if (told) setClock({now: Number(told.dataset.now), speed: Number(told.dataset.speed)});
setInterval(tick, 250);
settle();
if (!modal.open && !$('composer').hidden && matchMedia('(min-width: 760px)').matches) box.focus();
listen();
