package dashboard

// onSites leaves out sessions with the API.
const onSites = `site!=""`

// pages is the table of pages: the browser draws them from it, and what a share that is limited to pages
// may ask is judged by it.
var pages = []Page{
	{ID: "overview", Title: "Overview", Area: AI, Panels: []Panel{
		tiles("AI", "/v1/requests/stats", "cost,requests,errors,total_tokens,p95_duration_ms,unpriced_requests"),
		tiles("Web", "/v1/query", "page_views,visitors,avg_time_on_page_seconds,avg_scroll_depth").in(Web),
		chart("Spend", "/v1/costs/trends", "cost").compared(),
		chart("AI requests", "/v1/requests/trends", "requests,errors"),
		table("Models", "/v1/requests/models", "order", "-cost", "limit", "6", "by", "model",
			"metrics", "cost,requests,errors"),
		table("Agents", "/v1/agents/list", "limit", "6", "metrics", "requests,agent_tasks,errors,cost"),
		chart("Page views", "/v1/content/trends", "page_views,visitors").in(Web),
		table("Pages", "/v1/content/top", "limit", "7", "metrics", "page_views,visitors,avg_time_on_page_seconds").in(Web),
		table("Sources", "/v1/traffic/sources", "limit", "6", "metrics", "sessions,visitors,bounce_rate",
			"by", "source").in(Web),
		table("Tools", "/v1/tools/list", "limit", "6", "by", "tool", "metrics", "tool_calls,errors,avg_duration_ms"),
	}},
	{ID: "costs", Title: "Cost", Area: AI, Panels: []Panel{
		tiles("Spend", "/v1/costs/summary", ""),
		lines("Spend by model", "/v1/costs/trends", "cost", "model"),
		costBy("By model", "model"), costBy("By agent", "agent"), costBy("By user", "user_id"),
		costBy("By prompt", "prompt_id"), costBy("By project", "project"), costBy("By key", "api_key_id"),
		table("Our cost beside what clients report", "/v1/costs/drift", "limit", "10"),
		house("unpriced", "Without a price in the last 30 days", "/v1/pricing/unpriced").half(),
	}},
	{ID: "requests", Title: "Requests", Area: AI, Panels: []Panel{
		tiles("AI requests", "/v1/requests/stats", "requests,errors,success_rate,users,p50_duration_ms,"+
			"p95_duration_ms,tokens_per_second,cache_hit_rate"),
		chart("Requests", "/v1/requests/trends", "requests,errors"),
		chart("p95 duration", "/v1/requests/trends", "p95_duration_ms").compared(),
		table("Latest", "/v1/requests/list", "limit", "25", "fields", "timestamp,model,agent,user_id,project,"+
			"duration_ms,input_tokens,output_tokens,cost,status_code,error_type,id").broad(),
	}},
	{ID: "models", Title: "Models", Area: AI, Panels: []Panel{
		lines("Requests by model", "/v1/requests/trends", "requests", "model"),
		table("Models", "/v1/requests/models", "limit", "50").broad().compared(),
		part("Slowest", "/v1/performance/stats", "models").broad(),
		table("Providers", "/v1/requests/models", "by", "provider",
			"metrics", "requests,errors,cost,p50_duration_ms,p95_duration_ms").broad(),
	}},
	{ID: "agents", Title: "Agents", Area: AI, Panels: []Panel{
		tiles("Agents in numbers", "/v1/agents/stats",
			"agent_tasks,agents,errors,success_rate,avg_duration_ms,tool_calls,requests,cost"),
		lines("Tasks by agent", "/v1/agents/trends", "agent_tasks", "agent"),
		table("Agents", "/v1/agents/list").broad().compared(),
		table("How tasks ended", "/v1/query", "metrics", "agent_tasks,avg_duration_ms", "by", "agent,task,status",
			"limit", "20", "order", "-agent_tasks").broad(),
	}},
	{ID: "tools", Title: "Tools", Area: AI, Panels: []Panel{
		tiles("Tool calls", "/v1/tools/stats", "tool_calls,tools,errors,success_rate,avg_duration_ms,p95_duration_ms,users"),
		chart("Calls", "/v1/tools/trends", "tool_calls,errors"),
		chart("p95 duration", "/v1/tools/trends", "tool_calls,p95_duration_ms").drawn("p95_duration_ms").compared(), // of calls
		table("Tools", "/v1/tools/list").broad().compared(),
	}},
	{ID: "conversations", Title: "Conversations", Area: AI, Panels: []Panel{
		tiles("Conversations in numbers", "/v1/conversations/stats",
			"conversations,requests,requests_per_conversation,users,total_tokens,cost"),
		chart("Conversations", "/v1/conversations/trends", "conversations").compared().broad(),
		table("Latest", "/v1/conversations/list", "limit", "50").broad(),
	}},
	{ID: "errors", Title: "Errors", Area: AI, Panels: []Panel{
		part("AI requests", "/v1/errors/stats", "requests").as("tiles").third(),
		part("Tool calls", "/v1/errors/stats", "tools").as("tiles").third(),
		part("Agent tasks", "/v1/errors/stats", "agents").as("tiles").third(),
		failing("Failed requests over time", "/v1/requests/trends", "requests"),
		failing("Failed tool calls over time", "/v1/tools/trends", "tool_calls"),
		failing("Failed tasks over time", "/v1/agents/trends", "agent_tasks"),
		part("Failed requests", "/v1/errors/stats", "by_model").broad(),
		part("Failed tool calls", "/v1/errors/stats", "by_tool"),
		part("Failed tasks", "/v1/errors/stats", "by_agent"),
		table("Latest", "/v1/errors/list", "limit", "25", "fields", "timestamp,type,subject,agent,user_id,status_code,"+
			"error_type,error_message,duration_ms,id").broad(),
	}},
	{ID: "trace", Title: "Traces", Area: AI, Panels: []Panel{
		{As: "trail", Title: "Trace", Path: trailPath, Wide: true},
		table("Latest traces", "/v1/trace/list", "limit", "30").broad(),
	}},
	{ID: "traffic", Title: "Traffic", Area: Web, Panels: []Panel{
		tiles("Visits in numbers", "/v1/sessions/stats", "sessions,visitors,session_page_views,pages_per_session,"+
			"bounce_rate,engaged_rate,avg_session_seconds").of(onSites),
		chart("Visits", "/v1/sessions/trends", "sessions,visitors").of(onSites).broad(),
		table("Sources", "/v1/traffic/sources", "limit", "12", "metrics", "sessions,visitors,bounce_rate"),
		table("Countries", "/v1/traffic/geo", "limit", "12", "metrics", "sessions,visitors,bounce_rate"),
		table("Devices", "/v1/traffic/devices", "limit", "12", "metrics", "sessions,visitors,bounce_rate"),
		table("Campaigns", "/v1/traffic/campaigns", "limit", "12", "metrics", "sessions,visitors,bounce_rate"),
		table("Quality of the sources", "/v1/traffic/quality", "limit", "12").broad().compared(),
		table("From page to page", "/v1/traffic/transitions", "limit", "12"),
		part("Links that are clicked", "/v1/traffic/links", "links"),
		table("Are visitors inflated?", "/v1/traffic/diagnose", "limit", "3").broad(),
	}},
	{ID: "content", Title: "Content", Area: Web, Panels: []Panel{
		tiles("Reading", "/v1/content/stats", ""),
		chart("Page views", "/v1/content/trends", "page_views,visitors"),
		chart("Time on page", "/v1/content/trends", "avg_time_on_page_seconds").compared(),
		table("Pages", "/v1/content/top", "limit", "30").broad().compared(),
		table("Going up or down", "/v1/content/popular", "limit", "20").broad(),
	}},
	{ID: "live", Title: "Live", Area: Web, Every: 5, Panels: []Panel{
		table("Here in the last half hour", "/v1/sessions/live", "within", "30m").broad(),
		table("Latest sessions", "/v1/sessions/list", "limit", "20", "fields", "timestamp,client,site,landing_page,"+
			"exit_page,page_view_count,duration_ms,source,country,device,reading_pattern,user_id,id").broad(),
	}},
	{ID: "funnels", Title: "Funnels", Area: Web, Panels: []Panel{
		house("funnels", "Funnels", funnelsPath).in(House).compared(),
	}},
	{ID: "bots", Title: "Bots", Area: Web, Panels: []Panel{
		part("Who views pages", "/v1/traffic/bots", "classes"),
		part("Left out over time", "/v1/traffic/bots", "trend").drawn("page_views"),
		part("Left out: which", "/v1/traffic/bots", "bots").broad(),
		part("Left out: why", "/v1/traffic/bots", "reasons").broad(),
		part("What they asked for", "/v1/traffic/bots", "pages"),
		part("Counted, though something was odd", "/v1/traffic/bots", "suspects"),
	}},
	{ID: "alerts", Title: "Budgets and alerts", Area: House, Panels: []Panel{
		house("alerts", "Alerts", "/v1/alerts"),
		house("budgets", "Budgets", "/v1/budgets").optional(),
		house("rules", "Rules", "/v1/alerts/rules"),
		house("anomalies", "Anomalies", "/v1/alerts/anomalies"),
	}},
	{ID: "audit", Title: "Audit trail", Area: House, Panels: []Panel{
		table("What was done", "/v1/audit/stats", "limit", "12").broad(),
		table("Latest", "/v1/audit/list", "limit", "50", "fields",
			"timestamp,category,action,actor,target,outcome,severity").broad(),
	}},
	{ID: "health", Title: "Health", Area: House, Panels: []Panel{
		secret("store", "Store", "/metrics"),
		part("Health of what is measured", "/v1/performance/stats", "health").broad(),
		secret("jobs", "Jobs", "/v1/jobs"),
		secret("outbox", "Messages", "/v1/outbox"),
	}},
	{ID: "keys", Title: "Access", Area: House, Panels: []Panel{
		secret("keys", "Keys", "/v1/keys"),
		secret("shares", "Shares", "/v1/dashboard/shares"),
		secret("users", "Users", "/v1/dashboard/users"),
	}},
}

// The paths of which pages ask for what is below them, too.
const (
	trailPath   = "/v1/trace/show"
	funnelsPath = "/v1/funnels"
)

// failing is errors over time, of the events that the metric counts.
func failing(title, path, counts string) Panel {
	return chart(title, path, counts+",errors").drawn("errors").compared().third()
}

func costBy(title, by string) Panel {
	return table(title, "/v1/costs/breakdown", "by", by, "limit", "8")
}
