package otlp

import (
	"encoding/binary"

	"analytics/engine/fault"
)

// kind is a kind of message in OTLP's protobuf, as far as its parts matter here.
type kind uint8

const (
	text kind = iota // not a message, or one whose parts are counted with it
	tracesData
	logsData
	metricsData
	resourceSpans
	resourceLogs
	resourceMetrics
	scopeSpans
	scopeLogs
	scopeMetrics
	resource
	scope
	span
	spanEvent
	spanLink
	logRecord
	metric
	points // a gauge or a sum
	histogram
	exponential
	summary
	point
	histogramPoint
	exponentialPoint
	summaryPoint
	exemplar
	attribute
	value
	values
	attributes
	small
)

// parts are the kinds of a message's parts by field number.
type parts [16]kind

// message is what is known of a kind.
type message struct {
	cost  int // bytes
	parts parts
}

// part is the kind of a field. Field 1000 is where libraries' spans and logs stood before they had
// scopes; the decoder still reads it.
func (m *message) part(field uint64) kind {
	if field == 1000 {
		field = 2
	}
	if field >= uint64(len(m.parts)) {
		return text
	}
	return m.parts[field]
}

// messages says how much memory a message takes, beside its text, and of which kind its parts are,
// by field number. What is not listed has no parts: text, numbers, and lists of numbers, which grow
// to eight bytes each at most.
var messages = [small + 1]message{
	tracesData:      {0, parts{1: resourceSpans}},
	logsData:        {0, parts{1: resourceLogs}},
	metricsData:     {0, parts{1: resourceMetrics}},
	resourceSpans:   {160, parts{1: resource, 2: scopeSpans}},
	resourceLogs:    {160, parts{1: resource, 2: scopeLogs}},
	resourceMetrics: {160, parts{1: resource, 2: scopeMetrics}},
	scopeSpans:      {136, parts{1: scope, 2: span}},
	scopeLogs:       {136, parts{1: scope, 2: logRecord}},
	scopeMetrics:    {136, parts{1: scope, 2: metric}},
	resource:        {0, parts{1: attribute, 3: small}},
	scope:           {0, parts{3: attribute}},
	span:            {256, parts{9: attribute, 11: spanEvent, 13: spanLink}},
	spanEvent:       {72, parts{3: attribute}},
	spanLink:        {88, parts{4: attribute}},
	logRecord:       {184, parts{5: value, 6: attribute}},
	metric: {112, parts{5: points, 7: points, 9: histogram, 10: exponential,
		11: summary, 12: attribute}},
	points:           {48, parts{1: point}},
	histogram:        {48, parts{1: histogramPoint}},
	exponential:      {48, parts{1: exponentialPoint}},
	summary:          {48, parts{1: summaryPoint}},
	point:            {112, parts{5: exemplar, 7: attribute}},
	histogramPoint:   {200, parts{8: exemplar, 9: attribute}},
	exponentialPoint: {280, parts{1: attribute, 11: exemplar}},
	summaryPoint:     {112, parts{6: small, 7: attribute}},
	exemplar:         {96, parts{7: attribute}},
	attribute:        {40, parts{2: value}},
	value:            {24, parts{5: values, 6: attributes}},
	values:           {24, parts{1: value}},
	attributes:       {24, parts{1: attribute}},
	small:            {64, parts{}},
}

// scan looks through a body before it is decoded: whether it is protobuf at all, how deep it nests,
// and how much memory it will take. 20 MiB of empty spans would be 2.5 GiB.
type scan struct {
	left int // bytes of memory
}

// scanProtobuf reports what makes a body unfit for the decoder.
func scanProtobuf(body []byte, root kind) error {
	s := scan{left: len(body)*maxGrowth + grace}
	return s.message(body, root, 0)
}

func (s *scan) message(b []byte, k kind, depth int) error {
	m := &messages[k]
	if s.left -= m.cost; s.left < 0 {
		return tooMany()
	}
	if depth > maxDepth {
		return tooDeep()
	}
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			return broken()
		}
		b = b[n:]
		switch tag & 7 {
		case 0:
			if _, n = binary.Uvarint(b); n <= 0 {
				return broken()
			}
		case 1:
			n = 8
		case 5:
			n = 4
		case 2:
			size, w := binary.Uvarint(b)
			if w <= 0 || size > uint64(len(b)-w) {
				return broken()
			}
			n = w + int(size)
			if part := m.part(tag >> 3); part != text {
				if err := s.message(b[w:n], part, depth+1); err != nil {
					return err
				}
			}
		default:
			return broken() // groups, which OTLP has never had
		}
		if n > len(b) {
			return broken()
		}
		b = b[n:]
	}
	return nil
}

// broken is the fault of bytes that are no protobuf.
func broken() *fault.Error {
	return fault.New(fault.Invalid, "broken_protobuf",
		"the body is not the protobuf that is expected here: it is cut short or of another kind")
}

func tooDeep() error {
	return fault.New(fault.Invalid, "too_deep", "values nest deeper than %d", maxDepth)
}

func tooMany() error {
	return fault.New(fault.TooLarge, "too_many_records",
		"the body has far more records than text in them; it would not fit into memory")
}
