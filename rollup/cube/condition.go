package cube

import (
	"slices"
	"strconv"
	"strings"

	"analytics/engine/event"
	"analytics/engine/glob"
)

// condition is a predicate made ready for one kind: values are parsed, the field is known.
type condition struct {
	compare Compare
	typ     event.Type
	fields  []int // more than one: their sum is compared
	texts   []string
	numbers []int64
	missing bool    // what a missing value gives
	asked   []uint8 // what is known of texts by their numbers in of
	of      *Words
}

// totals are the names under which people know sums of the disjoint token fields.
var totals = map[string][]int{
	"input_tokens": {event.AIInputUncachedTokens, event.AICacheReadTokens,
		event.AICacheWriteTokens, event.AICacheWrite1hTokens, event.AIAudioInputTokens},
	"output_tokens": {event.AIOutputTextTokens, event.AIReasoningTokens,
		event.AIAudioOutputTokens},
	"total_tokens": {event.AIInputUncachedTokens, event.AICacheReadTokens,
		event.AICacheWriteTokens, event.AICacheWrite1hTokens, event.AIAudioInputTokens,
		event.AIOutputTextTokens, event.AIReasoningTokens, event.AIAudioOutputTokens},
	"cache_write_tokens": {event.AICacheWriteTokens, event.AICacheWrite1hTokens},
	"cost_usd":           {event.AICost},
}

func (p Predicate) compile(kind event.Kind) (*condition, error) {
	c := &condition{compare: p.Compare}
	if kind == event.AIRequest {
		c.fields = totals[p.Field]
	}
	if c.fields == nil {
		field, ok := kind.Field(p.Field)
		if !ok || kind.Fields()[field].Transient || field == event.PropertiesField ||
			field == event.Timestamp {
			return nil, p.invalid("%s cannot be filtered by %q", kind, p.Field)
		}
		c.fields = []int{field}
	}
	c.typ = kind.Fields()[c.fields[0]].Type
	if p.Compare < Eq || p.Compare > Ge {
		return nil, p.invalid("filter on %s: unknown comparison", p.Field)
	}
	if p.Compare == Glob && len(c.fields) > 1 {
		return nil, p.invalid("filter on %s: a sum cannot be matched with a pattern", p.Field)
	}
	if len(p.Values) == 0 || (p.Compare != In && len(p.Values) != 1) {
		return nil, p.invalid("filter on %s: %s takes one value", p.Field, p.Compare)
	}
	if err := c.values(p); err != nil {
		return nil, err
	}
	empty := slices.Contains(p.Values, "")
	switch p.Compare {
	case Eq, In:
		c.missing = empty
	case Ne:
		c.missing = !empty
	case Glob:
		c.missing = glob.Match(p.Values[0], "")
	}
	return c, nil
}

// values parses the predicate's values into the unit the field is kept in.
func (c *condition) values(p Predicate) error {
	if !c.numeric() {
		c.texts = p.Values
		return nil
	}
	for _, text := range p.Values {
		if text == "" && (c.compare == Eq || c.compare == Ne || c.compare == In) {
			continue
		}
		var v int64
		var err error
		switch c.typ {
		case event.Int:
			v, err = strconv.ParseInt(text, 10, 64)
		case event.Float:
			var f float64
			f, err = strconv.ParseFloat(text, 64)
			v = sortable(f)
		case event.Money:
			v, err = fixed(text, 9)
		case event.Millis:
			v, err = fixed(text, 3)
		}
		if err != nil || (c.typ == event.Float && text != "" && strings.ContainsAny(text, "nN")) {
			return p.invalid("filter on %s: %q is not a number it can be compared with",
				p.Field, text)
		}
		c.numbers = append(c.numbers, v)
	}
	return nil
}

// numeric reports whether values are compared as numbers; truths, and patterns over whole numbers,
// are compared as the text they have as dimensions.
func (c *condition) numeric() bool {
	switch c.typ {
	case event.Money, event.Millis, event.Float:
		return true
	}
	return c.typ == event.Int && c.compare != Glob
}

// number decides for a number in the unit it is kept in.
func (c *condition) number(v int64) bool {
	switch c.compare {
	case Eq, In:
		return slices.Contains(c.numbers, v)
	case Ne:
		return !slices.Contains(c.numbers, v)
	case Lt:
		return v < c.numbers[0]
	case Le:
		return v <= c.numbers[0]
	case Gt:
		return v > c.numbers[0]
	}
	return v >= c.numbers[0]
}

// text decides for the text of a dimension, whatever its type: this is what cells are asked, and
// dictionaries, once an entry.
func (c *condition) text(v string) bool {
	if v == "" {
		return c.missing
	}
	if c.numeric() {
		n, err := strconv.ParseInt(v, 10, 64)
		return err == nil && c.number(n)
	}
	switch c.compare {
	case Eq, In:
		return slices.Contains(c.texts, v)
	case Ne:
		return !slices.Contains(c.texts, v)
	case Glob:
		return glob.Match(c.texts[0], v)
	case Lt:
		return v < c.texts[0]
	case Le:
		return v <= c.texts[0]
	case Gt:
		return v > c.texts[0]
	}
	return v >= c.texts[0]
}

// fixed reads a decimal as a whole number of 10^-digits. More digits than that are refused: no
// stored value could equal them.
func fixed(text string, digits int) (int64, error) {
	whole, part, _ := strings.Cut(text, ".")
	if len(part) > digits || strings.ContainsAny(part, "+-_") || whole+part == "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseInt(whole+part+strings.Repeat("0", digits-len(part)), 10, 64)
}
