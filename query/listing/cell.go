package listing

import (
	"time"

	"analytics/engine/event"
	"analytics/query/answer"
)

// Cell is the value of a row under a name, nil where it has none.
func Cell(v *View, name string, row int, zone *time.Location) any {
	switch name {
	case "type":
		return v.kind.String()
	case "subject":
		for _, field := range subjects[v.kind] {
			if s, ok := v.Text(field, row); ok {
				return s
			}
		}
		return nil
	}
	parts := Parts(v.kind, name)
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return single(v, parts[0], row, zone)
	}
	sum, there := int64(0), false
	for _, field := range parts {
		if n, ok := v.Int(field, row); ok {
			sum, there = sum+n, true
		}
	}
	if !there {
		return nil
	}
	return sum
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
