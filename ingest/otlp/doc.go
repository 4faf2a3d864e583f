// Package otlp is the doors for OpenTelemetry: OTLP over HTTP as protobuf and JSON, and over gRPC.
//
// It owns the transport: paths, encodings, limits, the answers that exporters understand, and the
// protection against bodies that are small on the wire and huge in memory. What spans, log records
// and metrics mean is in semconv; what they become goes through the native intake like everybody's
// events. It promises that a success is told only after all is stored, that one bad record never
// costs a good one, and that overload is 503 with Retry-After, never 429, which some exporters take
// for a reason to throw the batch away.
//
// Third-party: go.opentelemetry.io/collector/pdata decodes. Its packages for whole services link
// grpc-go; the few bytes of their messages that are needed here are written by hand, and gRPC's
// unary calls are net/http's HTTP/2 with five bytes before the message and a trailer behind it. For
// that, connectrpc.com/connect would add 3.6 MB to a binary, and grpc-go 9.5 MB (measured).
package otlp
