// Asking the server for the panes that changed, and drawing them without disturbing what somebody is doing.
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

let asOf = 0;
const newer = root => root.dirty || root.keptAt > asOf;

async function refresh(names) {
  names.forEach(name => wanted.add(name));
  if (asking) return;
  asking = true;
  try {
    while (wanted.size) {
      const want = [...wanted].filter(name => pane(name));
      wanted.clear();
      if (!want.length) continue;
      const began = performance.now();
      const answer = await fetch('/page/panes?' + new URLSearchParams({...look, want: want.join(',')}));
      if (!answer.ok) { if (answer.status === 404) location.href = '/'; return; }
      const body = await answer.json();
      asOf = began;
      show(body);
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
    if (!twin || !(newer(old) || old.contains(document.activeElement))) continue;
    twin.labels = old.labels;
    Fields.write(twin, Fields.read(old));
    twin.dirty = old.dirty;
    twin.keptAt = old.keptAt;
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
  complain(container, filled?.errors ?? {});
  if (!modal.open) modal.showModal();
  if (!same) focusFirst(container);
  focusWrong(container.querySelector('[data-view]'));
}

// Once a submission, with whichever drawing brings the answer.
function focusWrong(form) {
  const wrong = form.awaitsAnswer && form.querySelector('.wrong');
  if (!wrong) return;
  form.awaitsAnswer = false;
  wrong.scrollIntoView({block: 'nearest'});
  wrong.querySelector('input, textarea, select')?.focus({preventScroll: true});
}

function fill(container, values) {
  for (const root of Fields.all(container)) {
    const value = values[Fields.block(root)]?.[root.dataset.action];
    const typing = root.contains(document.activeElement) && document.activeElement.matches('textarea, input[type=text]');
    if (value === undefined || newer(root) || (typing && modal.open && root.touched)) continue;
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
