package otlp

import (
	"github.com/tidwall/gjson"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"analytics/engine/fault"
)

// signal is one of the three things that OTLP carries.
type signal struct {
	name     string // traces, as in /v1/traces
	service  string // of gRPC
	rejected string // what JSON calls the number of records that were not taken
	list     string // what JSON calls the list that a body is
	root     kind
	decode   func(body []byte, e encoding) (batch, error)
}

// batch is a body, decoded.
type batch interface {
	count() int
	// store turns all records into events.
	store(t *taking) error
}

// signals are all three.
var signals = []signal{
	{"traces", "trace.v1.TraceService", "rejectedSpans", "resourceSpans", tracesData, decodeTraces},
	{"logs", "logs.v1.LogsService", "rejectedLogRecords", "resourceLogs", logsData, decodeLogs},
	{"metrics", "metrics.v1.MetricsService", "rejectedDataPoints", "resourceMetrics", metricsData,
		decodeMetrics},
}

// read decodes a body that may be anything.
func (s *signal) read(body []byte, e encoding) (batch, error) {
	b, err := s.try(body, e)
	switch {
	case err != nil && fault.Of(err).Kind == fault.TooLarge:
		return nil, err
	case err == nil && b.count() > 0:
		if spans, ok := b.(traces); !ok || spans.named() {
			return b, nil
		}
		err = fault.New(fault.Invalid, "no_ids", "the spans have neither trace ids nor span ids")
	}
	if other := s.other(body, e); other != nil {
		return nil, fault.New(fault.Invalid, "wrong_path", "the body holds %s; send it to /v1/%s",
			other.name, other.name)
	}
	return b, err
}

// try decodes a body. The decoder's own message is for the log, since it may quote the body.
func (s *signal) try(body []byte, e encoding) (batch, error) {
	if e == asJSON {
		if err := scanJSON(body); err != nil {
			return nil, err
		}
	} else if err := scanProtobuf(body, s.root); err != nil {
		return nil, err
	}
	b, err := s.decode(body, e)
	if err == nil {
		return b, nil
	}
	if e == asJSON {
		return nil, fault.New(fault.Invalid, "broken_json",
			"the body is not the JSON that OTLP has for %s", s.name).Wrap(err)
	}
	return nil, broken().Wrap(err)
}

// other is the signal that a body holds instead, if it is plainly another one. The messages of all
// three number their fields alike, so that logs look like spans without ids.
func (s *signal) other(body []byte, e encoding) *signal {
	for i := range signals {
		o := &signals[i]
		if o.name == s.name {
			continue
		}
		if e == asJSON {
			if gjson.GetBytes(body, o.list).IsArray() {
				return o
			}
			continue
		}
		if b, err := o.try(body, e); err == nil && b.count() > 0 {
			if spans, ok := b.(traces); !ok || spans.named() {
				return o
			}
		}
	}
	return nil
}

type (
	traces  struct{ ptrace.Traces }
	logs    struct{ plog.Logs }
	metrics struct{ pmetric.Metrics }
)

func decodeTraces(body []byte, e encoding) (batch, error) {
	if e == asJSON {
		v, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(body)
		return traces{v}, err
	}
	v, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
	return traces{v}, err
}

func decodeLogs(body []byte, e encoding) (batch, error) {
	if e == asJSON {
		v, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(body)
		return logs{v}, err
	}
	v, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(body)
	return logs{v}, err
}

func decodeMetrics(body []byte, e encoding) (batch, error) {
	if e == asJSON {
		v, err := (&pmetric.JSONUnmarshaler{}).UnmarshalMetrics(body)
		return metrics{v}, err
	}
	v, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(body)
	return metrics{v}, err
}

func (b traces) count() int  { return b.SpanCount() }
func (b logs) count() int    { return b.LogRecordCount() }
func (b metrics) count() int { return b.DataPointCount() }
