// Answers as tables: values that can be filtered by are buttons, ids are links, and what is shown can
// be taken away as a file.

import { el } from './el.js';
import { condition } from './address.js';
import { change, label, numeric, show } from './format.js';

// FIELDS of lists that make good filters; ids belong to one event or a few, and are links.
const FIELDS = new Set(['provider', 'model', 'agent', 'user_id', 'status_code', 'error_type', 'type', 'tool',
  'server', 'site', 'path', 'source', 'channel', 'country', 'browser', 'os', 'device', 'bot_class', 'client',
  'project', 'task', 'severity', 'category', 'outcome', 'landing_page', 'exit_page', 'reading']);
const TRAILS = new Set(['trace_id', 'conversation_id', 'session_id', 'id']);
const HIDDEN = /_(previous|change)$/;
const LONG = 28; // characters of an id that are shown whole

// draw makes a table. tools has filter(condition), if its values can be filtered by, and trail(id).
export function draw(answer, title, tools) {
  const columns = answer.columns.filter((c) => !HIDDEN.test(c.name));
  if (answer.rows.length === 0) return el('p', { class: 'nothing' }, 'Nothing in this time.');
  const bar = columns.find((c) => c.kind === 'metric' && numeric(c));
  const most = bar ? Math.max(...answer.rows.map((row) => row[bar.name] ?? 0)) : 0;
  const head = columns.map((c) => el('th', { scope: 'col', class: numeric(c) && 'number' }, label(c.name)));
  const body = answer.rows.map((row) => el('tr', {}, columns.map((c, i) => {
    const node = cell(answer, row, c, tools);
    if (i > 0) return el('td', { class: numeric(c) && 'number' }, node);
    const first = el('th', { scope: 'row', class: numeric(c) && 'number' }, node);
    if (most > 0 && c.kind === 'dimension') {
      const line = el('span', { class: 'share', 'aria-hidden': 'true' });
      line.style.setProperty('--part', (Math.max(0, row[bar.name] ?? 0) / most * 100).toFixed(1) + '%');
      first.append(line);
    }
    return first;
  })));
  return el('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': title + ', table' },
    el('table', {}, el('thead', {}, el('tr', {}, head)), el('tbody', {}, body)));
}

function cell(answer, row, column, tools) {
  const value = row[column.name];
  const text = show(value, column, answer.meta?.tz);
  if (TRAILS.has(column.name) && value && tools.trail) {
    const short = text.length > LONG ? text.slice(0, LONG - 1) + '…' : text;
    return el('a', { class: 'id', href: tools.trail(value), title: text }, short);
  }
  if (tools.filter && (column.kind === 'dimension' || FIELDS.has(column.name)) && text !== '(other)') {
    const one = condition(column.name, value);
    return el('button', { type: 'button', class: 'value', title: 'Only ' + label(column.name) + ' ' + text,
      on: { click: () => tools.filter(one) } }, text);
  }
  const more = row[column.name + '_change'];
  if (typeof more === 'number') return el('span', {}, text + ' ', el('small', {}, change(more)));
  return el('span', { class: 'text' }, text);
}

// csv is the rows as a file. A value that a spreadsheet would run as a formula begins with '.
export function csv(answer) {
  const quote = (value) => {
    let text = value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };
  const names = answer.columns.map((c) => c.name);
  const lines = [names, ...answer.rows.map((row) => names.map((name) => row[name]))];
  return lines.map((line) => line.map(quote).join(',')).join('\r\n') + '\r\n';
}

// save lets the browser keep text as a file.
export function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = el('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
