// A trace as a waterfall: a bar for each step where and as long as it ran, callers above what they
// called.

import { el, svg } from './el.js';
import { figure, length, moment } from './format.js';

const USD = { unit: 'USD' };
const NUMBERS = ['start', 'took', 'cost'];
const MOST = 30; // levels that are indented

export function draw(trail, zone) {
  const steps = [];
  const walk = (list, depth) => {
    for (const step of list || []) {
      steps.push({ step, depth: Math.min(depth, MOST) });
      walk(step.steps || step.children, depth + 1);
    }
  };
  walk(trail.steps, 0);
  const span = Math.max(1, trail.duration_ms || 0, ...steps.map(({ step }) => (step.offset_ms || 0) + (step.duration_ms || 0)));
  const head = ['step', 'when', 'start', 'took', 'how it ended', 'cost'].map((name) => el('th',
    { scope: 'col', class: NUMBERS.includes(name) && 'number' }, name));
  const rows = steps.map(({ step, depth }) => {
    const name = el('span', { class: 'step' }, el('small', {}, step.type.replace(/_/g, ' ') + ' '),
      el('span', { class: 'text' }, step.what || ''));
    name.style.setProperty('--depth', depth);
    return el('tr', { class: step.error_type ? 'failed' : '' }, el('th', { scope: 'row' }, name),
      el('td', { class: 'when' }, bar(step, span)), el('td', { class: 'number' }, length((step.offset_ms || 0) / 1000)),
      el('td', { class: 'number' }, step.duration_ms === null || step.duration_ms === undefined ? '–' : length(step.duration_ms / 1000)),
      el('td', {}, step.error_type || step.outcome || '–'),
      el('td', { class: 'number' }, step.cost === undefined ? '–' : figure(step.cost, USD)));
  });
  const facts = [moment(trail.start, zone), length((trail.duration_ms || 0) / 1000), trail.events + ' events',
    trail.errors + ' errors', trail.cost === undefined ? '' : figure(trail.cost, USD)].filter(Boolean);
  return el('div', {}, el('p', { class: 'note' }, facts.join(' · ')),
    el('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': 'Steps, table' },
      el('table', { class: 'waterfall' }, el('thead', {}, el('tr', {}, head)), el('tbody', {}, rows))));
}

function bar(step, span) {
  const x = (step.offset_ms || 0) / span * 100;
  const width = Math.max(0.7, (step.duration_ms || 0) / span * 100);
  return svg('svg', { class: 'span', viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { class: step.error_type ? 'bad' : '', x: Math.min(x, 99.3), y: 0, width, height: 8 }));
}
