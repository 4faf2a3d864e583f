package filter

import "strings"

// Op is how a condition compares.
type Op uint8

// The operators. Glob takes * for any run of bytes and ? for one byte.
const (
	Equal Op = 1 + iota
	NotEqual
	Glob
	In
	Less
	LessEqual
	Greater
	GreaterEqual
)

// The spellings; a longer one stands before its prefix.
var spellings = []struct {
	op   Op
	text string
}{
	{Equal, "=="}, {NotEqual, "!="}, {Glob, "=~"}, {LessEqual, "<="}, {GreaterEqual, ">="},
	{Less, "<"}, {Greater, ">"},
}

// String is the operator as it is written.
func (o Op) String() string {
	for _, s := range spellings {
		if s.op == o {
			return s.text
		}
	}
	return " in "
}

// Ordered reports whether the operator needs values that have an order.
func (o Op) Ordered() bool { return o >= Less }

// Condition is one comparison. Values has one value, or for In any number from one.
type Condition struct {
	Name   string
	Op     Op
	Values []string
}

// Conditions must all hold.
type Conditions []Condition

// String writes the condition as Parse reads it.
func (c Condition) String() string {
	quoted := make([]string, len(c.Values))
	for i, v := range c.Values {
		quoted[i] = quote(v)
	}
	return c.Name + c.Op.String() + strings.Join(quoted, ",")
}

// String writes the conditions as Parse reads them.
func (cs Conditions) String() string {
	parts := make([]string, len(cs))
	for i, c := range cs {
		parts[i] = c.String()
	}
	return strings.Join(parts, ";")
}

// And adds a condition that a name equals a value.
func (cs Conditions) And(name string, op Op, values ...string) Conditions {
	return append(cs[:len(cs):len(cs)], Condition{Name: name, Op: op, Values: values})
}

func quote(v string) string {
	plain := v != "" && v == strings.TrimSpace(v) && !strings.ContainsAny(v, `;,"'()\`)
	if plain && !strings.ContainsAny(v[:1], "=~") { // these would join the operator
		return v
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
}
