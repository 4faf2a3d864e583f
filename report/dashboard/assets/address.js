// The address of the page is all its state: which page, which time, which filters. So a link shows
// what its sender saw, and the browser's own back and forward work.

const NAMES = ['page', 'since', 'from', 'until', 'tz', 'compare', 'filter', 'bots', 'id', 'live'];
const DEFAULTS = { page: 'overview', since: '7d', compare: 'previous' };

export function read() {
  const given = new URLSearchParams(location.search);
  const state = {};
  for (const name of NAMES) state[name] = given.get(name) ?? DEFAULTS[name] ?? '';
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

// params are the parameters of a question that the address stands for. What a question takes is
// 'time', 'filter' (and bots) or 'all' (and a comparison); 'none' takes nothing.
export function params(state, takes) {
  const p = {};
  if (takes === 'none') return p;
  if (state.from) p.from = state.from;
  else p.since = state.since;
  if (state.until) p.until = state.until;
  if (state.tz) p.tz = state.tz;
  if (takes === 'time') return p;
  if (state.filter) p.filter = state.filter;
  if (state.bots) p.include_bots = 'true';
  return p;
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

export function withCondition(state, one) {
  const all = split(state.filter);
  return { ...state, filter: all.includes(one) ? state.filter : [...all, one].join(';') };
}

export function withoutCondition(state, one) {
  return { ...state, filter: split(state.filter).filter((c) => c !== one).join(';') };
}
