// Package ingest is the room where the outside world becomes events. Its folders are its doors and
// what they share:
//
//	events     POST /v1/events, and the intake that all doors use
//	gateway    AI calls that pass through and are recorded
//	otlp       OpenTelemetry over HTTP and gRPC; otlp/semconv says what spans mean
//	tracker    what browsers tell: our script, and the doors of Plausible, Umami, GoatCounter
//	sites      the registered sites; throttle slows down who asks too much of the public doors
//	middleware for the user's own Go server: reports its page views
//	compat     LiteLLM, Langfuse, Helicone, PromptOps
//	import     files; accesslog reads those of web servers, agentlogs those of coding agents
//	demo       invented days
//	decode     the native format, read; wire writes it; dialect reads providers' formats
//	enrich     visitors, devices, places, sources
//	pricing    what a request cost; pricing/register keeps the prices of a running house
//
// This package opens the room as a whole and owns nothing else.
package ingest
