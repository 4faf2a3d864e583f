// Values as people read them. The kind and unit of its column say what a value is.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const brief = new Intl.NumberFormat('en', { maximumSignificantDigits: 4, maximumFractionDigits: 1, roundingPriority: 'lessPrecision' });
const cents = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' });
const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });
const round = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', trailingZeroDisplay: 'stripIfInteger' });
const many = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', notation: 'compact', maximumSignificantDigits: 4 });
const fine = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumSignificantDigits: 2 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

const WORDS = {
  p50_duration_ms: 'p50 duration', p90_duration_ms: 'p90 duration', p95_duration_ms: 'p95 duration',
  p99_duration_ms: 'p99 duration', avg_duration_ms: 'avg duration', duration_ms: 'duration',
  avg_ttfb_ms: 'avg first token', p95_ttfb_ms: 'p95 first token', total_tokens: 'tokens',
  user_id: 'user', conversation_id: 'conversation', bot_class: 'class', bot_name: 'name',
  bot_purpose: 'purpose', bot_reasons: 'reasons', session_page_views: 'page views',
  avg_time_on_page_seconds: 'avg time on page', avg_session_seconds: 'avg session',
  page_view_count: 'views', event_count: 'events', request_count: 'requests', reading_pattern: 'reading',
  error_type: 'error', error_message: 'message', status_code: 'status', api_key_id: 'key', prompt_id: 'prompt',
  trace_id: 'trace', timestamp: 'time', tokens_per_second: 'tokens per s', requests_per_conversation: 'requests each',
  median_seconds: 'median time',
};

// label is the name of a column as people say it.
export function label(name) {
  return WORDS[name] || name.replace(/_/g, ' ');
}

// sentence is what the server says, as it stands alone.
export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.?!…]$/.test(text) ? '' : '.');

// numeric columns stand at the right.
export function numeric(column) {
  return column.type === 'integer' || column.type === 'number' || column.type === 'decimal';
}

const regions = new Intl.DisplayNames('en', { type: 'region' });

export function show(value, column, zone) {
  if (value === null || value === undefined || value === '') return column.kind === 'dimension' ? '(none)' : '–';
  if (column.name === 'country' && /^[A-Z]{2}$/.test(value)) return regions.of(value);
  if (column.type === 'time') return moment(value, zone);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'number') return String(value);
  return figure(value, column);
}

export function figure(value, column) {
  switch (column.unit) {
    case 'USD': return value !== 0 && Math.abs(value) < 0.01 ? fine.format(value) : (Math.abs(value) < 1e5 ? cents : dollars).format(value);
    case 'ratio': return percent.format(value);
    case 'percent': case '%': return percent.format(value / 100);
    case 'ms': return length(value / 1000);
    case 's': case 'seconds': return length(value);
    case 'bytes': return bytes(value);
    case 'tokens': return Math.abs(value) < 100000 ? whole.format(value) : short.format(value);
  }
  if (column.type === 'integer') return whole.format(value);
  return exact.format(value);
}

// estimate says how far a figure may be off that was not counted one by one, null if it was.
export function estimate(answer, column) {
  const error = answer.meta?.relative_error?.[column.name];
  return error ? 'estimated, usually within ' + percent.format(error) : null;
}

// headline is a figure for which there is little room: of what is large, the first digits.
export function headline(value, column, zone) {
  if (typeof value !== 'number' || Math.abs(value) < 1e6) return show(value, column, zone);
  if (column.unit === 'USD') return many.format(value);
  return column.type === 'integer' && Math.abs(value) >= 1e8 ? short.format(value) : show(value, column, zone);
}

// mark is a figure beside an axis.
export function mark(value, column) {
  const size = Math.abs(value);
  if (column.unit === 'USD' && (size === 0 || size >= 0.01)) return (size < 1e4 ? round : many).format(value);
  if (column.type === 'integer' && !column.unit && size >= 1e4) return short.format(value);
  return figure(value, column).replace(':00 min', ' min');
}

// shorter is a text that is too long for a table or a legend: of a name, which may differ at its end, both
// ends, and of a sentence its beginning.
export function shorter(text, most = 80) {
  if (/\s/.test(text)) return text.length > 2 * most ? text.slice(0, 2 * most - 1).trimEnd() + '…' : text;
  const end = Math.floor(most / 3);
  return text.length > most ? text.slice(0, most - end - 1) + '…' + text.slice(-end) : text;
}

// length is a time span of so many seconds.
export function length(s) {
  if (s === 0) return '0 s';
  if (s < 1) return exact.format(Math.round(s * 1e4) / 10) + ' ms';
  if (s < 10) return exact.format(s) + ' s';
  if (s < 99.95) return exact.format(Math.round(s * 10) / 10) + ' s';
  if (s < 3599.5) return Math.floor(Math.round(s) / 60) + ':' + String(Math.round(s) % 60).padStart(2, '0') + ' min';
  if (s < 172800) return exact.format(Math.round(s / 360) / 10) + ' h';
  return exact.format(Math.round(s / 8640) / 10) + ' d';
}

export function bytes(n) {
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (Math.abs(n) < 1024) return brief.format(n) + ' ' + unit;
    n /= 1024;
  }
  return exact.format(n) + ' TiB';
}

// change is how much more or less, with a sign.
export function change(ratio) {
  if (Math.abs(ratio) >= 10) return '×' + exact.format(ratio + 1);
  return signed(percent.format(Math.abs(ratio)), ratio);
}

// points is a difference of two ratios.
export function points(difference) {
  const rounded = Math.round(difference * 1000) / 10;
  return signed(exact.format(Math.abs(rounded)), rounded) + ' pts';
}

const signed = (text, value) => (value > 0 ? '+' : value < 0 ? '−' : '') + text;

export function moment(value, zone) {
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return String(value);
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone || 'UTC', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit',
  }).format(at);
}

// bucket is the start of an interval.
export function bucket(value, interval, zone) {
  const day = { timeZone: zone || 'UTC', day: 'numeric', month: 'short' };
  const hour = { ...day, hour: '2-digit', minute: '2-digit' };
  const month = { timeZone: zone || 'UTC', month: 'short', year: 'numeric' };
  const form = interval === 'hour' ? hour : interval === 'month' ? month : day;
  return new Intl.DateTimeFormat('en-GB', form).format(new Date(value));
}
