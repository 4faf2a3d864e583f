package cube

import (
	"slices"

	"analytics/engine/event"
)

// Cube is a declaration: what is counted by what, for each hour. Adding a cube is adding one here;
// segments sealed before get a block of it with the next start, from their events (rollup.Renew). A block
// names what it counts by what, which is how an older one is told from a wrong one: so whoever changes how
// something is counted gives it another name, or the cube another number.
type Cube struct {
	ID       uint8 // in keys on disk, never reused
	Name     string
	Kind     event.Kind
	Dims     []string
	Measures []string // rows first
}

// Numbers of the cubes on disk; append only.
const (
	AIUsage uint8 = 1 + iota
	AIErrors
	AIPrompts
	AIKeys
	AIUsers
	Tools
	Agents
	Activity
	Pages
	Sources
	Devices
	Places
	Engagement
	Events
	Metrics
	Sessions
	SessionPatterns
	SessionPlaces
	SessionLandings
	SessionExits
)

var (
	outcome  = []string{"count(success=true)", "count(success=false)", "count(success)"}
	duration = []string{"sum(duration_ms)", "count(duration_ms)", "sketch(duration_ms)"}
	tokens   = []string{
		"sum(input_uncached_tokens)", "sum(cache_read_tokens)", "sum(cache_write_tokens)",
		"sum(cache_write_1h_tokens)", "sum(audio_input_tokens)", "sum(output_text_tokens)",
		"sum(reasoning_tokens)", "sum(audio_output_tokens)",
	}
	money = []string{"sum(cost)", "count(cost)", "sum(client_cost)",
		"count(cost_source=unpriced)"}
	visitors = []string{"distinct(visitor_id)", "distinct(session_id)", "distinct(user_id)",
		"count(session_id)"}
	// sample is what tells how much of the numbers is scaled up: the events that stand for others,
	// and how many they stand for.
	sample = []string{Kept, StoodFor}
	// visits is what is counted of sessions, by whatever.
	visits = []string{"rows", "count(bounce=true)", "count(bounce)", "count(engaged=true)",
		"count(engaged)", "sum(page_view_count)", "count(page_view_count)", "sum(event_count)",
		"sum(request_count)", "sum(tool_call_count)", "sum(error_count)", "sum(click_count)",
		"sum(time_on_page_ms)", "count(time_on_page_ms)", "sum(cost)", "count(cost)",
		"sum(duration_ms)", "count(duration_ms)", "sketch(duration_ms)", "distinct(visitor_id)",
		"distinct(user_id)"}
	people = []string{"distinct(user_id)", "distinct(session_id)", "distinct(conversation_id)"}
)

// cubes are the declarations, of each kind the ones expected to have fewer cells first.
var cubes = []Cube{
	{AIUsage, "ai_usage", event.AIRequest,
		[]string{"provider", "model", "endpoint", "operation", "project", "agent", "backend",
			"cost_source"},
		rowsAnd(outcome, tokens, money, duration,
			[]string{"sum(ttfb_ms)", "count(ttfb_ms)", "sketch(ttfb_ms)", "sum(request_bytes)",
				"sum(response_bytes)", "count(cache_hit=true)", "count(cache_hit)",
				"count(stream=true)"}, people)},
	{AIErrors, "ai_errors", event.AIRequest,
		[]string{"provider", "model", "endpoint", "project", "agent", "backend", "status_code",
			"error_type", "success"},
		rowsAnd(outcome, []string{"sum(duration_ms)", "count(duration_ms)", "max(timestamp)"})},
	{AIPrompts, "ai_prompts", event.AIRequest,
		[]string{"prompt_id", "prompt_version", "provider", "model", "project"},
		rowsAnd(outcome, tokens, money, duration)},
	{AIKeys, "ai_keys", event.AIRequest,
		[]string{"api_key_id", "api_key_label", "provider", "model", "project"},
		rowsAnd(outcome, tokens, money,
			[]string{"sum(duration_ms)", "count(duration_ms)", "max(timestamp)"})},
	{AIUsers, "ai_users", event.AIRequest,
		[]string{"user_id", "provider", "model", "project"},
		rowsAnd(outcome, tokens, money, []string{"sum(duration_ms)", "count(duration_ms)"})},
	{Tools, "tools", event.ToolCall,
		[]string{"tool", "server", "agent", "project", "error_type", "success"},
		rowsAnd(outcome, duration, []string{"sum(result_bytes)"}, people, sample)},
	{Agents, "agents", event.AgentTask,
		[]string{"agent", "task", "status", "project", "error_type", "success"},
		rowsAnd(outcome, duration, people, sample)},
	{Activity, "activity", event.Activity,
		[]string{"category", "action", "severity", "outcome", "project"},
		rowsAnd([]string{"distinct(actor)", "max(timestamp)"}, people)},
	{Sources, "sources", event.PageView,
		[]string{"site", "channel", "source", "medium", "campaign", "referrer_host",
			"bot_class"}, rowsAnd(visitors, sample)},
	{Devices, "devices", event.PageView,
		[]string{"site", "device", "browser", "os", "country", "bot_class", "bot_name"},
		rowsAnd(visitors, sample)},
	{Places, "places", event.PageView,
		[]string{"site", "country", "region", "city", "language", "bot_class"},
		rowsAnd(visitors, sample)},
	{Pages, "pages", event.PageView,
		[]string{"site", "path", "content_id", "status_code", "bot_class"},
		rowsAnd(visitors, sample)},
	{Engagement, "engagement", event.Engagement,
		[]string{"site", "path", "content_id", "bot_class"},
		rowsAnd([]string{"sum(time_on_page_ms)", "count(time_on_page_ms)",
			"sketch(time_on_page_ms)", "sum(scroll_depth)", "count(scroll_depth)",
			"sum(clicks)"}, visitors, sample)},
	{Events, "events", event.Custom,
		[]string{"name", "site", "path", "bot_class"}, rowsAnd(visitors, sample)},
	{Metrics, "metrics", event.Metric,
		[]string{"name", "unit", "project"},
		rowsAnd([]string{"count(value)", "sum(value)", "min(value)", "max(value)",
			"max(timestamp)"})},
	{SessionPatterns, "session_patterns", event.Session,
		[]string{"site", "client", "reading_pattern", "bot_class"}, visits},
	{Sessions, "sessions", event.Session,
		[]string{"site", "client", "channel", "source", "medium", "campaign", "bot_class"}, visits},
	{SessionPlaces, "session_places", event.Session,
		[]string{"site", "country", "device", "browser", "os", "bot_class"}, visits},
	{SessionLandings, "session_landings", event.Session,
		[]string{"site", "landing_page", "bot_class"}, visits},
	{SessionExits, "session_exits", event.Session,
		[]string{"site", "exit_page", "bot_class"}, visits},
}

func rowsAnd(groups ...[]string) []string {
	return append([]string{"rows"}, slices.Concat(groups...)...)
}

// Cubes lists the cubes of a kind, the ones expected to have fewer cells first.
func Cubes(kind event.Kind) []Cube {
	var of []Cube
	for _, c := range cubes {
		if c.Kind == kind {
			of = append(of, c)
		}
	}
	return of
}

// ByID finds a cube.
func ByID(id uint8) (Cube, bool) {
	for _, c := range cubes {
		if c.ID == id {
			return c, true
		}
	}
	return Cube{}, false
}

// Cover finds the smallest cube of the kind that holds all the dimensions (those of filters, too)
// and measures; ok is false when only raw events have them all.
func Cover(kind event.Kind, dims, measures []string) (c Cube, ok bool) {
	for _, c := range cubes {
		if c.Kind == kind && holdsAll(c.Dims, dims) && c.counts(measures) {
			return c, true
		}
	}
	return Cube{}, false
}

// CoverSpec is Cover for what a Spec asks, its filter included.
func CoverSpec(s Spec) (c Cube, ok bool) {
	dims := slices.Clone(s.Dims)
	for _, p := range s.Filter {
		if _, sum := totals[p.Field]; sum && s.Kind == event.AIRequest {
			return Cube{}, false
		}
		dims = append(dims, p.Field)
	}
	return Cover(s.Kind, dims, s.Measures)
}

// counts reports whether the cube has the measures. The different values of a dimension are those of
// its cells.
func (c Cube) counts(measures []string) bool {
	for _, name := range measures {
		if slices.Contains(c.Measures, name) {
			continue
		}
		m, err := ParseMeasure(c.Kind, name)
		if err != nil || m.Op != Distinct || c.Kind.Fields()[m.Field].Type == event.ID ||
			!slices.Contains(c.Dims, c.Kind.Fields()[m.Field].Name) {
			return false
		}
	}
	return true
}

func holdsAll(have, want []string) bool {
	for _, name := range want {
		if !slices.Contains(have, name) {
			return false
		}
	}
	return true
}
