// The fields of forms and messages: reading and setting what is chosen, in the short form that the server takes.
'use strict';

const Fields = (() => {
  const settings = JSON.parse(document.getElementById('settings').textContent);
  const several = kind => kind.startsWith('multi_');
  const input = root => root.querySelector('input:not([type=radio]):not([type=checkbox]):not(.seek), textarea, select:not(.pick)');

  function read(root) {
    const kind = root.dataset.control;
    if (kind === 'radio_buttons') return root.querySelector('input:checked')?.value ?? null;
    if (kind === 'checkboxes') return [...root.querySelectorAll('input:checked')].map(one => one.value);
    if (several(kind)) return (root.chosen ?? []).map(one => one[0]);
    if (kind === 'external_select') return root.chosen?.[0]?.[0] ?? null;
    if (kind === 'file_input') return [];
    const text = input(root).value;
    if (!text) return null;
    if (kind === 'datetimepicker') return Math.round(Date.parse(text + ':00Z') / 1000) - settings.offset;
    if (kind === 'rich_text_input') return richText(text);
    return text;
  }

  function write(root, value) {
    const kind = root.dataset.control;
    if (kind === 'radio_buttons' || kind === 'checkboxes') {
      const wanted = new Set([value].flat());
      root.querySelectorAll('input').forEach(one => { one.checked = wanted.has(one.value); });
    } else if (several(kind) || kind === 'external_select') {
      root.chosen = [value ?? []].flat().map(one => [one, label(root, one)]);
      draw(root);
    } else if (kind === 'datetimepicker') {
      input(root).value = value ? new Date((value + settings.offset) * 1000).toISOString().slice(0, 16) : '';
    } else if (kind === 'rich_text_input') {
      input(root).value = plainText(value);
    } else if (kind !== 'file_input') {
      input(root).value = value ?? '';
    }
  }

  function richText(text) {
    const line = {type: 'rich_text_section', elements: [{type: 'text', text}]};
    return {type: 'rich_text', elements: [line]};
  }

  function plainText(value) {
    const texts = (value?.elements ?? []).map(part => (part.elements ?? []).map(one => one.text ?? '').join(''));
    return texts.join('\n');
  }

  function label(root, value) {
    root.labels ??= new Map();
    if (root.labels.has(value)) return root.labels.get(value);
    const option = [...root.querySelectorAll('.pick option')].find(one => one.value === value);
    if (option) return option.textContent;
    const initial = JSON.parse(root.querySelector('.seek')?.dataset.initial ?? '[]');
    return initial.find(one => one.value === value)?.text.text ?? value;
  }

  // Fields for several choices: what is chosen stands before the list, each with a button to take it away.
  function draw(root) {
    const place = root.querySelector('.chosen');
    place.replaceChildren(...root.chosen.map(([value, text]) => {
      const chip = document.createElement('span');
      chip.className = 'chip';
      chip.append(text);
      const away = document.createElement('button');
      away.type = 'button';
      away.textContent = '×';
      away.setAttribute('aria-label', settings.words.remove.replace('{name}', text));
      away.addEventListener('click', () => {
        root.chosen = root.chosen.filter(one => one[0] !== value);
        draw(root);
        root.dispatchEvent(new CustomEvent('chosen', {bubbles: true}));
        root.querySelector('.pick, .seek').focus();
      });
      chip.append(away);
      return chip;
    }));
    root.querySelectorAll('.pick option').forEach(option => {
      option.disabled = root.chosen.some(one => one[0] === option.value);
    });
  }

  function add(root, value, text) {
    if (!value || root.chosen?.some(one => one[0] === value)) return;
    root.labels ??= new Map();
    root.labels.set(value, text);
    const before = several(root.dataset.control) ? root.chosen ?? [] : [];
    root.chosen = [...before, [value, text]];
    draw(root);
    root.dispatchEvent(new CustomEvent('chosen', {bubbles: true}));
  }

  // Fields whose options come from the app while one types.
  async function seek(root, ask) {
    const box = root.querySelector('.seek');
    const list = root.querySelector('.found');
    if (box.value.length < Number(box.dataset.least)) { list.hidden = true; return; }
    const query = box.value;
    const answer = await ask(query);
    if (box.value !== query) return;
    const found = answer.options ?? [];
    list.replaceChildren(...found.map(([value, text]) => {
      const one = document.createElement('button');
      one.type = 'button';
      one.setAttribute('role', 'option');
      one.textContent = text;
      one.addEventListener('click', () => {
        add(root, value, text);
        box.value = '';
        list.hidden = true;
        box.focus();
      });
      return one;
    }));
    if (!found.length) list.textContent = settings.words.nothing_found;
    list.hidden = false;
    box.setAttribute('aria-expanded', 'true');
  }

  function all(root) {
    return [...root.querySelectorAll('[data-control]')];
  }

  function block(root) {
    return root.closest('[data-block]').dataset.block;
  }

  // The caret, so that a field that was drawn anew can go on where the old one was.
  function caret(element) {
    try {
      return [element.selectionStart, element.selectionEnd];
    } catch {
      return null;
    }
  }

  return {settings, read, write, add, seek, all, block, caret};
})();
