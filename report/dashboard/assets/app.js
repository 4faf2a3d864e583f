// The dashboard: reads the address, asks the questions of the page, shows the answers, and asks again
// while one looks.

import * as address from './address.js';
import * as admin from './admin.js';
import { Asker, Refusal } from './api.js';
import * as chart from './chart.js';
import * as controls from './controls.js';
import { el, prose, say } from './el.js';
import * as fit from './fit.js';
import { sentence } from './format.js';
import { draws } from './house.js';
import { pages } from './pages.js';
import { csv, draw as drawTable, save } from './table.js';
import { draw as drawTiles } from './tiles.js';
import { draw as drawTrail } from './waterfall.js';

const EVERY = 30; // seconds between two looks, unless a page says otherwise

let state = read();
let asker = new Asker();
let cards = []; // of the page that is shown: { panel, node, body }

const trails = pages.some((p) => p.panels.some((one) => one.as === 'trail')); // may be looked at

const $ = (id) => document.getElementById(id);
const page = () => pages.find((p) => p.id === state.page) || pages[0];

// read is what the address says; a page that is not there is the first one.
function read() {
  const said = address.read();
  return pages.some((p) => p.id === said.page) ? said : { ...said, page: pages[0]?.id };
}

function go(next) {
  if (next.filter !== state.filter) say(next.filter ? 'Filtered by ' + next.filter : 'Not filtered');
  history.pushState(null, '', address.href(next));
  open();
  if (document.activeElement === document.body) $('title').focus(); // what was clicked is gone
}

// open shows the page that the address names.
async function open() {
  const before = state.page;
  state = read();
  asker.stop();
  asker = new Asker();
  const now = page();
  document.title = now.title + ' · analytics';
  $('title').textContent = now.title;
  const held = document.activeElement?.id;
  controls.draw($('controls'), state, go);
  controls.menu($('pages'), state, address.href);
  if (held && $(held)) $(held).focus();
  $('start')?.toggleAttribute('hidden', now.id !== 'overview');
  document.body.classList.remove('menu');
  cards = now.panels.filter((p) => p.as !== 'trail' || state.id).map(card);
  $('cards').replaceChildren(...cards.map((c) => c.node));
  fill();
  if (before !== state.page) scrollTo(0, 0);
  if (fit.certain(state, now)) for (const c of cards) load(c);
  else await loadFitting(now);
}

// loadFitting loads the cards that the filter leaves, and says which others there are.
async function loadFitting(now) {
  const asked = asker;
  const all = cards;
  cards = []; // none of them is asked before
  const { panels: fits, problem } = await fit.ask(asked, state, now);
  if (asked !== asker) return;
  const out = [];
  const some = []; // that show less than they can
  for (const c of all) {
    const { fits: yes, params, missing } = problem ? {} : fits[now.panels.indexOf(c.panel)];
    (yes ? cards : out).push(c);
    if (!params) continue;
    some.push([c.panel, missing]);
    c.panel = { ...c.panel, params, metrics: c.panel.metrics?.filter((m) => !missing.includes(m)) };
  }
  for (const c of out) c.node.remove();
  fill();
  const told = { out: out.map((c) => c.panel), some, nothing: cards.length === 0, problem };
  if (out.length + some.length > 0) $('cards').append(fit.note(state, told, go));
  for (const c of cards) load(c);
}

function card(panel) {
  const body = el('div', { class: 'body', 'aria-busy': 'true' }, el('p', { class: 'nothing' }, 'Asking …'));
  const tools = el('span', { class: 'tools' });
  const node = el('section', { class: 'card ' + panel.as + (panel.third ? ' third' : ''), 'aria-label': panel.title },
    el('div', { class: 'head' }, el('h2', {}, panel.title), tools), body);
  return { panel, node, body, tools, text: '' };
}

// fill makes the last card of each row as wide as what is left of the row, of six columns.
function fill() {
  let left = 6;
  let last = null;
  for (const { panel, node } of cards) {
    const span = panel.wide ? 6 : panel.third ? 2 : 3;
    if (span > left) {
      last.node.style.setProperty('--span', last.span + left);
      left = 6;
    }
    left -= span;
    last = { node, span };
    node.style.setProperty('--span', span);
  }
  if (last) last.node.style.setProperty('--span', last.span + left);
}

function question({ takes, params, own }) {
  const p = { ...address.params(state, takes), ...params };
  if (own) p.filter = p.filter ? own + ';' + p.filter : own;
  return p;
}

// load asks for a card and shows the answer. What did not change is left alone, and so is what
// somebody is in.
async function load(c, again) {
  const { panel } = c;
  if (panel.admin && !admin.known()) {
    const first = cards.find((one) => one.panel.admin) === c;
    if (!again) {
      c.body.replaceChildren(first ? admin.form('This is for administrators: show an admin key.')
        : el('p', { class: 'nothing' }, 'This is for administrators, too.'));
    }
    c.body.removeAttribute('aria-busy');
    return;
  }
  const path = panel.as === 'trail' ? '/v1/trace/' + state.id.split('/').map(encodeURIComponent).join('/') : panel.path;
  const asked = asker;
  try {
    const all = await asked.ask(path, question(panel));
    if (asked !== asker) return;
    const answer = panel.part ? all[panel.part] : all;
    const notes = answer.meta?.notes || answer.notes || []; // what limits the answer
    const text = JSON.stringify(answer.rows ? [answer.rows, answer.totals, notes] : answer);
    if (again && (text === c.text || inUse(c.body))) return;
    const openBefore = Boolean(c.body.querySelector('details[open]'));
    const at = again && c.body.querySelector('.wide'); // where somebody has scrolled to
    const [left, top] = [at?.scrollLeft, at?.scrollTop];
    c.text = text;
    if (panel.as === 'tiles' && Object.values(answer.totals || {}).some(Boolean)) $('start')?.remove(); // there are events
    const shown = draw(panel, answer);
    c.body.replaceChildren(shown, notes.length > 0 ? el('p', { class: 'note limits' }, notes.map(sentence).join(' ')) : '');
    if (openBefore) c.body.querySelector('details')?.setAttribute('open', '');
    if (at) c.body.querySelector('.wide')?.scrollTo({ left, top, behavior: 'instant' });
    shown.mount?.();
    exportOf(c, answer);
  } catch (fault) {
    if (fault.name === 'AbortError' || asked !== asker) return;
    refuse(c, fault);
  } finally {
    if (asked === asker) c.body.removeAttribute('aria-busy');
  }
}

// inUse reports whether somebody is in a card, has begun to type there, or has yet to copy what is shown
// once.
function inUse(body) {
  return body.contains(document.activeElement) || body.querySelector('.secret') ||
    [...body.querySelectorAll('form input')].some((i) => (i.type === 'checkbox' ? i.checked : i.value !== ''));
}

function refuse(c, fault) {
  if (!(fault instanceof Refusal)) console.error(fault);
  if (fault.status === 401) return location.reload();
  if (c.panel.optional && fault.status === 404 || fault.code === 'bound_key') {
    cards = cards.filter((one) => one !== c);
    fill();
    return c.node.remove();
  }
  c.text = '';
  const words = fault.message.length > 220 ? fault.message.slice(0, 220) + '…' : fault.message;
  return c.body.replaceChildren(el('p', { class: 'refused' }, prose(sentence(words))));
}

function draw(panel, answer) {
  const tools = {
    nothing: state.filter && panel.takes.includes('filter') ? 'Nothing in this time with this filter.' : 'Nothing in this time.',
    zone: answer.meta?.tz || state.tz || document.body.dataset.zone,
    filter: panel.as === 'table' && panel.takes.includes('filter') ? (one) => go(address.withCondition(state, one)) : null,
    trail: trails && ((id) => address.href({ ...state, page: 'trace', id, filter: '' })),
    ask: (path, params) => asker.ask(path, params),
    unfit: (id) => fit.unfit(asker, state, page(), id),
    params: () => address.params(state, panel.takes),
    table: (a, title) => drawTable(a, title, { nothing: tools.nothing }),
    redraw: () => open(),
  };
  switch (panel.as) {
    case 'tiles': return drawTiles(answer);
    case 'chart': return chart.draw(answer, panel, panel.title, tools.nothing);
    case 'table': return drawTable(answer, panel.title, tools);
    case 'trail': return drawTrail(answer, tools.zone);
  }
  return draws[panel.as](answer, tools);
}

function exportOf(c, answer) {
  if (!answer.columns || answer.rows?.length === 0) return c.tools.replaceChildren();
  const name = (page().id + '-' + c.panel.title).toLowerCase().replace(/[^a-z0-9]+/g, '-') + '.csv';
  return c.tools.firstChild?.replaceWith(button()) ?? c.tools.append(button());
  function button() {
    return el('button', { type: 'button', class: 'quiet', 'aria-label': 'CSV of ' + c.panel.title,
      on: { click: () => { save(name, csv(answer)); say(name + ' saved'); } } }, 'CSV');
  }
}

// again asks everything once more, if somebody looks.
function again() {
  if (document.hidden || cards.length === 0) return;
  asker = new Asker();
  for (const c of cards) load(c, true);
}

let ticks = 0;
setInterval(() => {
  ticks++;
  if (state.live !== 'off' && ticks % (page().every || EVERY) === 0) again();
}, 1000);

addEventListener('popstate', open);
admin.whenKnown(open);
addEventListener('click', (event) => {
  const link = event.target.closest('a[href^="/"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const target = new URL(link.href);
  if (target.pathname !== '/') return;
  event.preventDefault();
  history.pushState(null, '', target);
  open();
  $('title').focus();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', open);
$('menu').addEventListener('click', () => {
  const shown = document.body.classList.toggle('menu');
  $('menu').setAttribute('aria-expanded', String(shown));
});

// Keys: / filters, [ and ] go through the pages, r asks again, ? says so.
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const at = pages.indexOf(page());
  const turn = (by) => go(controls.turned(state, pages[(at + by + pages.length) % pages.length]));
  const does = {
    '/': () => $('filter')?.focus(), '[': () => turn(-1), ']': () => turn(1), r: again, '?': () => $('help').showModal(),
  }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

if (pages.length > 0) {
  $('zones').replaceChildren(...(Intl.supportedValuesOf?.('timeZone') || ['UTC']).map((value) => el('option', { value })));
  open();
}
