// Package semconv says what telemetry means: which spans, log records and metrics of OpenTelemetry
// become which native events.
//
// It owns the alias tables, which are data: attributes.txt (field ← names, the best first),
// kinds.txt (which operation is what), emitters.txt (who sends, and its habits) and providers.txt.
// A renamed attribute is a word in a file. The names make one hash map, so a span is read in one
// pass over its attributes.
//
// # What counts
//
// Only leaves: a call to a model is an ai_request, the run of a tool a tool_call, the run of an
// agent an agent_task. Chains, workflows, the outer spans of SDKs and all that is unknown are
// ignored, and the usage they repeat is never added. An MCP server's span that has a parent is
// ignored too: the client's span tells of the same call. All spans of Codex (some 780 a run, none
// with tokens) and of Gemini CLI are ignored; their logs say it all.
//
// # The same call twice
//
// An event's id follows from the call's own identity. For coding agents it is the request's id (Claude
// Code's spans and logs share it) or that of the tool use; or else, since many log records share the
// span around them, the record's emitter, session, name, time and numbers. For others it is the
// response's id, or the tool call's within its trace, if it is long enough to be unique; or else the
// trace and span. It is a UUID made of their SHA-256, so a span, a log record and a retry of the same
// call are one event.
//
// # Tokens
//
// Input includes what was cached and output includes reasoning, unless the numbers prove another
// meaning (parts larger than the whole, or a total that only fits the other reading), or the
// emitter is known for it. An Anthropic request with cached tokens from an unknown emitter is taken
// as inclusive, with the property usage_ambiguous.
//
// # Metrics
//
// Delta sums are kept as they are, cumulative ones as the change since the last point of the series;
// a series begins when its start time changes. The first point of a series counts in full if the
// series began at most ten minutes before it, and else not at all: what happened before is unknown.
// Histograms and summaries become name.count and name.sum. Points that changed nothing are left out.
//
// It never keeps content: no prompts, answers, arguments, results, or events of spans but the type
// of an exception. It never reads a clock.
package semconv
