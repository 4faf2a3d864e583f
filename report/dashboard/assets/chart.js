// Charts over time, drawn by uPlot, with the same figures in a table for who does not see them.

import { el } from './el.js';
import { bucket, figure, label, mark, shorter } from './format.js';

const INKS = ['ink1', 'ink2', 'ink3', 'ink4', 'ink5', 'ink6'];
const OTHER = '(other)';
const FEW = 3; // buckets that make a line
const WIDTH = 2; // of a line, in pixels

// draw makes a chart of an answer over time. want names the metrics, or by: the dimension whose
// values become lines of the one metric. nothing is said where there is none.
export function draw(answer, want, title, nothing) {
  const { times, lines } = want.by ? pivot(answer, want) : plain(answer, want);
  if (!lines.some((line) => line.values.some(Boolean))) return el('p', { class: 'nothing' }, nothing);
  const zone = answer.meta.tz;
  const stage = el('div', { class: 'stage', role: 'img', 'aria-label': sentence(title, times, lines, answer) });
  const part = partial(times, answer.meta);
  const key = legend(times, lines, answer, part.note);
  const box = el('div', {}, stage, key.node,
    el('details', {}, el('summary', {}, 'As a table'), table(times, lines, answer)));
  box.mount = () => mount(stage, times, lines, zone, answer.meta.interval, part, key.show);
  return box;
}

// partial says which of the first and last buckets are not all in the range: they would look like a fall.
// Of two or less there are points and no line.
function partial(times, meta) {
  if (times.length < FEW) return { note: 'parts of each ' + meta.interval };
  const step = Date.parse(times[1]) - Date.parse(times[0]);
  const first = Date.parse(meta.from) > Date.parse(times[0]);
  const last = Date.parse(meta.to) < Date.parse(times.at(-1)) + step;
  return { first, last, note: first || last ? 'faded: not the whole ' + meta.interval : '' };
}

// legend names the lines, and shows their values where the pointer is.
function legend(times, lines, answer, note) {
  const at = el('span', { class: 'at' }, note || '');
  const values = lines.map(() => el('b'));
  const node = el('p', { class: 'legend', 'aria-hidden': 'true' }, lines.map((line, i) => el('span', { class: 'line' },
    el('i', { class: 'swatch ' + ink(line, i) }), shorter(line.name, 40) + ' ', values[i])), at);
  const show = (i) => {
    const some = i !== null && i !== undefined;
    at.textContent = some ? bucket(times[i], answer.meta.interval, answer.meta.tz) : note || '';
    values.forEach((value, n) => {
      const v = some ? lines[n].values[i] : undefined;
      value.textContent = v === null || v === undefined ? '' : figure(v, lines[n].column);
    });
  };
  return { node, show };
}

// ink is the colour of a line: what is left over and what was before is grey.
const ink = (line, i) => (line.before ? 'inkbefore' : line.name === OTHER ? 'ink6' : INKS[i]);

function plain(answer, want) {
  const times = answer.rows.map((row) => row.time);
  const lines = [];
  for (const metric of want.metrics) {
    const column = answer.columns.find((c) => c.name === metric);
    if (!column) continue;
    lines.push({ name: label(metric), column, values: answer.rows.map((row) => row[metric]) });
    const before = metric + '_previous';
    if (want.metrics.length === 1 && answer.columns.some((c) => c.name === before)) {
      lines.push({ name: 'before', column, before: true, values: answer.rows.map((row) => row[before]) });
    }
  }
  return { times, lines };
}

function pivot(answer, want) {
  const metric = want.metrics[0];
  const column = answer.columns.find((c) => c.name === metric);
  const times = [...new Set(answer.rows.map((row) => row.time))];
  const place = new Map(times.map((t, i) => [t, i]));
  const byName = new Map();
  for (const row of answer.rows) {
    const name = String(row[want.by] ?? '(none)');
    if (!byName.has(name)) byName.set(name, times.map(() => 0));
    byName.get(name)[place.get(row.time)] = row[metric];
  }
  const sum = (values) => values.reduce((a, b) => a + (b ?? 0), 0);
  const lines = [...byName].map(([name, values]) => ({ name, column, values }));
  lines.sort((a, b) => (a.name === OTHER) - (b.name === OTHER) || sum(b.values) - sum(a.values));
  return { times, lines: lines.slice(0, INKS.length) };
}

function sentence(title, times, lines, answer) {
  const parts = lines.filter((l) => !l.before).map((line) => {
    const known = line.values.filter((v) => v !== null);
    return known.length ? line.name + ' up to ' + figure(Math.max(...known), line.column) : line.name;
  });
  const at = (t) => bucket(t, answer.meta.interval, answer.meta.tz);
  return title + ', ' + at(times[0]) + ' to ' + at(times.at(-1)) + ': ' + parts.join(', ') + '. The table below has all.';
}

function table(times, lines, answer) {
  const head = el('tr', {}, el('th', { scope: 'col' }, answer.meta.interval || 'time'),
    lines.map((line) => el('th', { scope: 'col', class: 'number' }, line.name)));
  const rows = times.map((time, i) => el('tr', {},
    el('th', { scope: 'row' }, bucket(time, answer.meta.interval, answer.meta.tz)),
    lines.map((line) => el('td', { class: 'number' },
      line.values[i] === null || line.values[i] === undefined ? '–' : figure(line.values[i], line.column)))));
  return el('div', { class: 'wide tall', tabindex: '0', role: 'region', 'aria-label': 'Figures of the chart' },
    el('table', {}, el('thead', {}, head), el('tbody', {}, rows)));
}

const DAY = 86400;
const STEPS = { hour: [3600, 7200, 10800, 21600, 43200, DAY, 2 * DAY, 7 * DAY], day: [DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY] };

const COUNTS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((n) => [1, 2, 5].map((step) => step * 10 ** n));

// SPANS are steps of time spans, in seconds and in milliseconds: 30 min and not 33:20 min.
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800,
  3600, 7200, 18000, 36000, DAY, 2 * DAY, 5 * DAY, 10 * DAY, 50 * DAY];
const SPANS = { s: SECONDS, seconds: SECONDS, ms: SECONDS.map((s) => s * 1000) };

// tick is a moment below the axis: the day at midnight, else the hour; the year in January, else the month.
function tick(s, interval, zone) {
  const clock = bucket(s * 1000, 'hour', zone).split(', ').at(-1);
  if (interval !== 'month') return interval === 'hour' && clock !== '00:00' ? clock : bucket(s * 1000, 'day', zone);
  const [month, year] = bucket(s * 1000, 'month', zone).split(' ');
  return month === 'Jan' ? year : month;
}

// lone are the places of values with none beside them, to which no line leads.
const lone = (values) => values.flatMap((v, i) => {
  const none = (n) => values[n] === null || values[n] === undefined;
  return none(i) || !none(i - 1) || !none(i + 1) ? [] : [i];
});

const paper = matchMedia('print');

function mount(stage, times, lines, zone, interval, part, show) {
  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue('--' + name).trim(); // as it is when it is drawn: paper is never dark
  const axis = { stroke: () => colour('soft'), grid: { stroke: () => colour('line'), width: 1 }, ticks: { show: false },
    font: '12px system-ui' };
  const few = times.length < FEW;
  const series = lines.map((line, i) => ({
    label: line.name, stroke: () => colour(line.before ? 'soft' : ink(line, i)), width: WIDTH,
    dash: line.before ? [4, 4] : undefined, paths: few ? () => null : undefined,
    points: { show: true, size: few ? 9 : 5, fill: () => colour(line.before ? 'soft' : ink(line, i)),
      filter: few ? undefined : () => lone(line.values) },
    fill: !few && i === 0 && lines.filter((l) => !l.before).length < 3 ? () => colour('wash') : undefined,
  }));
  const data = [times.map((t) => Date.parse(t) / 1000), ...lines.map((line) => line.values)];
  const size = () => ({ width: Math.max(200, stage.clientWidth), height: 210 });
  const fade = (u) => { // over what is only partly in the range
    const x = (i) => u.valToPos(data[0].at(i), 'x', true);
    u.ctx.save();
    u.ctx.globalAlpha = 0.65;
    u.ctx.fillStyle = colour('card');
    if (part.first) u.ctx.fillRect(x(0), u.bbox.top, x(1) - x(0), u.bbox.height);
    if (part.last) u.ctx.fillRect(x(-2), u.bbox.top, x(-1) - x(-2), u.bbox.height);
    u.ctx.restore();
  };
  const chart = new uPlot({
    ...size(), tzDate: (s) => uPlot.tzDate(new Date(s * 1000), zone || 'UTC'), legend: { show: false },
    padding: [null, 26, null, null], cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    hooks: { draw: [fade], setCursor: [(u) => show(u.cursor.idx)] },
    scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high || 1) * 1.08] } },
    axes: [{
      ...axis, size: 36, gap: 9, space: 64, incrs: STEPS[interval] || STEPS.day,
      values: (_, all) => all.map((s) => tick(s, interval, zone)),
    }, { ...axis, size: 64, incrs: lines[0].column.type === 'integer' ? COUNTS : SPANS[lines[0].column.unit],
      values: (_, all) => all.map((v) => mark(v, lines[0].column)) }],
    series: [{}, ...series],
  }, data, stage);
  const watch = new ResizeObserver(() => {
    if (!stage.isConnected) { watch.disconnect(); chart.destroy(); return; }
    if (stage.clientWidth !== chart.width) chart.setSize(size());
  });
  watch.observe(stage);
  const again = () => (stage.isConnected ? chart.redraw(false) : paper.removeEventListener('change', again));
  paper.addEventListener('change', again);
}
