package semconv

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// reading is what the attributes of one record say.
type reading struct {
	table      *Table
	from       *emitter
	values     [fields]pcommon.Value
	ranks      [fields]uint8 // 0 is not there
	units      [fields]unit
	properties map[string]any
}

// Limits of what is kept of properties: attributes come in any number and size.
const (
	maxProperties   = 16
	maxPropertyName = 64
	maxPropertyText = 128
	// fromResource is added to the rank of what a resource says, which the record knows better.
	fromResource = 100
)

// read goes over the attributes once.
func (t *Table) read(s Source, attributes pcommon.Map) *reading {
	r := &reading{table: t, from: t.emitter(s)}
	for name, v := range attributes.All() {
		r.take(name, v, 0)
	}
	for name, v := range s.Resource.All() {
		r.take(name, v, fromResource)
	}
	return r
}

func (r *reading) take(name string, v pcommon.Value, add uint8) {
	a, ok := r.table.attributes[name]
	if !ok {
		for _, p := range r.table.prefixes {
			if rest, ok := strings.CutPrefix(name, p.text); ok && add == 0 {
				r.property(rest, v)
				return
			}
		}
		return
	}
	rank := a.rank + add
	switch {
	case add != 0 && !ofResource[a.field]:
	case v.Type() == pcommon.ValueTypeEmpty || v.Type() == pcommon.ValueTypeStr && v.Str() == "":
	case a.field == propertyField:
		r.property(a.property, v)
	case r.ranks[a.field] == 0 || rank < r.ranks[a.field]:
		r.values[a.field], r.ranks[a.field], r.units[a.field] = v, rank, a.unit
	}
}

func (r *reading) has(f field) bool { return r.ranks[f] != 0 }

// text is what a field says, as text; of a list, the first.
func (r *reading) text(f field) string {
	if r.ranks[f] == 0 {
		return ""
	}
	v := r.values[f]
	if v.Type() == pcommon.ValueTypeSlice {
		if v.Slice().Len() == 0 {
			return ""
		}
		v = v.Slice().At(0)
	}
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return firstOfList(v.Str())
	case pcommon.ValueTypeInt, pcommon.ValueTypeDouble, pcommon.ValueTypeBool:
		return v.AsString()
	}
	return ""
}

// firstOfList undoes lists that were made text, such as ["stop"].
func firstOfList(s string) string {
	inner, ok := strings.CutPrefix(s, `["`)
	if !ok {
		return s
	}
	if end := strings.IndexByte(inner, '"'); end >= 0 {
		return inner[:end]
	}
	return s
}

// number is what a field says as a number; numbers are often sent as text.
func (r *reading) number(f field) (float64, bool) {
	if r.ranks[f] == 0 {
		return 0, false
	}
	return numberOf(r.values[f])
}

func numberOf(v pcommon.Value) (n float64, ok bool) {
	switch v.Type() {
	case pcommon.ValueTypeInt:
		n = float64(v.Int())
	case pcommon.ValueTypeDouble:
		n = v.Double()
	case pcommon.ValueTypeStr:
		var err error
		if n, err = strconv.ParseFloat(strings.TrimSpace(v.Str()), 64); err != nil {
			return 0, false
		}
	default:
		return 0, false
	}
	return n, !math.IsNaN(n) && !math.IsInf(n, 0)
}

// truth is what a field says as a yes or no.
func (r *reading) truth(f field) (yes, known bool) {
	switch strings.ToLower(r.text(f)) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// longest is a week: longer is no length of a call but a mistake.
const longest = 7 * 24 * time.Hour

// span is what a field says as a length of time.
func (r *reading) span(f field) (time.Duration, bool) {
	n, ok := r.number(f)
	if !ok || n < 0 {
		return 0, false
	}
	switch r.units[f] {
	case seconds:
		n *= 1e9
	case millis:
		n *= 1e6
	}
	if n > float64(longest) {
		return 0, false
	}
	return time.Duration(math.Round(n)), true
}

// property keeps a property that is short, flat and not content. What is there already is better:
// records come before resources.
func (r *reading) property(name string, v pcommon.Value) {
	if name == "" || len(name) > maxPropertyName || len(r.properties) >= maxProperties ||
		isContent(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return // the native door would refuse the whole event for a name that is not plain
	}
	var value any
	switch v.Type() {
	case pcommon.ValueTypeStr:
		if v.Str() == "" || len(v.Str()) > maxPropertyText || looksStructured(v.Str()) {
			return
		}
		value = strings.ToValidUTF8(v.Str(), "\ufffd")
	case pcommon.ValueTypeInt:
		if n := v.Int(); n > 1<<53 || n < -1<<53 {
			return
		}
		value = v.Int()
	case pcommon.ValueTypeDouble:
		if math.IsNaN(v.Double()) || math.IsInf(v.Double(), 0) {
			return
		}
		value = v.Double()
	case pcommon.ValueTypeBool:
		value = v.Bool()
	default:
		return
	}
	name = strings.ToValidUTF8(name, "\ufffd")
	if _, there := r.properties[name]; there {
		return
	}
	if r.properties == nil {
		r.properties = map[string]any{}
	}
	r.properties[name] = value
}

func looksStructured(s string) bool { return s[0] == '{' || s[0] == '[' }

// contents are words that attributes with content have in their names.
var contents = map[string]bool{"prompt": true, "prompts": true, "message": true, "messages": true,
	"completion": true, "completions": true, "content": true, "input": true, "output": true,
	"body": true, "arguments": true, "args": true, "result": true, "results": true, "text": true,
	"instructions": true, "question": true, "answer": true, "query": true, "response": true,
	"command": true, "password": true, "secret": true, "authorization": true, "cookie": true,
	"email": true, "ip": true}

// isContent reports whether a property's name speaks of what was said, or of a secret.
func isContent(name string) bool {
	for word := range strings.FieldsFuncSeq(strings.ToLower(name), func(c rune) bool {
		return c == '.' || c == '_' || c == '-' || c == ' ' || c == ':' || c == '/'
	}) {
		if contents[word] {
			return true
		}
	}
	return false
}
