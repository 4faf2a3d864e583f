// The address of the page is all its state: which page, which time, which filters. So a link shows
// what its sender saw, and the browser's own back and forward work.

const NAMES = ['page', 'since', 'from', 'until', 'tz', 'compare', 'filter', 'bots', 'id', 'live'];
const DEFAULTS = { page: 'overview', since: '7d', compare: 'previous' };
const AGAINST = ['previous', 'year', 'none'];

export function read() {
  const given = new URLSearchParams(location.search);
  const state = {};
  for (const name of NAMES) state[name] = given.get(name) ?? DEFAULTS[name] ?? '';
  if (!AGAINST.includes(state.compare)) state.compare = DEFAULTS.compare;
  return state;
}

export function href(state) {
  const query = new URLSearchParams();
  for (const name of NAMES) {
    const value = state[name] ?? '';
    if (value !== (DEFAULTS[name] ?? '')) query.set(name, value);
  }
  const text = query.toString();
  return text ? '/?' + text : '/';
}

// params are the parameters of a question that the address stands for, of those that it takes.
export function params(state, takes) {
  const all = {
    ...(state.from ? { from: state.from } : { since: state.since }), until: state.until, tz: state.tz,
    filter: state.filter, include_bots: state.bots && 'true',
    compare: state.compare === 'none' ? '' : state.compare,
  };
  return Object.fromEntries(Object.entries(all).filter(([name, value]) => value && takes.includes(name)));
}

// split cuts a filter into its conditions, at each ; that is not in quotes.
export function split(filter) {
  const all = [];
  let part = '';
  let mark = '';
  for (let i = 0; i < filter.length; i++) {
    const c = filter[i];
    if (mark && c === '\\') part += c + (filter[++i] ?? '');
    else if (mark) { part += c; if (c === mark) mark = ''; }
    else if (c === ';') { all.push(part); part = ''; }
    else { part += c; if (c === '"' || c === "'") mark = c; }
  }
  all.push(part);
  return all.map((s) => s.trim()).filter(Boolean);
}

// condition is name==value as a filter spells it.
export function condition(name, value) {
  const text = String(value ?? '');
  const plain = /^[A-Za-z0-9_./:-]+$/.test(text);
  return name + '==' + (plain ? text : '"' + text.replace(/["\\]/g, '\\$&') + '"');
}

// nameOf is what a condition is about.
export const nameOf = (one) => /^\s*[\w.]*/.exec(one)[0].trim();

export function withCondition(state, one) {
  const all = split(state.filter);
  return { ...state, filter: all.includes(one) ? state.filter : [...all, one].join(';') };
}

export function withoutCondition(state, one) {
  return { ...state, filter: split(state.filter).filter((c) => c !== one).join(';') };
}
