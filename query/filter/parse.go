package filter

import (
	"strings"

	"analytics/engine/fault"
)

// Limits of a filter. A longer one is a program, not a question, and each condition costs a pass.
const (
	MaxLength     = 4096
	MaxConditions = 20
	MaxValues     = 200
)

// Parse reads a filter. The empty text is no condition.
func Parse(text string) (Conditions, error) {
	if len(text) > MaxLength {
		return nil, invalid("the filter is longer than %d bytes", MaxLength)
	}
	p := parser{text: text}
	var all Conditions
	for {
		p.space()
		if p.at == len(text) {
			return all, nil
		}
		if p.accept(";") {
			continue
		}
		c, err := p.condition()
		if err != nil {
			return nil, err
		}
		if all = append(all, c); len(all) > MaxConditions {
			return nil, invalid("the filter has more than %d conditions", MaxConditions)
		}
		p.space()
		if p.at < len(text) && !p.accept(";") {
			return nil, invalid("the filter has %q where ; or the end should be", p.rest())
		}
	}
}

func invalid(format string, args ...any) error {
	return fault.At(fault.Invalid, "invalid_filter", "filter", format, args...)
}

type parser struct {
	text string
	at   int
}

// condition reads name, operator and values.
func (p *parser) condition() (Condition, error) {
	var c Condition
	c.Name = p.name()
	if c.Name == "" {
		return c, invalid("the filter has %q where the name of a field should be", p.rest())
	}
	p.space()
	if c.Op = p.operator(); c.Op == 0 {
		return c, invalid("%s in the filter needs one of == != =~ in < <= > >= after it, not %q",
			c.Name, p.rest())
	}
	if c.Op == In {
		return c, p.list(&c)
	}
	v, err := p.value(";")
	c.Values = []string{v}
	return c, err
}

// list reads a,b,c with or without parentheses.
func (p *parser) list(c *Condition) error {
	p.space()
	end, stops := false, ";,"
	if p.accept("(") {
		end, stops = true, ";,)"
	}
	for {
		v, err := p.value(stops)
		if err != nil {
			return err
		}
		if c.Values = append(c.Values, v); len(c.Values) > MaxValues {
			return invalid("%s in the filter has more than %d values", c.Name, MaxValues)
		}
		if !p.accept(",") {
			break
		}
	}
	if end && !p.accept(")") {
		return invalid("the list of %s in the filter has no closing parenthesis", c.Name)
	}
	return nil
}

func (p *parser) name() string {
	start := p.at
	for p.at < len(p.text) && nameByte(p.text[p.at]) {
		p.at++
	}
	return p.text[start:p.at]
}

func nameByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' ||
		b == '_' || b == '.'
}

func (p *parser) operator() Op {
	for _, s := range spellings {
		if p.accept(s.text) {
			return s.op
		}
	}
	rest := p.text[p.at:]
	if len(rest) > 2 && strings.EqualFold(rest[:2], "in") && (rest[2] == ' ' || rest[2] == '(') {
		p.at += 2
		return In
	}
	return 0
}

// value reads a quoted text, or the text up to one of the stops without the space around it.
func (p *parser) value(stops string) (string, error) {
	p.space()
	if p.at < len(p.text) && (p.text[p.at] == '"' || p.text[p.at] == '\'') {
		v, err := p.quoted(p.text[p.at])
		p.space()
		return v, err
	}
	n := strings.IndexAny(p.text[p.at:], stops)
	if n < 0 {
		n = len(p.text) - p.at
	}
	v := strings.TrimSpace(p.text[p.at : p.at+n])
	p.at += n
	return v, nil
}

func (p *parser) quoted(mark byte) (string, error) {
	var b strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		switch {
		case p.text[i] == mark:
			p.at = i + 1
			return b.String(), nil
		case p.text[i] == '\\' && i+1 < len(p.text):
			i++
		}
		b.WriteByte(p.text[i])
	}
	return "", invalid("the filter has a quoted value without its closing quote: %q", p.rest())
}

func (p *parser) space() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
}

func (p *parser) accept(s string) bool {
	if strings.HasPrefix(p.text[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

// rest is what is left, short enough to show.
func (p *parser) rest() string {
	if rest := p.text[p.at:]; len(rest) <= 24 {
		return rest
	}
	return p.text[p.at:p.at+24] + "…"
}
