package otlp

import (
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"analytics/engine/event"
	"analytics/ingest/wire"
)

// standIn knows calls of one model and gauges.
type standIn struct{}

func (standIn) Span(l *wire.Lines, s Source, span ptrace.Span) error {
	l.Begin(event.AIRequest)
	l.Text(event.EventID, span.TraceID().String())
	l.Time(event.Timestamp, span.StartTimestamp().AsTime())
	l.Text(event.AIModel, "gpt-4o")
	l.Text(event.AIProvider, "openai")
	l.Usage(wire.Usage{Input: wire.Some(1000), Output: wire.Some(100)})
	l.End()
	return nil
}
func (standIn) Log(l *wire.Lines, s Source, rec plog.LogRecord) error {
	l.Begin(event.AIRequest)
	l.Text(event.EventID, "x")
	l.Text(event.AIModel, "gpt-4o")
	l.End()
	return nil
}
func (standIn) Metric(l *wire.Lines, s Source, m pmetric.Metric) error {
	if m.Type() != pmetric.MetricTypeGauge {
		return nil
	}
	for range m.Gauge().DataPoints().Len() {
		l.Begin(event.Metric)
		l.Text(event.MetricName, m.Name())
		l.Float(event.MetricValue, 1)
		l.End()
	}
	return nil
}
