package person

import (
	"bytes"
	"encoding/json"
	"strings"
)

// picture is the name of what is no text though it is a string, such as the PNG of a chart.
const picture = "png"

// InJSON reports whether any string in JSON names the person, names of members among them, except the
// members that are left out. What is no JSON is a text.
func (p *Person) InJSON(value []byte, except ...string) bool {
	v, ok := decode(value)
	if !ok {
		return p.In(string(value))
	}
	return p.inside(v, except)
}

func decode(value []byte) (v any, ok bool) {
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	return v, d.Decode(&v) == nil
}

func (p *Person) inside(v any, except []string) bool {
	switch v := v.(type) {
	case string:
		return p.In(v)
	case []any:
		for _, one := range v {
			if p.inside(one, except) {
				return true
			}
		}
	case map[string]any:
		for name, one := range v {
			if name == picture || contains(except, name) {
				continue
			}
			if p.In(name) || p.inside(one, except) {
				return true
			}
		}
	}
	return false
}

func contains(list []string, name string) bool {
	for _, s := range list {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// RedactJSON is JSON with Erased in the place of the id in all its strings, and whether that changed it.
// Members that are named after the person go.
func (p *Person) RedactJSON(value []byte) ([]byte, bool) {
	v, ok := decode(value)
	if !ok {
		text := p.Redact(string(value))
		return []byte(text), text != string(value)
	}
	next, changed := p.redacted(v)
	if !changed {
		return value, false
	}
	out, err := json.Marshal(next)
	if err != nil {
		panic("person: " + err.Error()) // it was JSON
	}
	return out, true
}

func (p *Person) redacted(v any) (next any, changed bool) {
	switch v := v.(type) {
	case string:
		text := p.Redact(v)
		return text, text != v
	case []any:
		for i := range v {
			one, is := p.redacted(v[i])
			v[i], changed = one, changed || is
		}
	case map[string]any:
		for name := range v {
			if p.In(name) {
				delete(v, name)
				changed = true
				continue
			}
			if name == picture {
				continue
			}
			one, is := p.redacted(v[name])
			v[name], changed = one, changed || is
		}
	}
	return v, changed
}
