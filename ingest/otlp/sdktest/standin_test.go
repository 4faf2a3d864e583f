package sdktest

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"analytics/engine/event"
	"analytics/ingest/otlp"
	"analytics/ingest/wire"
)

// standIn knows calls of one model, logs of one agent, and sums.
type standIn struct{}

func (standIn) Span(l *wire.Lines, s otlp.Source, span ptrace.Span) error {
	l.Begin(event.AIRequest)
	l.Text(event.EventID, span.TraceID().String())
	l.Time(event.Timestamp, span.StartTimestamp().AsTime())
	l.Text(event.AIModel, "gpt-4o")
	l.Text(event.AIProvider, "openai")
	l.Usage(wire.Usage{Input: wire.Some(1000), Output: wire.Some(100)})
	l.End()
	return nil
}

func (standIn) Log(l *wire.Lines, s otlp.Source, rec plog.LogRecord) error {
	a := rec.Attributes()
	text := func(name string) string {
		v, _ := a.Get(name)
		return v.AsString()
	}
	l.Begin(event.AIRequest)
	l.Text(event.EventID, text("request_id"))
	l.Text(event.AIModel, text("model"))
	n, _ := strconv.ParseInt(text("output_tokens"), 10, 64)
	l.Usage(wire.Usage{Output: wire.Some(n)})
	l.End()
	return nil
}

func (standIn) Metric(l *wire.Lines, s otlp.Source, m pmetric.Metric) error {
	if m.Type() != pmetric.MetricTypeSum {
		return nil
	}
	for _, p := range m.Sum().DataPoints().All() {
		l.Begin(event.Metric)
		l.Text(event.MetricName, m.Name())
		l.Float(event.MetricValue, float64(p.IntValue()))
		l.End()
	}
	return nil
}
