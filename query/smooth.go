package query

import (
	"fmt"

	"analytics/engine/event"
	"analytics/query/answer"
	"analytics/query/catalog"
)

// smooth adds the moving average over the last n buckets beside the numbers that add up: the mean of
// a bucket and of the n-1 before it, null where there are fewer. A moving average of rates or
// quantiles would be none of the events.
func (p *plan) smooth(a *Answer, n int) {
	var from []int
	for _, ch := range p.choices {
		if ch.Metric.Formulas[0].Calc != catalog.Total {
			continue
		}
		i := a.Column(ch.Metric.Name)
		c := a.Columns[i]
		c.Name = fmt.Sprintf("%s_avg%d", c.Name, n)
		if c.Type == catalog.Integer {
			c.Type = catalog.Number
		}
		from, a.Columns = append(from, i), append(a.Columns, c)
	}
	last := map[string][][]any{} // the last n rows of each series
	for i, row := range a.Rows {
		key := ""
		for j, c := range a.Columns[:len(row)] {
			if c.Kind == answer.KindDimension {
				key += spelled(row[j]) + "\x00"
			}
		}
		rows := append(last[key], row)
		if len(rows) > n {
			rows = rows[1:]
		}
		last[key] = rows
		for _, col := range from {
			a.Rows[i] = append(a.Rows[i], mean(rows, col, n))
		}
	}
}

// mean is the mean of a column of n rows; null if there are fewer, or one has no value.
func mean(rows [][]any, col, n int) any {
	if len(rows) < n {
		return nil
	}
	sum := 0.0
	var money event.NanoUSD
	paid := false
	for _, row := range rows {
		x, ok := amount(row[col])
		if !ok {
			return nil
		}
		if m, is := row[col].(event.NanoUSD); is {
			money, paid = money+m, true
		}
		sum += x
	}
	if paid {
		return money / event.NanoUSD(n)
	}
	return round(sum/float64(n), 6)
}
