package cube

import "analytics/engine/event"

// narrow keeps the rows of the batch for which keep holds.
func (w *scratch) narrow(b *batch, keep func(row int) bool) {
	if b.rows == nil {
		rows := size(&w.rows, b.n)
		k := 0
		for i := range rows {
			rows[k] = int32(i)
			if keep(i) {
				k++
			}
		}
		b.rows = rows[:k]
		return
	}
	k := 0
	for _, row := range b.rows {
		b.rows[k] = row
		if keep(int(row)) {
			k++
		}
	}
	b.rows = b.rows[:k]
}

// narrowCodes keeps the rows whose code is good: a dictionary's entries have been asked once, so
// that a row costs a look-up and no jump.
func (w *scratch) narrowCodes(b *batch, codes []int32, good []uint8) {
	if b.rows == nil {
		rows := size(&w.rows, b.n)
		k := 0
		for i, c := range codes[:b.n] {
			rows[k] = int32(i)
			k += int(good[c])
		}
		b.rows = rows[:k]
		return
	}
	k := 0
	for _, row := range b.rows {
		b.rows[k] = row
		k += int(good[codes[row]])
	}
	b.rows = b.rows[:k]
}

// good asks the condition once for each code of a level. all and none are short cuts.
func (c *condition) good(l *level) (good []uint8, all, none bool) {
	good = make([]uint8, l.card)
	all, none = true, true
	for code := range good {
		if c.passes(l, code) {
			good[code], none = 1, false
		} else {
			all = false
		}
	}
	return good, all, none
}

// passes asks the condition for the text of a code of a level; of a text with a number once.
func (c *condition) passes(l *level, code int) bool {
	if l.words == nil {
		return c.text(l.text(code))
	}
	if c.of != l.of {
		c.asked, c.of = c.asked[:0], l.of
	}
	word := int(l.words[code])
	if word >= len(c.asked) {
		c.asked = extend(c.asked, word+1, unasked)
	}
	if c.asked[word] == unasked {
		c.asked[word] = refused
		if c.text(l.text(code)) {
			c.asked[word] = passed
		}
	}
	return c.asked[word] == passed
}

// What is known of a text with a number.
const (
	unasked = iota
	refused
	passed
)

// filterLevel narrows the batch by a condition on a dimension that is there as a level.
func (w *scratch) filterLevel(b *batch, c *condition, l *level) {
	good, all, none := c.good(l)
	switch {
	case all:
	case none || l.codes == nil:
		b.rows = size(&w.rows, b.n)[:0]
	default:
		w.narrowCodes(b, l.codes, good)
	}
}

// filterColumns narrows the batch by a condition on columns of a record.
func (w *scratch) filterColumns(b *batch, c *condition, cols []column) {
	if len(cols) > 1 {
		w.narrow(b, func(row int) bool {
			sum, there := int64(0), false
			for i := range cols {
				if cols[i].has(row) {
					sum, there = sum+cols[i].ints[row], true
				}
			}
			return (there && c.number(sum)) || (!there && c.missing)
		})
		return
	}
	col := &cols[0]
	switch {
	case col.absent:
		if !c.missing {
			b.rows = size(&w.rows, b.n)[:0]
		}
	case !c.numeric() && (c.typ == event.Text || c.typ == event.ID || col.codes == nil &&
		c.typ == event.String):
		w.narrow(b, func(row int) bool {
			if !col.has(row) {
				return c.missing
			}
			v := col.string(row)
			if col.typ == event.ID {
				v = event.IDText([]byte(v))
			}
			return c.text(v)
		})
	case !c.numeric():
		l := w.levelOf(filterSlot, col, b.n)
		w.filterLevel(b, c, &l)
	case c.typ == event.Float:
		w.narrow(b, func(row int) bool {
			if !col.has(row) {
				return c.missing
			}
			return c.number(sortable(col.floats[row]))
		})
	default:
		w.narrow(b, func(row int) bool {
			if !col.has(row) {
				return c.missing
			}
			return c.number(col.ints[row])
		})
	}
}

// filterSlot is the scratch slot of filters: no Spec has as many dimensions.
const filterSlot = event.MaxFields + 1
