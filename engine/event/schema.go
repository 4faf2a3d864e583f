package event

// weight is how many events one stands for that was kept while others of its kind were left out by
// sampling, ours or the sender's; missing is one. The kinds that are never sampled have no such
// field.
var weight = Field{Name: "sample_weight", Type: Int, Max: MaxWeight}

var weights = [kindEnd]int{
	ToolCall: ToolWeight, AgentTask: TaskWeight, PageView: PageWeight,
	Engagement: EngagementWeight, Custom: CustomWeight,
}

var schemas = [kindEnd][]Field{
	AIRequest: with("", []Field{
		{Name: "model", Type: String, Max: 256, Required: true},
		{Name: "provider", Type: String, Max: 64},
		{Name: "endpoint", Type: String, Max: 256},
		{Name: "method", Type: String, Max: 16},
		{Name: "operation", Type: String, Max: 64},
		{Name: "stream", Type: Bool},
		{Name: "status_code", Type: Int, Max: 999},
		{Name: "success", Type: Bool},
		{Name: "error_type", Type: String, Max: 128},
		{Name: "error_message", Type: Text, Max: 200},
		{Name: "input_uncached_tokens", Type: Int, Unit: "tokens", Derived: true},
		{Name: "cache_read_tokens", Type: Int, Unit: "tokens"},
		{Name: "cache_write_tokens", Type: Int, Unit: "tokens"},
		{Name: "cache_write_1h_tokens", Type: Int, Unit: "tokens"},
		{Name: "audio_input_tokens", Type: Int, Unit: "tokens"},
		{Name: "output_text_tokens", Type: Int, Unit: "tokens", Derived: true},
		{Name: "reasoning_tokens", Type: Int, Unit: "tokens"},
		{Name: "audio_output_tokens", Type: Int, Unit: "tokens"},
		{Name: "client_cost", Type: Money, Unit: "USD", Derived: true},
		{Name: "cost", Type: Money, Unit: "USD", Derived: true},
		{Name: "cost_source", Type: String, Derived: true},
		{Name: "price_version", Type: String, Derived: true},
		{Name: "price_key", Type: String, Derived: true},
		{Name: "duration_ms", Type: Millis, Unit: "ms"},
		{Name: "ttfb_ms", Type: Millis, Unit: "ms"},
		{Name: "upstream_duration_ms", Type: Millis, Unit: "ms"},
		{Name: "request_bytes", Type: Int, Unit: "bytes"},
		{Name: "response_bytes", Type: Int, Unit: "bytes"},
		{Name: "message_count", Type: Int},
		{Name: "user_agent", Type: Text},
		{Name: "api_key_id", Type: String, Max: 128},
		{Name: "api_key_label", Type: String, Max: 128},
		{Name: "auth_method", Type: String, Max: 64},
		{Name: "authenticated", Type: Bool},
		{Name: "backend", Type: String, Max: 128},
		{Name: "upstream_mode", Type: String, Max: 64},
		{Name: "mcp_enabled", Type: Bool},
		{Name: "mcp_servers", Type: String},
		{Name: "system_prompt_applied", Type: Bool},
		{Name: "prompt_id", Type: String, Max: 128},
		{Name: "prompt_version", Type: String, Max: 64},
		{Name: "cache_hit", Type: Bool},
		{Name: "attempt", Type: Int, Max: 1000},
		{Name: "tier", Type: String, Max: 64},
		{Name: "country", Type: String, Derived: true},
		{Name: "input_tokens", Type: Int, Unit: "tokens", Transient: true},
		{Name: "output_tokens", Type: Int, Unit: "tokens", Transient: true},
		{Name: "cost_usd", Type: Float, Unit: "USD", Transient: true},
		{Name: "client_ip", Type: Text, Max: 64, Transient: true},
		{Name: "response_model", Type: String, Max: 256}, // the model that answered, where it says so
		{Name: "finish_reason", Type: String, Max: 64},
		{Name: "usage_source", Type: String, Max: 16}, // provider, client, estimated, partial or none
		{Name: "requested_tool_calls", Type: Int},     // tools the model asked for in its answer
		{Name: "web_searches", Type: Int},             // billed by the provider for each
		// Parts of input_uncached_tokens and output_text_tokens, for the providers that bill them apart.
		{Name: "image_input_tokens", Type: Int, Unit: "tokens"},
		{Name: "image_output_tokens", Type: Int, Unit: "tokens"},
		{Name: "overhead_ms", Type: Millis, Unit: "ms"}, // what our own gateway added
	}),
	ToolCall: with("", []Field{
		{Name: "tool", Type: String, Max: 256, Required: true},
		{Name: "server", Type: String, Max: 128},
		{Name: "success", Type: Bool},
		{Name: "error_type", Type: String, Max: 128},
		{Name: "error_message", Type: Text, Max: 200},
		{Name: "duration_ms", Type: Millis, Unit: "ms"},
		{Name: "result_bytes", Type: Int, Unit: "bytes"},
		weight,
	}),
	AgentTask: with("agent", []Field{
		{Name: "task", Type: String, Max: 256},
		{Name: "status", Type: String, Max: 32},
		{Name: "success", Type: Bool},
		{Name: "error_type", Type: String, Max: 128},
		{Name: "duration_ms", Type: Millis, Unit: "ms"},
		weight,
	}),
	PageView: with("", []Field{
		{Name: "url", Type: Text, Max: 2048, Required: true, Transient: true},
		{Name: "site", Type: String, Max: 253},
		{Name: "path", Type: String, Max: 512, Derived: true},
		{Name: "title", Type: Text, Max: 512},
		{Name: "referrer", Type: Text, Max: 2048, Transient: true},
		{Name: "referrer_host", Type: String, Derived: true},
		{Name: "source", Type: String, Max: 128, Derived: true},
		{Name: "channel", Type: String, Derived: true},
		{Name: "medium", Type: String, Max: 128, Derived: true},
		{Name: "campaign", Type: String, Max: 256, Derived: true},
		{Name: "method", Type: String, Max: 16},
		{Name: "status_code", Type: Int, Max: 999},
		{Name: "user_agent", Type: Text},
		{Name: "client_ip", Type: Text, Max: 64, Transient: true},
		{Name: "language", Type: String, Max: 64},
		{Name: "screen", Type: String, Max: 32},
		{Name: "content_id", Type: String, Max: 128},
		{Name: "country", Type: String, Derived: true},
		{Name: "region", Type: String, Derived: true},
		{Name: "city", Type: String, Derived: true},
		{Name: "device", Type: String, Derived: true},
		{Name: "browser", Type: String, Derived: true},
		{Name: "os", Type: String, Derived: true},
		{Name: "bot_class", Type: String, Derived: true},
		{Name: "bot_name", Type: String, Derived: true},
		{Name: "visitor_id", Type: ID, Derived: true},
		weight,
		{Name: "utm_term", Type: String, Max: 256, Derived: true},
		{Name: "utm_content", Type: String, Max: 256, Derived: true},
		{Name: "click_id", Type: String, Max: 16, Derived: true}, // whose it is, such as gclid; never the id
		{Name: "network", Type: String, Max: 128, Derived: true}, // who runs the address, where a list says
		// What is known of machines: see ingest/enrich. Reasons are words joined by commas.
		{Name: "bot_purpose", Type: String, Max: 32, Derived: true},
		{Name: "bot_score", Type: Int, Max: 100, Derived: true},
		{Name: "bot_reasons", Type: String, Max: 256, Derived: true},
		{Name: "classifier", Type: String, Max: 16, Derived: true},
		{Name: "fingerprint", Type: ID, Derived: true}, // hash of user agent and language
		// Via is tracker, server or log: who saw the view. Signals are words joined by commas, what of
		// the request or browser was odd.
		{Name: "via", Type: String, Max: 16},
		{Name: "signals", Type: String, Max: 256},
		{Name: "browser_version", Type: String, Max: 16, Derived: true}, // the first number of it
		{Name: "os_version", Type: String, Max: 16, Derived: true},
		{Name: "client_hints", Type: Text, Max: 512, Transient: true}, // see enrich.HintsOf
	}),
	Engagement: with("", []Field{
		{Name: "url", Type: Text, Max: 2048, Required: true, Transient: true},
		{Name: "site", Type: String, Max: 253},
		{Name: "path", Type: String, Max: 512, Derived: true},
		{Name: "time_on_page_ms", Type: Int, Unit: "ms"},
		{Name: "scroll_depth", Type: Int, Unit: "percent", Max: 100},
		{Name: "clicks", Type: Int},
		{Name: "user_agent", Type: Text},
		{Name: "client_ip", Type: Text, Max: 64, Transient: true},
		{Name: "content_id", Type: String, Max: 128},
		{Name: "bot_class", Type: String, Derived: true},
		{Name: "bot_name", Type: String, Derived: true},
		{Name: "visitor_id", Type: ID, Derived: true},
		weight,
		{Name: "bot_purpose", Type: String, Max: 32, Derived: true},
		{Name: "bot_score", Type: Int, Max: 100, Derived: true},
		{Name: "bot_reasons", Type: String, Max: 256, Derived: true},
		{Name: "classifier", Type: String, Max: 16, Derived: true},
		{Name: "via", Type: String, Max: 16},
		{Name: "signals", Type: String, Max: 256},
	}),
	Custom: with("", []Field{
		{Name: "name", Type: String, Max: 256, Required: true},
		{Name: "url", Type: Text, Max: 2048, Transient: true},
		{Name: "site", Type: String, Max: 253, Derived: true},
		{Name: "path", Type: String, Max: 512, Derived: true},
		{Name: "user_agent", Type: Text},
		{Name: "client_ip", Type: Text, Max: 64, Transient: true},
		{Name: "bot_class", Type: String, Derived: true},
		{Name: "bot_name", Type: String, Derived: true},
		{Name: "visitor_id", Type: ID, Derived: true},
		weight,
		{Name: "bot_purpose", Type: String, Max: 32, Derived: true},
		{Name: "bot_score", Type: Int, Max: 100, Derived: true},
		{Name: "bot_reasons", Type: String, Max: 256, Derived: true},
		{Name: "classifier", Type: String, Max: 16, Derived: true},
		{Name: "via", Type: String, Max: 16},
		{Name: "signals", Type: String, Max: 256},
		{Name: "target", Type: String, Max: 512}, // of a click on a link: where it goes, without the query
	}),
	Activity: with("", []Field{
		{Name: "category", Type: String, Max: 64, Required: true},
		{Name: "action", Type: String, Max: 128, Required: true},
		{Name: "actor", Type: String, Max: 128},
		{Name: "target", Type: String, Max: 256},
		{Name: "outcome", Type: String, Max: 64},
		{Name: "severity", Type: String, Max: 16},
	}),
	Metric: with("", []Field{
		{Name: "name", Type: String, Max: 128, Required: true},
		{Name: "value", Type: Float},
		{Name: "unit", Type: String, Max: 32},
	}),
	Session: with("", session),
}

// Fields is the schema of the kind: the position is the field's number. Callers must not change it.
func (k Kind) Fields() []Field {
	if !k.Valid() {
		return nil
	}
	return schemas[k]
}

// Field finds a field's number by name; ok is false when the kind has no such field.
func (k Kind) Field(name string) (number int, ok bool) {
	for i, f := range k.Fields() {
		if f.Name == name {
			return i, true
		}
	}
	return 0, false
}

// Weight is the number of the field that says how many events one stands for; ok is false for the
// kinds that are never sampled.
func (k Kind) Weight() (field int, ok bool) {
	if !k.Valid() {
		return 0, false
	}
	return weights[k], weights[k] > 0
}

// with puts the shared fields in front of a kind's own, and makes the named shared one required.
func with(required string, own []Field) []Field {
	all := append(append([]Field(nil), common...), own...)
	for i := range all {
		if all[i].Name == required {
			all[i].Required = true
		}
	}
	return all
}
