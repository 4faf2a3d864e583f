package semconv

import (
	"math"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/ingest/wire"
)

// measure is one metric on its way to its events.
type measure struct {
	table  *Table
	lines  *wire.Lines
	source Source
	name   string
	unit   string
}

// Metric adds an event for each point of a metric that changed anything.
func (t *Table) Metric(l *wire.Lines, s Source, m pmetric.Metric) error {
	if m.Name() == "" {
		return fault.At(fault.Invalid, "missing_field", "name", "the metric has no name")
	}
	w := measure{table: t, lines: l, source: s, name: m.Name(), unit: m.Unit()}
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		for _, p := range m.Gauge().DataPoints().All() {
			if !p.Flags().NoRecordedValue() {
				w.write(p, "", w.unit, numberAt(p))
			}
		}
	case pmetric.MetricTypeSum:
		how := m.Sum().AggregationTemporality()
		if !m.Sum().IsMonotonic() && how != pmetric.AggregationTemporalityDelta {
			// What goes up and down, such as open connections, is a level.
			for _, p := range m.Sum().DataPoints().All() {
				if !p.Flags().NoRecordedValue() {
					w.write(p, "", w.unit, numberAt(p))
				}
			}
			return nil
		}
		for _, p := range m.Sum().DataPoints().All() {
			if !p.Flags().NoRecordedValue() {
				w.change(p, how, "", w.unit, numberAt(p))
			}
		}
	case pmetric.MetricTypeHistogram:
		for _, p := range m.Histogram().DataPoints().All() {
			if !p.Flags().NoRecordedValue() {
				w.spread(p, m.Histogram().AggregationTemporality(), p.Count(), p.Sum(), p.HasSum())
			}
		}
	case pmetric.MetricTypeExponentialHistogram:
		for _, p := range m.ExponentialHistogram().DataPoints().All() {
			if !p.Flags().NoRecordedValue() {
				w.spread(p, m.ExponentialHistogram().AggregationTemporality(), p.Count(), p.Sum(), p.HasSum())
			}
		}
	case pmetric.MetricTypeSummary:
		for _, p := range m.Summary().DataPoints().All() {
			if !p.Flags().NoRecordedValue() {
				w.spread(p, pmetric.AggregationTemporalityCumulative, p.Count(), p.Sum(), true)
			}
		}
	}
	return nil
}

// point is what points of all types have.
type point interface {
	Attributes() pcommon.Map
	Timestamp() pcommon.Timestamp
	StartTimestamp() pcommon.Timestamp
}

func numberAt(p pmetric.NumberDataPoint) float64 {
	if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
		return float64(p.IntValue())
	}
	return p.DoubleValue()
}

// spread writes a distribution as how many there were and their sum.
func (w *measure) spread(p point, how pmetric.AggregationTemporality, n uint64, sum float64, hasSum bool) {
	w.change(p, how, ".count", "", float64(n))
	if hasSum {
		w.change(p, how, ".sum", w.unit, sum)
	}
}

// change writes by how much a sum grew.
func (w *measure) change(p point, how pmetric.AggregationTemporality, suffix, unit string, v float64) {
	if how != pmetric.AggregationTemporalityDelta && !math.IsNaN(v) && !math.IsInf(v, 0) {
		v = w.table.series.grow(w.key(p, suffix), p.StartTimestamp(), p.Timestamp(), v)
	}
	if v != 0 {
		w.write(p, suffix, unit, v)
	}
}

// write adds one event. Its id is the series and the time, so that a batch sent again adds nothing.
func (w *measure) write(p point, suffix, unit string, v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	r := w.table.read(w.source, p.Attributes())
	l := w.lines
	l.Begin(event.Metric)
	if at := p.Timestamp(); at != 0 {
		l.Text(event.EventID, idOf("metric", strconv.FormatUint(w.key(p, suffix), 16),
			strconv.FormatUint(uint64(p.StartTimestamp()), 16), strconv.FormatUint(uint64(at), 16)))
		l.Time(event.Timestamp, at.AsTime())
	}
	l.Text(event.Project, r.text(project))
	l.Text(event.UserID, short(r.text(user)))
	l.Text(event.SessionID, short(or(r.text(session), r.text(conversation))))
	l.Text(event.Agent, (&call{reading: r}).who())
	l.Text(event.MetricName, w.name+suffix)
	l.Float(event.MetricValue, v)
	l.Text(event.MetricUnit, unit)
	for name, v := range p.Attributes().All() {
		if !w.table.personal(name) {
			r.property(name, v)
		}
	}
	l.Properties(r.properties)
	l.End()
}

// personal reports whether an attribute has a field of its own that tells people or sessions apart.
func (t *Table) personal(name string) bool {
	a, ok := t.attributes[name]
	if !ok {
		return false
	}
	switch a.field {
	case user, session, conversation, agent, requestID, responseID, toolID, propertyField:
		return true
	}
	return false
}
