package listing

import (
	"time"

	"analytics/engine/event"
	"analytics/query/answer"
)

// slot is where the cells of a column come from in records of a kind.
type slot struct {
	name  string
	parts []int // the fields whose sum it is; of most it is one, of none there is no value
}

func slotOf(kind event.Kind, name string) slot {
	if name == "type" || name == "subject" {
		return slot{name: name}
	}
	return slot{name, Parts(kind, name)}
}

func slotsOf(kind event.Kind, columns []answer.Column) []slot {
	slots := make([]slot, len(columns))
	for i, c := range columns {
		slots[i] = slotOf(kind, c.Name)
	}
	return slots
}

// cells fills a row with the values of the reader's next one.
func (r *reader) cells(row []any, zone *time.Location) {
	at := int(r.rows[len(r.rows)-1])
	for i := range r.slots {
		row[i] = r.slots[i].cell(r.view, at, zone)
	}
}

// cell is the value of a row, nil where it has none.
func (s *slot) cell(v *View, row int, zone *time.Location) any {
	switch len(s.parts) {
	case 0:
		return s.said(v, row)
	case 1:
		return single(v, s.parts[0], row, zone)
	}
	sum, there := int64(0), false
	for _, field := range s.parts {
		if n, ok := v.Int(field, row); ok {
			sum, there = sum+n, true
		}
	}
	if !there {
		return nil
	}
	return sum
}

// said is a value that is no field.
func (s *slot) said(v *View, row int) any {
	switch s.name {
	case "type":
		return v.kind.String()
	case "subject":
		for _, field := range subjects[v.kind] {
			if text, ok := v.Text(field, row); ok {
				return text
			}
		}
	}
	return nil
}

func single(v *View, field, row int, zone *time.Location) any {
	switch t := v.kind.Fields()[field].Type; t {
	case event.Float:
		if f, ok := v.Float(field, row); ok {
			return f
		}
		return nil
	case event.Properties:
		if s, ok := v.Text(field, row); ok {
			return answer.Raw(s)
		}
		return nil
	case event.String, event.Text, event.ID:
		if s, ok := v.Text(field, row); ok && s != "" {
			return s
		}
		return nil
	default:
		n, ok := v.Int(field, row)
		if !ok {
			return nil
		}
		return typed(t, n, zone)
	}
}

func typed(t event.Type, n int64, zone *time.Location) any {
	switch t {
	case event.Time:
		return event.Micros(n).Time().In(zone)
	case event.Bool:
		return n != 0
	case event.Money:
		return event.NanoUSD(n)
	case event.Millis:
		return float64(n) / 1000
	}
	return n
}
