package cube

// batch is the rows of a record, or the cells of a block, that passed the filter, and the group of
// each.
type batch struct {
	n      int     // rows in the record
	rows   []int32 // the rows that count; nil means all of them
	groups []uint32
	sole   bool    // all are in one group
	counts []int64 // rows of each group, once asked for
	// weights is how many events each row of the record stands for, nil if each is itself alone;
	// heaviest is the largest.
	weights  []int64
	heaviest uint64
}

func (b *batch) len() int {
	if b.rows != nil {
		return len(b.rows)
	}
	return b.n
}

// scratch is memory that is used again for each record.
type scratch struct {
	column [][]int32
	known  [][]int32
	rows   []int32
	levels []level
	group  []uint32
	cur    []int32
	memo   []int32
	pairs  []uint64
	names  []int32
	values []int64
	key    []uint32
	counts []int64
	hashes []uint64
	steps  []int64
	weight []int64
	met    []uint32
}

// size gives s the length n; what is in it means nothing.
func size[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n+n/4)
	}
	*s = (*s)[:n]
	return *s
}

func (w *scratch) codes(slot, n int) []int32 {
	for len(w.column) <= slot {
		w.column = append(w.column, nil)
	}
	return size(&w.column[slot], n)
}

func (w *scratch) level(slot int, codes []int32, card int, text func(int) string) level {
	for len(w.known) <= slot {
		w.known = append(w.known, nil)
	}
	known := size(&w.known[slot], card)
	fill(known, -1)
	return level{codes: codes, card: card, known: known, text: text}
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

// group finds the group of each row of the batch. The local codes of the levels are combined into
// one number as long as it stays small, so that groups are found by looking into an array; beyond
// that, numbers are given anew by a hash table. Each distinct combination asks the table's index
// once.
func (t *Table) group(b *batch, levels []level) {
	n := b.len()
	b.groups = size(&t.work.group, n)
	if n == 0 {
		return
	}
	var cur []int32
	card := 1
	for i := range levels {
		if l := &levels[i]; l.card > 1 && l.codes != nil {
			cur, card = t.work.combine(b, cur, card, l)
		}
	}
	if cur == nil {
		g := uint32(t.resolve(levels, b.row(0)))
		for i := range b.groups {
			b.groups[i] = g
		}
		b.sole = true
		t.grow()
		return
	}
	memo := size(&t.work.memo, card)
	fill(memo, -1)
	groups := b.groups[:len(cur)]
	for i, c := range cur {
		g := memo[c]
		if g < 0 {
			g = int32(t.resolve(levels, b.row(i)))
			memo[c] = g
		}
		groups[i] = uint32(g)
	}
	t.grow()
}

func (b *batch) row(i int) int {
	if b.rows != nil {
		return int(b.rows[i])
	}
	return i
}

// resolve asks the index for the group of a row.
func (t *Table) resolve(levels []level, row int) int {
	key := t.work.key[:0]
	time := int64(0)
	d := 0
	for i := range levels {
		l := &levels[i]
		code := 0
		if l.codes != nil {
			code = int(l.codes[row])
		}
		if l.start != nil {
			time = l.start[code]
			continue
		}
		if l.known[code] < 0 {
			l.known[code] = int32(t.dims[d].ofLevel(l, code))
		}
		key = append(key, uint32(l.known[code]))
		d++
	}
	t.work.key = key
	return t.keys.find(time, key)
}

// combine makes the numbers of cur and the codes of a level one number.
func (w *scratch) combine(b *batch, cur []int32, card int, l *level) ([]int32, int) {
	n := b.len()
	if cur == nil {
		if b.rows == nil {
			return l.codes, l.card
		}
		cur = size(&w.cur, n)
		for i, row := range b.rows {
			cur[i] = l.codes[row]
		}
		return cur, l.card
	}
	limit := min(max(4*n, 1<<12), 1<<20)
	if card*l.card > limit && card > n {
		cur, card = w.renumber(cur, card)
	}
	if card*l.card > limit {
		return w.hash(b, cur, l)
	}
	out := size(&w.cur, n)
	width := int32(l.card)
	if b.rows == nil {
		codes := l.codes[:len(out)]
		cur = cur[:len(out)]
		for i := range out {
			out[i] = cur[i]*width + codes[i]
		}
	} else {
		for i, row := range b.rows {
			out[i] = cur[i]*width + l.codes[row]
		}
	}
	return out, card * l.card
}

// renumber gives the numbers that occur new ones without gaps.
func (w *scratch) renumber(cur []int32, card int) ([]int32, int) {
	names := size(&w.names, card)
	fill(names, -1)
	out := size(&w.cur, len(cur))
	next := int32(0)
	for i, c := range cur {
		if names[c] < 0 {
			names[c] = next
			next++
		}
		out[i] = names[c]
	}
	return out, int(next)
}

// hash gives each pair of a number and a code a new number, through an open hash table.
func (w *scratch) hash(b *batch, cur []int32, l *level) ([]int32, int) {
	slots := 16
	for slots < 2*len(cur) {
		slots *= 2
	}
	pairs, names := size(&w.pairs, slots), size(&w.names, slots)
	clear(pairs)
	out := size(&w.cur, len(cur))
	mask := uint64(slots - 1)
	next := int32(0)
	for i, c := range cur {
		pair := uint64(c)<<32 | uint64(l.codes[b.row(i)]) + 1
		at := pair * 0x9e3779b97f4a7c15
		at = (at ^ at>>32) & mask
		for pairs[at] != pair && pairs[at] != 0 {
			at = (at + 1) & mask
		}
		if pairs[at] == 0 {
			pairs[at], names[at] = pair, next
			next++
		}
		out[i] = names[at]
	}
	return out, int(next)
}

// perGroup counts the rows of the batch by group, or returns nil when there are so many groups that
// counting apart does not pay. All counts of a batch share the work.
func (b *batch) perGroup(w *scratch, groups int) []int64 {
	if b.counts != nil || groups > b.len()/4 {
		return b.counts
	}
	b.counts = size(&w.counts, groups)
	clear(b.counts)
	if b.sole {
		b.counts[b.groups[0]] = int64(b.len())
		return b.counts
	}
	for _, g := range b.groups {
		b.counts[g]++
	}
	return b.counts
}

// reorder puts s in the given order.
func reorder[T any](s []T, order []int32) []T {
	out := make([]T, len(order))
	for i, from := range order {
		out[i] = s[from]
	}
	return out
}
