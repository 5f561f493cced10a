// The composer, the clock, and the stream of changes; started last.
'use strict';

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
