// The pages: which questions each asks, and how the answers are shown. `takes` says what of the
// address a question understands; see params in address.js.

const chart = (title, path, metrics, more) => ({ as: 'chart', title, path, takes: 'all', metrics, ...more });
const table = (title, path, params, more) => ({ as: 'table', title, path, takes: 'filter', params, ...more });
const tiles = (title, path, metrics, more) => ({ as: 'tiles', title, path, takes: 'all', compare: true, wide: true,
  params: metrics && { metrics }, ...more });
const part = (title, path, name, more) => table(title, path, null, { part: name, ...more });
const timed = (title, path, params) => table(title, path, params, { takes: 'time' });
const costBy = (title, by) => table(title, '/v1/costs/breakdown', { by, limit: 8 });

const linesOf = (title, path, metric, by) => chart(title, path, [metric], { by, wide: true,
  params: { metrics: metric, by, order: '-' + metric, limit: 5, other: 'true' } });

export const pages = [
  { id: 'overview', title: 'Overview', area: 'ai', panels: [
    tiles('AI', '/v1/requests/stats', 'cost,requests,errors,total_tokens,p95_duration_ms,unpriced_requests'),
    tiles('Web', '/v1/query', 'page_views,visitors,avg_time_on_page_seconds,avg_scroll_depth'),
    chart('Spend', '/v1/costs/trends', ['cost'], { params: { metrics: 'cost' }, compare: true }),
    chart('AI requests', '/v1/requests/trends', ['requests', 'errors'], { params: { metrics: 'requests,errors' } }),
    table('Models', '/v1/requests/models', { order: '-cost', limit: 6, by: 'model', metrics: 'cost,requests,errors' }),
    table('Agents', '/v1/agents/list', { limit: 6, metrics: 'requests,agent_tasks,errors,cost' }),
    chart('Page views', '/v1/content/trends', ['page_views', 'visitors'], { params: { metrics: 'page_views,visitors' } }),
    table('Pages', '/v1/content/top', { limit: 7, metrics: 'page_views,visitors,avg_time_on_page_seconds' }),
    table('Sources', '/v1/traffic/sources', { limit: 6, metrics: 'sessions,visitors,bounce_rate', by: 'source' }),
    table('Tools', '/v1/tools/list', { limit: 6, by: 'tool', metrics: 'tool_calls,errors,avg_duration_ms' }),
  ] },
  { id: 'costs', title: 'Cost', area: 'ai', panels: [
    tiles('Spend', '/v1/costs/summary'),
    linesOf('Spend by model', '/v1/costs/trends', 'cost', 'model'),
    costBy('By model', 'model'), costBy('By agent', 'agent'), costBy('By project', 'project'),
    costBy('By user', 'user_id'), costBy('By prompt', 'prompt_id'), costBy('By key', 'api_key_id'),
    table('Ours beside the clients’ own figures', '/v1/costs/drift', { limit: 10 }),
    { as: 'unpriced', title: 'Without a price', path: '/v1/pricing/unpriced', takes: 'none' },
  ] },
  { id: 'requests', title: 'Requests', area: 'ai', panels: [
    tiles('AI requests', '/v1/requests/stats', 'requests,errors,success_rate,users,avg_duration_ms,p50_duration_ms,' +
      'p95_duration_ms,tokens_per_second,cache_hit_rate'),
    chart('Requests', '/v1/requests/trends', ['requests', 'errors'], { params: { metrics: 'requests,errors' } }),
    chart('Slowest twentieth', '/v1/requests/trends', ['p95_duration_ms'], { compare: true, params: { metrics: 'p95_duration_ms' } }),
    table('Latest', '/v1/requests/list', { limit: 25 }, { wide: true }),
  ] },
  { id: 'models', title: 'Models', area: 'ai', panels: [
    linesOf('Requests by model', '/v1/requests/trends', 'requests', 'model'),
    table('Models', '/v1/requests/models', { limit: 50 }, { wide: true }),
    table('Providers', '/v1/requests/models', { by: 'provider', metrics: 'requests,errors,cost,p95_duration_ms' }),
    part('Slowest', '/v1/performance/stats', 'models'),
  ] },
  { id: 'agents', title: 'Agents', area: 'ai', panels: [
    tiles('Agents in numbers', '/v1/agents/stats', 'agent_tasks,agents,errors,success_rate,avg_duration_ms,tool_calls,requests,cost'),
    linesOf('Tasks by agent', '/v1/agents/trends', 'agent_tasks', 'agent'),
    table('Agents', '/v1/agents/list', null, { wide: true }),
    table('How tasks ended', '/v1/query', { metrics: 'agent_tasks,avg_duration_ms', by: 'agent,task,status', limit: 20,
      order: '-agent_tasks' }, { wide: true }),
  ] },
  { id: 'tools', title: 'Tools', area: 'ai', panels: [
    tiles('Tool calls', '/v1/tools/stats', 'tool_calls,tools,errors,success_rate,avg_duration_ms,p95_duration_ms,users'),
    chart('Calls', '/v1/tools/trends', ['tool_calls', 'errors'], { params: { metrics: 'tool_calls,errors' } }),
    chart('Slowest twentieth', '/v1/tools/trends', ['p95_duration_ms'], { compare: true, params: { metrics: 'p95_duration_ms' } }),
    table('Tools', '/v1/tools/list', null, { wide: true }),
  ] },
  { id: 'conversations', title: 'Conversations', area: 'ai', panels: [
    tiles('Conversations in numbers', '/v1/conversations/stats',
      'conversations,requests,requests_per_conversation,users,total_tokens,cost'),
    chart('Conversations', '/v1/conversations/trends', ['conversations'], { compare: true, wide: true,
      params: { metrics: 'conversations' } }),
    table('Latest', '/v1/conversations/list', { limit: 50 }, { wide: true }),
  ] },
  { id: 'errors', title: 'Errors', area: 'ai', panels: [
    part('AI requests', '/v1/errors/stats', 'requests', { as: 'tiles' }),
    part('Tool calls', '/v1/errors/stats', 'tools', { as: 'tiles' }),
    part('Agent tasks', '/v1/errors/stats', 'agents', { as: 'tiles' }),
    part('Over time', '/v1/errors/stats', 'trend', { as: 'chart', metrics: ['errors'] }),
    part('Failed requests', '/v1/errors/stats', 'by_model', { wide: true }),
    part('Failed tool calls', '/v1/errors/stats', 'by_tool'),
    part('Failed tasks', '/v1/errors/stats', 'by_agent'),
    table('Latest', '/v1/errors/list', { limit: 25 }, { wide: true }),
  ] },
  { id: 'trace', title: 'Traces', area: 'ai', panels: [
    { as: 'trail', title: 'Trace', path: '/v1/trace/show', takes: 'none', wide: true },
    table('Latest traces', '/v1/trace/list', { limit: 30 }, { wide: true }),
  ] },
  { id: 'traffic', title: 'Traffic', area: 'web', panels: [
    tiles('Visits in numbers', '/v1/sessions/stats', 'sessions,visitors,session_page_views,pages_per_session,bounce_rate,' +
      'engaged_rate,avg_session_seconds', { own: 'site!=""' }),
    chart('Visits', '/v1/sessions/trends', ['sessions', 'visitors'], { own: 'site!=""', wide: true,
      params: { metrics: 'sessions,visitors' } }),
    table('Sources', '/v1/traffic/sources', { limit: 12, metrics: 'sessions,visitors,bounce_rate,engaged_rate' }),
    timed('How good the sources are', '/v1/traffic/quality', { limit: 12 }),
    table('Countries', '/v1/traffic/geo', { limit: 12, metrics: 'sessions,visitors,bounce_rate' }),
    table('Devices', '/v1/traffic/devices', { limit: 12, metrics: 'sessions,visitors,bounce_rate' }),
    table('Campaigns', '/v1/traffic/campaigns', { limit: 12, metrics: 'sessions,visitors,bounce_rate' }),
    part('Links that are clicked', '/v1/traffic/links', 'links'),
    timed('From page to page', '/v1/traffic/transitions', { limit: 12 }),
    timed('Are visitors inflated?', '/v1/traffic/diagnose', { limit: 3 }),
  ] },
  { id: 'content', title: 'Content', area: 'web', panels: [
    tiles('Reading', '/v1/content/stats'),
    chart('Page views', '/v1/content/trends', ['page_views', 'visitors'], { params: { metrics: 'page_views,visitors' } }),
    chart('Time on page', '/v1/content/trends', ['avg_time_on_page_seconds'], { compare: true,
      params: { metrics: 'avg_time_on_page_seconds' } }),
    table('Pages', '/v1/content/top', { limit: 30 }, { wide: true }),
    table('Going up or down', '/v1/content/popular', { limit: 20 }, { wide: true, takes: 'none' }),
  ] },
  { id: 'live', title: 'Live', area: 'web', every: 5, panels: [
    table('Here in the last half hour', '/v1/sessions/live', { within: '30m' }, { takes: 'none', wide: true }),
    table('Latest sessions', '/v1/sessions/list', { limit: 20 }, { wide: true }),
  ] },
  { id: 'funnels', title: 'Funnels', area: 'web', panels: [
    { as: 'funnels', title: 'Funnels', path: '/v1/funnels', takes: 'none', wide: true },
  ] },
  { id: 'bots', title: 'Bots', area: 'web', panels: [
    part('Who views pages', '/v1/traffic/bots', 'classes'),
    part('Left out over time', '/v1/traffic/bots', 'trend', { as: 'chart', metrics: ['page_views'] }),
    part('Left out: which', '/v1/traffic/bots', 'bots', { wide: true }),
    part('Left out: why', '/v1/traffic/bots', 'reasons', { wide: true }),
    part('What they asked for', '/v1/traffic/bots', 'pages'),
    part('Counted, though something was odd', '/v1/traffic/bots', 'suspects'),
  ] },
  { id: 'alerts', title: 'Budgets, alerts', area: 'house', panels: [
    { as: 'alerts', title: 'Alerts', path: '/v1/alerts', takes: 'none', wide: true },
    { as: 'budgets', title: 'Budgets', path: '/v1/budgets', takes: 'none', optional: true, wide: true },
    { as: 'rules', title: 'Rules', path: '/v1/alerts/rules', takes: 'none', wide: true },
    { as: 'anomalies', title: 'Anomalies', path: '/v1/alerts/anomalies', takes: 'none', wide: true },
  ] },
  { id: 'health', title: 'Health', area: 'house', panels: [
    { admin: true, as: 'store', title: 'Store', path: '/metrics', takes: 'none', wide: true },
    part('Health of what is measured', '/v1/performance/stats', 'health', { wide: true, takes: 'time' }),
    { admin: true, as: 'jobs', title: 'Jobs', path: '/v1/jobs', takes: 'none', wide: true },
    { admin: true, as: 'outbox', title: 'Messages', path: '/v1/outbox', takes: 'none', wide: true },
  ] },
  { id: 'keys', title: 'Keys', area: 'house', panels: [
    { admin: true, as: 'keys', title: 'Keys', path: '/v1/keys', takes: 'none', wide: true },
  ] },
];
