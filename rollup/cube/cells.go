package cube

import (
	"math"
	"slices"
	"unsafe"

	"analytics/engine/event"
)

// AddBlock counts the cells of a block whose buckets are in [from, to) and whose dimensions pass
// the filter. The block may have more dimensions and measures than the table; of those it is not
// asked for it reads nothing. ErrLacks if it has less, or cells across an edge of the table's
// buckets or of the range.
func (t *Table) AddBlock(data []byte, from, to event.Micros) error {
	b, err := OpenBlock(data)
	if err != nil {
		return err
	}
	return t.AddCells(b, from, to)
}

// holds reports whether the block has all that the table asks of it, but for buckets.
func (t *Table) holds(b *Block) bool {
	if b.Kind != t.spec.Kind {
		return false
	}
	for _, d := range t.plan.dims {
		if b.dim(d.Field) < 0 {
			return false
		}
	}
	for _, m := range t.plan.measures {
		if b.measure(m) < 0 && !m.ofWeights(b.Kind) && !b.names(m) {
			return false
		}
	}
	for _, c := range t.plan.conditions {
		if len(c.fields) != 1 || b.dim(c.fields[0]) < 0 {
			return false
		}
	}
	return true
}

// names reports whether the different values of a field can be told from the cells, since they are
// counted by it: which tools were called, say. Of cells that were folded they cannot.
func (b *Block) names(m Measure) bool {
	return m.Op == Distinct && b.Kind.Fields()[m.Field].Type != event.ID && b.dim(m.Field) >= 0 && !b.Folded
}

// fetch reads all sections that the table needs of a block which holds them. A section that cannot
// be read is found before anything is counted.
func (t *Table) fetch(b *Block) error {
	all := []int{0}
	for _, c := range t.plan.conditions {
		all = append(all, b.dim(c.fields[0]))
	}
	for _, d := range t.plan.dims {
		all = append(all, b.dim(d.Field))
	}
	for _, m := range t.plan.measures {
		if at := b.measure(m); at >= 0 {
			all = append(all, at)
		} else if b.names(m) {
			all = append(all, b.dim(m.Field))
		}
	}
	slices.Sort(all) // as they lie: a source keeps the piece it read last
	for _, i := range all {
		if _, err := b.read(i); err != nil {
			return err
		}
	}
	return nil
}

// AddCells is AddBlock for a block that is open. After an error of reading nothing was counted.
func (t *Table) AddCells(b *Block, from, to event.Micros) error { return t.addCells(b, from, to, nil) }

// addCells is AddCells; moved, if there is one, says into which bucket cells come that lie across an edge.
func (t *Table) addCells(b *Block, from, to event.Micros, moved moving) error {
	if !t.holds(b) {
		return ErrLacks
	}
	if b.Cells == 0 {
		return nil
	}
	if err := t.fetch(b); err != nil {
		return err
	}
	times, err := b.times()
	if err != nil {
		return err
	}
	times.between(b.first, b.last)
	w := &t.work
	batch := batch{n: b.Cells}
	low, high := t.plan.clip(from, to)
	bucket, err := t.cellWindow(&batch, times, low, high, moved)
	if err != nil {
		return err
	}
	for _, c := range t.plan.conditions {
		l, err := w.levelOfBlock(filterSlot, b, b.dim(c.fields[0]))
		if err != nil {
			return err
		}
		w.filterLevel(&batch, c, &l)
	}
	if batch.len() == 0 {
		return nil
	}
	levels := w.levels[:0]
	if t.plan.edges != nil || t.plan.grain > 0 {
		levels = append(levels, bucket)
	}
	for i, d := range t.plan.dims {
		l, err := w.levelOfBlock(i, b, b.dim(d.Field))
		if err != nil {
			return err
		}
		levels = append(levels, l)
	}
	w.levels = levels
	t.group(&batch, levels)
	t.folded = t.folded || b.Folded
	for i, m := range t.plan.measures {
		at := b.measure(m)
		if at < 0 && b.names(m) {
			l, err := w.levelOfBlock(filterSlot, b, b.dim(m.Field))
			if err != nil {
				return err
			}
			t.states[i].(*distincts).addLevel(&batch, &l)
		}
		if at < 0 { // or of weights: the block is older than they are, so its events have none
			continue
		}
		section, err := b.section(at)
		if err != nil {
			return err
		}
		if err := t.states[i].read(section, &batch, w); err != nil {
			return damaged("has a damaged section")
		}
	}
	return nil
}

// times reads the times section.
func (b *Block) times() (bucketCells, error) {
	section, err := b.section(0)
	if err != nil {
		return bucketCells{}, err
	}
	return readTimes(b, section)
}

// bucketCells is the times section of a block: buckets in order, and how many cells each has.
type bucketCells struct {
	edges  []event.Micros
	starts []int64
	ends   []int64
	cells  []int
}

// between narrows the buckets to where events are, if that is known.
func (t *bucketCells) between(first, last event.Micros) {
	for i := range t.starts {
		if first == last && first == 0 {
			return
		}
		t.starts[i] = max(t.starts[i], min(int64(first), t.ends[i]-1))
		t.ends[i] = min(t.ends[i], max(int64(last)+1, t.starts[i]+1))
	}
}

func readTimes(b *Block, section []byte) (bucketCells, error) {
	var t bucketCells
	if len(section) == 0 {
		t.starts, t.ends, t.cells = []int64{0}, []int64{math.MaxInt64}, []int{b.Cells}
		return t, nil
	}
	r := reader{rest: section}
	at := int64(0)
	for i := range r.uvarint(uint64(len(section))) {
		step := r.varint()
		if at += step; i > 0 && step <= 0 {
			return t, damaged("has edges in disorder")
		}
		t.edges = append(t.edges, event.Micros(at))
	}
	at = 0
	left := b.Cells
	for i := 0; len(r.rest) > 0; i++ {
		step := r.varint()
		if at += step; i > 0 && step <= 0 {
			return t, damaged("has buckets in disorder")
		}
		n := int(r.uvarint(uint64(left)))
		left -= n
		end := at + b.Grain.Microseconds()
		if t.edges != nil {
			e, ok := slices.BinarySearch(t.edges, event.Micros(at))
			if !ok || e == len(t.edges)-1 {
				return t, damaged("has a bucket without edges")
			}
			end = int64(t.edges[e+1])
		}
		t.starts, t.ends, t.cells = append(t.starts, at), append(t.ends, end), append(t.cells, n)
	}
	if r.bad || left != 0 || (t.edges == nil && b.Grain == 0) || len(t.edges) == 1 {
		return t, damaged("has damaged times")
	}
	return t, nil
}

// cellWindow narrows the batch to the cells in [from, to) and makes the level of the table's time
// bucket.
func (t *Table) cellWindow(b *batch, times bucketCells, from, to int64, moved moving) (level, error) {
	buckets := t.plan.edges != nil || t.plan.grain > 0
	if !buckets && from <= int64(Always) && to >= int64(Never) {
		return level{}, nil
	}
	var starts []int64
	codes := t.work.codes(len(t.dims), b.n)
	rows := size(&t.work.rows, b.n)[:0]
	cell := 0
	for i, start := range times.starts {
		next := cell + times.cells[i]
		end := times.ends[i]
		if end <= from || start >= to {
			cell = next
			continue
		}
		s, e, ok := t.plan.bucketOf(start)
		if start < from || end > to || !ok || end > e {
			if moved == nil {
				return level{}, ErrLacks
			}
			if s = moved(start, end, from, to); s == outside {
				cell = next
				continue
			}
		}
		code := slices.Index(starts, s)
		if code < 0 {
			code = len(starts)
			starts = append(starts, s)
		}
		for ; cell < next; cell++ {
			codes[cell] = int32(code)
			rows = append(rows, int32(cell))
		}
	}
	if len(rows) < b.n {
		b.rows = rows
	}
	if len(starts) == 1 {
		codes = nil
	}
	return level{codes: codes, card: len(starts), start: starts}, nil
}

// levelOfBlock reads a dimension's section. Its texts stay where they are until a group needs one.
func (w *scratch) levelOfBlock(slot int, b *Block, at int) (level, error) {
	c, err := b.read(at)
	if err != nil {
		return level{}, err
	}
	packed, n := c.bytes, len(c.words)
	var text func(code int) string
	if c.words != nil {
		texts := b.words.all()
		text = func(code int) string { return texts[c.words[code]] }
	} else {
		var texts [][]byte
		if texts, packed, err = b.texts(c.bytes); err != nil {
			return level{}, err
		}
		n = len(texts)
		text = func(code int) string { return unsafe.String(unsafe.SliceData(texts[code]), len(texts[code])) }
	}
	codes := w.codes(slot, b.Cells)
	rest, err := unpack(codes, packed)
	if err != nil || len(rest) != 0 {
		return level{}, damaged("has a damaged dimension")
	}
	for _, c := range codes {
		if uint32(c) >= uint32(n) {
			return level{}, damaged("has a damaged dimension")
		}
	}
	if n == 1 {
		codes = nil
	}
	l := w.level(slot, codes, n, text)
	l.words, l.of = c.words, b.words
	return l, nil
}
