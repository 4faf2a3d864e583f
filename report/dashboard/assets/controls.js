// The bar of controls: time, zone, comparison, bots, filters. Each change is a new address.

import { el } from './el.js';
import { split, withCondition, withoutCondition } from './address.js';
import { pages } from './pages.js';

const RANGES = [['1h', 'Last hour'], ['24h', 'Last 24 hours'], ['today', 'Today'], ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'], ['90d', 'Last 90 days'], ['365d', 'Last year'], ['custom', 'From … to …']];
const AREAS = { ai: 'AI', web: 'Web', house: 'Operations' };
const EXAMPLE = { ai: 'model==gpt-4o', web: 'country==DE', house: 'actor==anna' };

const option = (value, text, now) => el('option', { value, selected: value === now }, text);

// known reports whether a time is one of those that can be picked.
export const known = (since) => since !== 'custom' && RANGES.some(([value]) => value === since);

// draw fills the bar for the state; go(state) changes it.
export function draw(bar, state, go) {
  const range = state.from ? 'custom' : state.since;
  const ranges = range === 'custom' || known(range) ? RANGES : [[range, range], ...RANGES];
  const pick = el('select', { id: 'range', on: { change: (e) => {
    if (e.target.value !== 'custom') return go({ ...state, since: e.target.value, from: '', until: '' });
    const day = 86400000;
    const iso = (ms) => new Date(ms).toISOString().slice(0, 10);
    return go({ ...state, from: iso(Date.now() - 7 * day), until: iso(Date.now() + day) });
  } } }, ranges.map(([value, text]) => option(value, text, range)));
  const days = range !== 'custom' ? [] : ['from', 'until'].map((name) => field(name, name === 'from' ? 'From' : 'Until',
    el('input', { id: name, type: 'date',
      value: state[name].slice(0, 10), on: { change: (e) => go({ ...state, [name]: e.target.value }) } })));
  const compare = el('select', { id: 'compare', on: { change: (e) => go({ ...state, compare: e.target.value }) } },
    option('previous', 'the time before', state.compare), option('year', 'a year before', state.compare),
    option('none', 'nothing', state.compare));
  const zone = el('input', { id: 'zone', list: 'zones', value: state.tz, placeholder: document.body.dataset.zone,
    autocomplete: 'off', spellcheck: 'false', on: { change: (e) => go({ ...state, tz: e.target.value.trim() }) } });
  const bots = el('input', { id: 'bots', type: 'checkbox', checked: state.bots !== '',
    on: { change: (e) => go({ ...state, bots: e.target.checked ? '1' : '' }) } });
  const live = el('input', { id: 'live', type: 'checkbox', checked: state.live !== 'off',
    on: { change: (e) => go({ ...state, live: e.target.checked ? '' : 'off' }) } });
  const page = pages.find((p) => p.id === state.page);
  const some = (name) => page.panels.some((p) => p.takes.includes(name)); // what changes nothing is not shown
  bar.replaceChildren(...(some('since') ? [field('range', 'Time', pick), ...days] : []),
    some('compare') ? field('compare', 'Against', compare) : '', field('zone', 'Zone', zone),
    some('include_bots') && (page.area === 'web' || page.id === 'overview') ? el('label', { class: 'check' }, bots, ' Bots too') : '',
    el('label', { class: 'check' }, live, ' Live'), some('filter') ? filters(state, go, page) : '');
}

function field(id, text, control) {
  return el('label', { class: 'field', for: id }, el('span', {}, text), control);
}

function filters(state, go, page) {
  const input = el('input', { id: 'filter', placeholder: EXAMPLE[page.area], autocomplete: 'off', spellcheck: 'false',
    'aria-label': 'Filter' });
  const chips = split(state.filter).map((one) => el('button', { type: 'button', class: 'chip',
    'aria-label': 'Remove the filter ' + one,
    on: { click: () => go(withoutCondition(state, one)) } },
  el('span', { class: 'text' }, one), el('span', { 'aria-hidden': 'true' }, ' ×')));
  const form = el('form', { class: 'filters', role: 'search', 'aria-label': 'Filters', on: { submit: (e) => {
    e.preventDefault();
    if (input.value.trim()) go(split(input.value).reduce(withCondition, state));
  } } }, chips, input, el('button', {}, 'Filter'));
  return form;
}

// turned is the state on another page. A filter goes along within an area: models mean nothing to the web.
export function turned(state, page) {
  const now = pages.find((p) => p.id === state.page);
  return { ...state, page: page.id, id: '', filter: page.area === now?.area ? state.filter : '' };
}

// menu fills the list of pages.
export function menu(list, state, href) {
  const some = ([area]) => pages.some((p) => p.area === area);
  list.replaceChildren(...Object.entries(AREAS).filter(some).map(([area, name]) => el('li', {}, el('span', { class: 'area' }, name),
    el('ul', {}, pages.filter((p) => p.area === area).map((p) => el('li', {}, el('a', {
      href: href(turned(state, p)),
      'aria-current': p.id === state.page ? 'page' : null,
    }, p.title)))))));
}
