// The pages about the house itself: alerts, budgets, jobs, store, messages, funnels. What can be changed is
// changed by a button, which asks the server and then draws the page anew.

import { keys, shares, users } from './access.js';
import { change } from './api.js';
import { el } from './el.js';
import { bytes, figure, label, length } from './format.js';
import { act, rows, state, when } from './rows.js';

const USD = { unit: 'USD' };

const reading = (of, value) => (value === undefined || value === null ? '–' : figure(Number(value), { unit: of.unit, type: 'number' }));
const scope = (one) => Object.entries(one.scope || {}).map(([k, v]) => k + ' ' + v).join(', ') || 'everything';

export const draws = {
  alerts: (answer, tools) => rows('Alerts', answer.alerts, {
    what: (a) => el('span', { class: 'text' }, a.message || a.rule),
    state: (a) => state(a.state), severity: (a) => a.severity,
    since: (a) => when(tools)(a.opened),
    was: (a) => (a.reading ? reading(a.reading, a.reading.value) : figure(Number(a.value), USD)),
    threshold: (a) => (a.reading ? reading(a.reading, a.reading.threshold) : figure(Number(a.threshold), USD)),
    action: (a) => (a.state === 'open'
      ? act('Acknowledge', a.rule, tools, () => change('POST', '/v1/alerts/' + encodeURIComponent(a.id) + '/acknowledge'))
      : a.acknowledged_by && 'by ' + a.acknowledged_by),
  }, 'No alert: nothing has passed its threshold.'),

  rules: (answer, tools) => el('div', {}, answer.rules.length === 0 ? '' : rows('Thresholds of spend', answer.rules, {
    rule: (r) => r.id, type: (r) => label(r.type), period: (r) => r.period, then: (r) => r.action,
    threshold: (r) => figure(Number(r.threshold), USD), spent: (r) => figure(Number(r.spent), USD),
    left: (r) => figure(Number(r.left), USD), used: (r) => part(Number(r.spent) / Number(r.threshold)),
  }, ''), rows('Rules', answer.metric_rules, {
    rule: (r) => r.name, 'fires when': (r) => r.says,
    of: (r) => [r.filter, r.by && 'each ' + r.by.join(', ')].filter(Boolean).join('; ') || 'everything',
    severity: (r) => r.severity, state: (r) => state(r.state), looked: (r) => when(tools)(r.looked),
  }, "No rules. `analytics alerts rules set errors --when 'error_rate > 5%' --by model` makes one.")),

  anomalies: (answer, tools) => el('div', {},
    el('p', { class: 'note' }, answer.enabled ? answer.total + ' series are held against the same hour of the weeks before.'
      : 'Anomalies are not watched for: alerts.anomalies.enabled is false.'),
    rows('Anomalies', answer.series.map(newest).filter((s) => ['high', 'low', 'settled'].includes(s.state)), {
      what: (s) => label(s.metric) + (s.value ? ' of ' + s.value : ''), state: (s) => state(s.state), hour: (s) => when(tools)(s.hour),
      is: (s) => reading(s, s.is), usual: (s) => reading(s, s.expected), why: (s) => s.reason,
    }, 'All is as usual, or there is too little to know: `analytics alerts anomalies --all` says which.')),

  budgets: (answer, tools) => rows('Budgets', answer.budgets, {
    budget: (b) => (b.name ?? b.budget?.name) + (b.group ? ' · ' + b.group.join(', ') : ''), applies: (b) => scope(b),
    spent: (b) => figure(Number(b.spent), USD), limit: (b) => figure(Number(b.limit), USD),
    left: (b) => figure(Number(b.left), USD), used: (b) => part(Number(b.spent) / Number(b.limit)),
    state: (b) => state(b.state), until: (b) => when(tools)(b.to),
  }, 'No budgets. `analytics budgets set team --limit 50.00 --period day --action pause_requests` makes one.'),

  jobs: (answer, tools) => rows('Jobs', answer.jobs, {
    job: (j) => el('span', { class: 'text' }, j.name, el('small', { class: 'under' }, j.about)), schedule: (j) => j.schedule,
    last: (j) => (j.last ? state(j.last.state) : '–'),
    ended: (j) => when(tools)(j.last?.finished),
    took: (j) => (j.last?.finished ? length((Date.parse(j.last.finished) - Date.parse(j.last.started)) / 1000) : '–'),
    next: (j) => (j.running ? 'runs now' : when(tools)(j.next)),
    ...(answer.jobs.some((j) => j.last?.error) ? { problem: (j) => j.last?.error || '' } : {}),
    action: (j) => act('Run now', j.name, tools, () => change('POST', '/v1/jobs/' + encodeURIComponent(j.name) + '/run')),
  }, 'No jobs.'),

  outbox: (answer, tools) => el('div', {},
    el('p', { class: 'note' }, 'Waiting ' + answer.status.pending + ', delivered ' + answer.status.delivered + ', given up ' +
      answer.status.dead + '.'),
    rows('Channels', answer.status.channels, { channel: (c) => c.name, kind: (c) => c.kind, for: (c) => (c.topics || []).join(', '),
      state: (c) => state(c.state), waiting: (c) => c.pending, problem: (c) => c.problem || '' }, 'No channel is set.'),
    rows('Messages', answer.letters, { report: (l) => l.report, period: (l) => l.period, state: (l) => state(l.state),
      tries: (l) => l.attempts, next: (l) => when(tools)(l.next), problem: (l) => l.problem || l.error || '' },
    'No messages were sent.')),

  unpriced: (answer) => rows('Without a price', answer.models, {
    model: (m) => m.model, provider: (m) => m.provider, requests: (m) => figure(m.requests, { type: 'integer' }),
    tokens: (m) => figure(m.tokens, { unit: 'tokens' }), why: (m) => label(m.reason),
  }, 'Every model has a price.'),

  store: (text) => store(String(text)),
  keys, shares, users,
  funnels: (answer, tools) => funnels(answer, tools),
};

// newest is a series as its running hour has it, where that is off already.
function newest(s) {
  return ['high', 'low'].includes(s.so_far_state) ? { ...s, state: s.so_far_state, hour: s.running, is: s.so_far } : s;
}

function part(ratio) {
  return el('span', {}, el('meter', { min: 0, max: 1, high: 0.8, value: Math.min(1, ratio || 0), 'aria-label': 'used' }),
    ' ' + figure(ratio || 0, { unit: 'ratio' }));
}

// store reads the figures of the store from the metrics that monitoring reads.
function store(text) {
  const value = (name) => Number(new RegExp('^' + name + ' (\\S+)$', 'm').exec(text)?.[1] ?? NaN);
  const events = [...text.matchAll(/^analytics_events\{type="(\w+)"\} (\S+)$/gm)];
  const tile = (name, shown) => el('div', { class: 'tile' }, el('dt', {}, name), el('dd', { class: 'figure' }, shown));
  const count = (n) => (Number.isNaN(n) ? '–' : figure(n, { type: 'integer' }));
  return el('dl', { class: 'tiles' }, tile('data on disk', bytes(value('analytics_disk_bytes'))),
    tile('free on disk', bytes(value('analytics_disk_free_bytes'))), tile('not sealed yet', count(value('analytics_head_rows'))),
    tile('refused', count(value('analytics_events_rejected_total'))), tile('sent twice', count(value('analytics_events_duplicate_total'))),
    events.map(([, type, n]) => tile(label(type), count(Number(n)))));
}

function funnels(answer, tools) {
  if (!answer.funnels || answer.funnels.length === 0) {
    return el('p', { class: 'nothing' }, 'No funnels. ', el('code', {}, 'analytics funnels create --help'), ' shows how to define one.');
  }
  return el('div', {}, answer.funnels.map(({ name }) => {
    const place = el('div', {}, el('p', { class: 'note' }, 'Counting …'));
    const count = async () => {
      const why = await tools.unfit(name);
      if (why) return el('p', { class: 'note' }, why);
      return tools.table(await tools.ask('/v1/funnels/' + encodeURIComponent(name), tools.params()), name);
    };
    count().catch((fault) => el('p', { class: 'worse' }, fault.message)).then((shown) => place.replaceChildren(shown));
    return el('section', {}, el('h3', {}, name), place);
  }));
}
