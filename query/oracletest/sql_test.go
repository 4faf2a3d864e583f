package oracletest

import (
	"fmt"
	"strings"
)

// how is how an answer's number is compared with DuckDB's.
type how int

const (
	exactly   how = iota // whole numbers and money
	closely              // floats: the order of summing may differ
	quantile             // within the stated error of the value that many are at or below
	different            // within the stated error
)

// metric is what a metric means, in SQL over the export of its table.
type metric struct {
	name string
	sql  string
	how  how
	q    float64
}

// table is a kind of event.
type table struct {
	kind    string
	count   string // the metric that counts its rows, and pins a question to it
	metrics []metric
	texts   []string // fields to count and filter by
	numbers []string // fields to compare with numbers
	truths  []string
	bots    bool // what machines did is left out unless it is asked for
}

func whole(name, sql string) metric { return metric{name: name, sql: sql} }

func ratio(name, sql string) metric { return metric{name: name, sql: sql, how: closely} }

func distinct(name, field string) metric {
	return metric{name: name, sql: "count(DISTINCT nullif(" + field + ", ''))", how: different}
}

func rank(name, field string, q float64) metric {
	return metric{name: name, sql: "list(" + field + " ORDER BY " + field + ")", how: quantile, q: q}
}

func sum(field string) string { return "coalesce(sum(" + field + "), 0)" }

func join(all ...[]metric) (out []metric) {
	for _, m := range all {
		out = append(out, m...)
	}
	return out
}

var (
	outcomes = []metric{
		whole("errors", "count(*) FILTER (WHERE success = false)"),
		ratio("success_rate", "count(*) FILTER (WHERE success) / nullif(count(success), 0)"),
		ratio("error_rate", "count(*) FILTER (WHERE NOT success) / nullif(count(success), 0)"),
	}
	durations = []metric{
		ratio("avg_duration_ms", "sum(duration_ms)::DOUBLE / nullif(count(duration_ms), 0)"),
		rank("p50_duration_ms", "duration_ms", .5), rank("p90_duration_ms", "duration_ms", .9),
		rank("p95_duration_ms", "duration_ms", .95), rank("p99_duration_ms", "duration_ms", .99),
	}
	users    = []metric{distinct("users", "user_id")}
	visitors = []metric{distinct("visitors", "visitor_id")}
)

// tables says of each kind what can be asked.
var tables = []table{
	{
		kind: "ai_request", count: "requests",
		metrics: join(outcomes, durations, users, []metric{
			whole("input_tokens", sum("input_tokens")), whole("output_tokens", sum("output_tokens")),
			whole("cache_read_tokens", sum("cache_read_tokens")),
			whole("total_tokens", sum("input_tokens")+" + "+sum("output_tokens")),
			whole("cost", "sum(cost)"),
			whole("unpriced_requests", "count(*) FILTER (WHERE cost_source = 'unpriced')"),
			ratio("avg_ttfb_ms", "sum(ttfb_ms)::DOUBLE / nullif(count(ttfb_ms), 0)"),
			rank("p95_ttfb_ms", "ttfb_ms", .95),
			ratio("tokens_per_second", sum("output_tokens")+" * 1000.0 / nullif(sum(duration_ms)::DOUBLE, 0)"),
			ratio("cache_hit_rate", sum("cache_read_tokens")+"::DOUBLE / nullif(sum(input_tokens), 0)"),
			distinct("conversations", "conversation_id"),
		}),
		texts: []string{"model", "provider", "agent", "project", "prompt_id", "error_type", "cost_source",
			"endpoint"},
		numbers: []string{"duration_ms", "input_tokens", "status_code", "ttfb_ms"},
		truths:  []string{"success", "stream"},
	},
	{
		kind: "tool_call", count: "tool_calls",
		metrics: join(outcomes, durations, users, []metric{
			whole("result_bytes", sum("result_bytes")), distinct("tools", "tool"),
		}),
		texts:   []string{"tool", "server", "agent", "project", "error_type"},
		numbers: []string{"duration_ms", "result_bytes"}, truths: []string{"success"},
	},
	{
		kind: "agent_task", count: "agent_tasks", metrics: join(outcomes, durations, users),
		texts:   []string{"agent", "task", "status", "project", "error_type"},
		numbers: []string{"duration_ms"}, truths: []string{"success"},
	},
	{
		kind: "page_view", count: "page_views", metrics: join(users, visitors),
		texts: []string{"site", "path", "channel", "source", "medium", "country", "device", "browser", "os",
			"language", "project", "bot_class", "bot_name"}, bots: true,
	},
	{
		kind: "engagement", count: "engagements", metrics: join(users, visitors, []metric{
			whole("clicks", sum("clicks")),
			ratio("avg_time_on_page_seconds", "sum(time_on_page_ms) / 1000.0 / nullif(count(time_on_page_ms), 0)"),
			ratio("avg_scroll_depth", "sum(scroll_depth)::DOUBLE / nullif(count(scroll_depth), 0)"),
		}),
		texts:   []string{"site", "path", "bot_class", "project"},
		numbers: []string{"time_on_page_ms", "scroll_depth", "clicks"}, bots: true,
	},
	{
		kind: "activity", count: "activities", metrics: users,
		texts: []string{"category", "action", "actor", "severity", "project"},
	},
	{
		kind: "session", count: "sessions", metrics: join(users, visitors, []metric{
			ratio("bounce_rate", "count(*) FILTER (WHERE bounce) / nullif(count(bounce), 0)"),
			ratio("engaged_rate", "count(*) FILTER (WHERE engaged) / nullif(count(engaged), 0)"),
			ratio("pages_per_session", "sum(page_view_count)::DOUBLE / nullif(count(page_view_count), 0)"),
			ratio("avg_session_seconds", "sum(duration_ms)::DOUBLE / 1000 / nullif(count(duration_ms), 0)"),
			rank("p95_session_seconds", "duration_ms / 1000", .95),
			whole("session_page_views", sum("page_view_count")), whole("session_requests", sum("request_count")),
			whole("session_cost", "sum(cost)"),
		}),
		texts: []string{"site", "client", "channel", "source", "landing_page", "exit_page", "country", "device",
			"browser", "reading_pattern", "bot_class", "project"},
		numbers: []string{"page_view_count", "duration_ms", "event_count"}, truths: []string{"bounce", "engaged"},
		bots: true,
	},
	{
		kind: "metric", count: "samples", metrics: []metric{
			ratio("avg_value", "avg(value)"), ratio("min_value", "min(value)"), ratio("max_value", "max(value)"),
		},
		texts: []string{"name", "unit", "project"}, numbers: []string{"value"},
	},
}

// literal is a text in SQL.
func literal(v string) string { return "'" + strings.ReplaceAll(v, "'", "''") + "'" }

// statement is the question in SQL: the group, the bucket, and each metric.
func (q *question) statement(file string) string {
	group := "''"
	if len(q.by) > 0 {
		parts := make([]string, len(q.by))
		for i, name := range q.by {
			parts[i] = "coalesce(" + name + "::VARCHAR, '')"
		}
		group = strings.Join(parts, " || chr(31) || ")
	}
	bucket := "0"
	if q.interval != "" {
		var b strings.Builder
		b.WriteString("CASE")
		for i := len(q.edges) - 2; i >= 0; i-- {
			fmt.Fprintf(&b, " WHEN epoch_us(timestamp) >= %d THEN %d", q.edges[i].UnixMicro(), i)
		}
		bucket = b.String() + " END"
	}
	columns := []string{group + " AS g", bucket + " AS b"}
	for _, m := range q.metrics {
		columns = append(columns, m.sql)
	}
	return fmt.Sprintf("SELECT %s FROM read_parquet(%s) "+
		"WHERE epoch_us(timestamp) >= %d AND epoch_us(timestamp) < %d%s GROUP BY g, b",
		strings.Join(columns, ", "), literal(file), q.from.UnixMicro(), q.to.UnixMicro(), q.where())
}

// where is the filter in SQL.
func (q *question) where() string {
	var b strings.Builder
	for _, c := range q.conditions {
		b.WriteString(" AND " + c.sql)
	}
	if q.table.bots && !q.includeBots && !q.aboutBots() {
		b.WriteString(" AND coalesce(bot_class, '') IN ('', 'human', 'ghost')")
	}
	return b.String()
}
