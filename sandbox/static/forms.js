// What people do in messages and forms: clicks, choices, keys.
'use strict';

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
  // What was typed elsewhere in the form belongs to what the app is told.
  const view = element.closest('[data-view]');
  if (view) await Promise.all(Fields.all(view).filter(one => one !== element && one.dirty).map(keep));
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
  kept(root, value);
}

// The workspace knows this value now; what it was asked before does not, and may still arrive.
function kept(root, value) {
  root.keptAt = performance.now();
  if (JSON.stringify(Fields.read(root)) === JSON.stringify(value)) root.dirty = false;
}

async function keep(root) {
  const value = Fields.read(root);
  if (!root.dirty || !root.closest('[data-view]')) return;
  const result = await act('fill', {...placeOf(root), block: Fields.block(root), action: root.dataset.action, value});
  if (result.ok) kept(root, value);
}

async function submit(form) {
  const button = form.querySelector('[type=submit]');
  if (!button || button.getAttribute('aria-busy') === 'true') return;
  const values = {};
  for (const root of Fields.all(form)) (values[Fields.block(root)] ??= {})[root.dataset.action] = Fields.read(root);
  button.setAttribute('aria-busy', 'true');
  form.awaitsAnswer = true;
  const result = await act('submit', {view: form.dataset.view, values});
  Fields.all(form).forEach(root => { root.dirty = false; });
  tell(result);
  await refresh(['modal']);
  button.removeAttribute('aria-busy');
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
