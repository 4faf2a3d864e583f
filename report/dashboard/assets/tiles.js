// Single figures, each with how it changed.

import { el } from './el.js';
import { change, estimate, headline, label, points, show } from './format.js';

// Of these, more is worse.
const WORSE = /error|unpriced|duration|ttfb|bounce/;

export function draw(answer) {
  const from = answer.totals || answer.rows[0] || {};
  const columns = answer.columns.filter((c) => c.kind === 'metric' && !/_(previous|change)$/.test(c.name));
  return el('dl', { class: 'tiles n' + columns.length }, columns.map((c) => {
    const full = show(from[c.name], c, answer.meta.tz);
    const shown = headline(from[c.name], c, answer.meta.tz);
    const ratio = from[c.name + '_change'];
    const before = from[c.name + '_previous'];
    let note = '';
    let tone = 'note';
    if (typeof ratio === 'number' && ratio !== 0) {
      note = (c.unit === 'ratio' ? points(from[c.name] - before) : change(ratio)) + ' from ' + headline(before, c, answer.meta.tz);
      if (WORSE.test(c.name)) tone += ratio > 0 ? ' worse' : ' better';
    } else if (ratio === 0) {
      note = 'as before';
    } else if (before !== undefined) {
      note = 'nothing before';
    }
    return el('div', { class: 'tile' }, el('dt', { title: estimate(answer, c) }, label(c.name)),
      el('dd', { class: 'figure', title: shown === full ? null : full }, shown), note && el('dd', { class: tone }, note));
  }));
}
