package semconv

import (
	_ "embed" // the tables
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

//go:embed attributes.txt
var attributesText string

//go:embed kinds.txt
var kindsText string

//go:embed emitters.txt
var emittersText string

//go:embed providers.txt
var providersText string

// Source is where a record comes from.
type Source struct {
	Resource pcommon.Map
	Scope    pcommon.InstrumentationScope
}

// Table knows what attributes mean. It is safe for concurrent use.
type Table struct {
	attributes map[string]alias
	prefixes   []prefix
	kinds      map[string]kind // by place and value, as in "operation chat"
	emitters   map[string]*emitter
	providers  map[string]string
	series     series
}

// alias is one name of a field.
type alias struct {
	field    field
	rank     uint8  // 1 is the best
	unit     unit   // of numbers that are a length of time
	property string // for fields that are properties
}

// prefix is the beginning of names whose ends are names of properties.
type prefix struct{ text string }

type unit uint8

const (
	plain unit = iota
	seconds
	millis
	nanos
)

var units = map[string]unit{"s": seconds, "ms": millis, "ns": nanos}

// New reads the tables inside the binary. An error is a mistake in them.
func New() (*Table, error) {
	t := &Table{
		attributes: map[string]alias{}, kinds: map[string]kind{},
		emitters: map[string]*emitter{}, providers: map[string]string{},
		series: newSeries(),
	}
	for _, file := range []struct {
		name, text string
		row        func(words []string) error
	}{
		{"attributes.txt", attributesText, t.attributeRow},
		{"kinds.txt", kindsText, t.kindRow},
		{"emitters.txt", emittersText, t.emitterRow},
		{"providers.txt", providersText, t.providerRow},
	} {
		for i, line := range strings.Split(file.text, "\n") {
			words := strings.Fields(line)
			if len(words) == 0 || strings.HasPrefix(line, "#") {
				continue
			}
			if err := file.row(words); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file.name, i+1, err)
			}
		}
	}
	return t, nil
}

func (t *Table) attributeRow(words []string) error {
	target := words[0]
	property, isProperty := strings.CutPrefix(target, "property.")
	f, ok := fieldNames[target]
	if !ok && !isProperty {
		return fmt.Errorf("no field is called %q", target)
	}
	rank := uint8(1)
	for _, a := range t.attributes {
		if a.field == f && a.property == property && a.rank >= rank {
			rank = a.rank + 1
		}
	}
	for _, word := range words[1:] {
		if isProperty && strings.HasSuffix(word, ".") {
			t.prefixes = append(t.prefixes, prefix{word})
			continue
		}
		name, u, _ := strings.Cut(word, "@")
		if units[u] == plain && u != "" {
			return fmt.Errorf("no unit is called %q", u)
		}
		if _, twice := t.attributes[name]; twice {
			return fmt.Errorf("%q is there twice", name)
		}
		a := alias{field: f, rank: rank, unit: units[u]}
		if isProperty {
			a.field, a.property = propertyField, property
		}
		t.attributes[name] = a
		rank++
	}
	return nil
}

func (t *Table) kindRow(words []string) error {
	if len(words) < 3 {
		return fmt.Errorf("a place, a kind and values are needed")
	}
	k, ok := kindNames[words[1]]
	if !ok {
		return fmt.Errorf("no kind is called %q", words[1])
	}
	for _, value := range words[2:] {
		t.kinds[words[0]+" "+value] = k
	}
	return nil
}

func (t *Table) providerRow(words []string) error {
	for _, name := range words[1:] {
		t.providers[name] = words[0]
	}
	return nil
}

// provider is a provider's name as prices know it.
func (t *Table) provider(name string) string {
	name = strings.ToLower(name)
	for part := name; ; {
		if known, ok := t.providers[part]; ok {
			return known
		}
		end := strings.LastIndexByte(part, '.')
		if end < 0 {
			return name
		}
		part = part[:end]
	}
}
