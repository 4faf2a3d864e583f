// Tables of objects, with buttons that change them.

import * as admin from './admin.js';
import { el, prose, say } from './el.js';
import { moment } from './format.js';

const FIGURE = /^(–|\$?\d[\d,.:]*( ?(%|[KMBT]|ms|s|min|h|d|[KMGT]?i?B))?)$/; // stands at the right

// rows makes a table of objects: columns are a title and what to show of an object.
export function rows(title, list, columns, empty) {
  if (!list || list.length === 0) return el('p', { class: 'nothing' }, prose(empty));
  const cells = list.map((one) => Object.values(columns).map((of) => of(one) ?? '–'));
  const number = Object.keys(columns).map((_, i) => i > 0 && cells.every((row) => FIGURE.test(row[i])) &&
    cells.some((row) => row[i] !== '–'));
  const head = Object.keys(columns).map((name, i) => el('th', { scope: 'col', class: number[i] && 'number' }, name));
  const body = cells.map((row) => el('tr', {}, row.map((shown, i) => {
    const node = shown instanceof Node ? shown : el('span', { class: String(shown).length <= 26 ? 'text brief' : 'text' }, String(shown));
    return i === 0 ? el('th', { scope: 'row' }, node) : el('td', { class: number[i] && 'number' }, node);
  })));
  return el('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': title + ', table' },
    el('table', { class: 'words' }, el('thead', {}, el('tr', {}, head)), el('tbody', {}, body)));
}

// act is a button that changes something.
export function act(text, name, tools, does, sure) {
  return el('button', { type: 'button', 'aria-label': text + ' ' + name, on: { click: async (event) => {
    if (!admin.known()) {
      event.target.replaceWith(admin.form('An administrator may do that: show an admin key, then do it again.'));
      return;
    }
    if (sure && !confirm(sure)) return;
    event.target.disabled = true;
    try {
      await does();
      say(text + ': done');
      tools.redraw();
    } catch (fault) {
      event.target.disabled = false;
      event.target.after(el('small', { class: 'worse', role: 'alert' }, ' ' + fault.message));
    }
  } } }, text);
}

// when shows a moment, if there was one.
export const when = (tools) => (value) => (value && !String(value).startsWith('0001') ? moment(value, tools.zone) : '–');
const BAD = /^(open|dead|failed|over|throttled|paused|firing|closed|high|low)/;

// state is a word that is seen, and red where it is bad.
export const state = (text) => el('span', { class: BAD.test(text) ? 'state bad' : 'state' }, text);
