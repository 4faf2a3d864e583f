// Answers as tables: values that can be filtered by are buttons, ids are links, and what is shown can
// be taken away as a file.

import { breakable, el } from './el.js';
import { condition } from './address.js';
import { change, estimate, figure, label, numeric, points, shorter, show } from './format.js';
import { names } from './pages.js';

// TRAILS are ids, which belong to one event or a few: they are links and no filters.
const TRAILS = new Set(['trace_id', 'conversation_id', 'session_id', 'id']);
const HIDDEN = /_(previous|change)$/;
const LONG = 12; // characters of an id that are shown whole, and of a text that need not break
const BRIEF = 26; // characters of a text that stay on one line
const OTHER = '(other)';
const UNITS = new Set(['ratio', 'percent', 'ms', 's', 'seconds', 'bytes', 'USD']);

// draw makes a table. tools has filter(condition), if its values can be filtered by, trail(id), and what is
// said of nothing.
export function draw(answer, title, tools) {
  const mixed = answer.columns.some((c) => c.name === 'unit'); // each row says what its value is of
  const rows = answer.rows.filter((row) => row[answer.columns[0].name] !== OTHER);
  const alone = new Set(rows.map((row) => row.site)).size === 1 && rows.length > 1; // all of one site
  const columns = answer.columns.filter((c) => !HIDDEN.test(c.name) && !(mixed && c.name === 'unit') && !(alone && c.name === 'site'));
  if (answer.rows.length === 0) return el('p', { class: 'nothing' }, tools.nothing);
  const bar = columns.find((c) => c.kind === 'metric' && (c.type === 'integer' || c.unit === 'USD'));
  const most = bar && !mixed ? Math.max(0, ...rows.map((row) => row[bar.name] ?? 0)) : 0;
  const head = columns.map((c, i) => el('th', { scope: 'col', class: i > 0 && numeric(c) && 'number',
    title: estimate(answer, c) }, label(c.name)));
  const body = answer.rows.map((row) => el('tr', {}, columns.map((c, i) => {
    const node = cell(answer, row, c, tools);
    if (i > 0) return el('td', { class: numeric(c) && 'number' }, node);
    const first = el('th', { scope: 'row' }, node);
    if (most > 0 && c.kind === 'dimension' && row[c.name] !== OTHER) {
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
  if (column.name === 'verdict' && value === null) return '';
  const text = column.name === 'value' && typeof row.unit === 'string' ? withUnit(value, row.unit) : show(value, column, answer.meta?.tz);
  if (TRAILS.has(column.name) && value && tools.trail) {
    return el('a', { class: 'id', href: tools.trail(value), title: text }, short(text));
  }
  if (TRAILS.has(column.name) && value) return el('span', { class: 'id', title: text }, short(text));
  if (tools.filter && filters(column, value) && text !== OTHER) {
    const one = condition(column.name, value);
    return el('button', { type: 'button', class: lines('value', text), title: 'Only ' + label(column.name) + ' ' + text,
      'data-filter': one, on: { click: () => tools.filter(one) } }, broken(shorter(text)));
  }
  if (column.kind === 'metric' && column.name + '_change' in row) {
    return el('span', {}, text + ' ', el('small', {}, changed(answer, row, column)));
  }
  const shown = shorter(text);
  const kind = column.type === 'time' ? 'text brief moment' : lines('text', text);
  return el('span', { class: kind, title: shown === text ? null : text }, broken(shown));
}

// filters reports whether a value can be filtered by: what rows are counted by, and what lists have.
function filters({ kind, name, type }, value) {
  if (!names.has(name)) return false;
  return kind === 'dimension' || value !== null && (type === 'string' || type === 'boolean' || name === 'status_code');
}

// changed is how a figure differs from the one before: it has a place of its own, so that figures stand below
// each other.
function changed(answer, row, column) {
  const [value, before, ratio] = ['', '_previous', '_change'].map((end) => row[column.name + end]);
  if (before !== undefined && !before && value > 0 && column === answer.columns.find((c) => c.kind === 'metric')) return 'new';
  if (!ratio) return '';
  return column.unit === 'ratio' ? points(value - before) : change(ratio);
}

const short = (id) => (id.length > LONG ? id.slice(0, LONG - 4) + '…' : id);

// lines keeps a brief text on one line: a column is as wide as that. Paths and words may break where it is crowded.
function lines(kind, text) {
  if (text.length <= BRIEF && !(kind === 'value' && /^\/| /.test(text))) return kind + ' brief';
  return text.length > 2 * BRIEF && /\s/.test(text) ? kind + ' long' : kind;
}

const broken = (text) => (text.length > LONG ? breakable(text) : text);

function withUnit(value, unit) {
  if (value === null) return '–';
  return UNITS.has(unit) ? figure(value, { unit, type: 'number' }) : figure(value, { type: 'number' }) + ' ' + unit;
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
