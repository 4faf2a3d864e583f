package otlp

import (
	"errors"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"analytics/ingest/otlp/semconv"
)

// errNoIDs rejects a span that cannot be told from others. Senders that mean it have both ids.
var errNoIDs = errors.New("a span has neither a trace id nor a span id")

// each calls do for every span with where it comes from, until do returns false.
func (b traces) each(do func(semconv.Source, ptrace.Span) bool) {
	for _, r := range b.ResourceSpans().All() {
		for _, s := range r.ScopeSpans().All() {
			from := semconv.Source{Resource: r.Resource().Attributes(), Scope: s.Scope()}
			for _, span := range s.Spans().All() {
				if !do(from, span) {
					return
				}
			}
		}
	}
}

func nameless(s ptrace.Span) bool { return s.TraceID().IsEmpty() && s.SpanID().IsEmpty() }

// named reports whether any span has an id.
func (b traces) named() (any bool) {
	b.each(func(_ semconv.Source, s ptrace.Span) bool {
		any = !nameless(s)
		return !any
	})
	return any
}

func (b traces) store(t *taking) (err error) {
	b.each(func(from semconv.Source, s ptrace.Span) bool {
		if nameless(s) {
			err = t.took(1, errNoIDs)
		} else {
			err = t.took(1, t.door.table.Span(&t.lines, from, s))
		}
		return err == nil
	})
	return err
}

func (b logs) store(t *taking) error {
	for _, r := range b.ResourceLogs().All() {
		for _, s := range r.ScopeLogs().All() {
			from := semconv.Source{Resource: r.Resource().Attributes(), Scope: s.Scope()}
			for _, rec := range s.LogRecords().All() {
				if err := t.took(1, t.door.table.Log(&t.lines, from, rec)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (b metrics) store(t *taking) error {
	for _, r := range b.ResourceMetrics().All() {
		for _, s := range r.ScopeMetrics().All() {
			from := semconv.Source{Resource: r.Resource().Attributes(), Scope: s.Scope()}
			for _, m := range s.Metrics().All() {
				if err := t.took(pointsOf(m), t.door.table.Metric(&t.lines, from, m)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// pointsOf is how many data points a metric has.
func pointsOf(m pmetric.Metric) int {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		return m.Gauge().DataPoints().Len()
	case pmetric.MetricTypeSum:
		return m.Sum().DataPoints().Len()
	case pmetric.MetricTypeHistogram:
		return m.Histogram().DataPoints().Len()
	case pmetric.MetricTypeExponentialHistogram:
		return m.ExponentialHistogram().DataPoints().Len()
	case pmetric.MetricTypeSummary:
		return m.Summary().DataPoints().Len()
	}
	return 0
}
