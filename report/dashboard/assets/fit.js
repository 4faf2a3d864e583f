// Which cards of a page the filter fits: page views have no model. The server says, before anything is asked.

import { nameOf, split, withoutCondition } from './address.js';
import { known } from './controls.js';
import { el, prose } from './el.js';
import { label, sentence } from './format.js';

const filters = (page) => page.panels.some((p) => p.takes.includes('filter'));

// certain reports whether every card fits, so that there is nothing to ask.
export function certain(state, page) {
  return !(state.filter && filters(page)) && !state.from && !state.until && !state.tz && known(state.since);
}

// ask is which panels of the page fit, or what is wrong with the address.
export async function ask(asker, state, page, id) {
  const { since, from, until, tz } = state;
  const all = { page: page.id, ...(from ? { from } : { since }), until, tz, filter: filters(page) ? state.filter : '', id };
  try {
    return await asker.ask('/v1/dashboard/fit', Object.fromEntries(Object.entries(all).filter(([, value]) => value)));
  } catch (fault) {
    if (fault.status === 401) location.reload();
    return { problem: fault.message };
  }
}

// unfit is why one of the funnels cannot be filtered, empty if it can.
export async function unfit(asker, state, page, id) {
  if (!state.filter) return '';
  const { panels, problem } = await ask(asker, state, page, id);
  return problem ? sentence(problem) : panels[0].fits ? '' : 'Left out, because it cannot be filtered by ' + about(state) + '.';
}

// about names what the filter is about.
const about = (state) => [...new Set(split(state.filter).map((one) => label(nameOf(one))))].join(' and ');

// note says what is left out and why, or what is wrong. out are panels, some are those that show less.
export function note(state, { out, some, nothing, problem }, go) {
  const conditions = split(state.filter);
  const parts = [out.map((p) => p.title).join(', '), ...some.map(([p, missing]) => missing.map(label).join(', ') + ' of ' + p.title)];
  const words = problem ? sentence(problem) : (nothing ? 'Nothing on this page can be filtered by ' + about(state) + '.'
    : 'Left out, because it cannot be filtered by ' + about(state) + ': ' + parts.filter(Boolean).join('; ') + '.');
  const clear = conditions.map((one) => el('button', { type: 'button', on: { click: () => go(withoutCondition(state, one)) } },
    'Show without ' + one));
  return el('section', { class: 'card left', 'aria-label': problem ? 'Problem' : 'Left out' }, el('div', { class: 'body' },
    el('p', problem ? { class: 'refused', role: 'alert' } : { class: 'note' }, prose(words)),
    (problem || nothing) && clear.length > 0 ? el('p', { class: 'form' }, clear) : ''));
}
