package event

// Mark is what finding duplicates needs to know about one row.
type Mark struct {
	Key   IDKey
	Time  Micros
	End   int // where the row ends in Part.Rows; it starts where the one before ends
	Timed bool
	Named bool
}

// Part is the rows of a batch that share a kind and an hour: what goes under one journal key.
type Part struct {
	Kind  Kind
	Hour  Hour
	Rows  []byte
	Marks []Mark
}

// Batch gathers the events of one request, sorted into parts. It is reused: Reset keeps the memory.
// It is not safe for concurrent use.
type Batch struct {
	parts []Part
	last  int
	n     int
}

// Reset empties the batch.
func (b *Batch) Reset() { b.parts, b.last, b.n = b.parts[:0], 0, 0 }

// Len is the number of events.
func (b *Batch) Len() int { return b.n }

// Size is the number of bytes of all rows.
func (b *Batch) Size() int {
	size := 0
	for i := range b.parts {
		size += len(b.parts[i].Rows)
	}
	return size
}

// Parts lists the parts in the order they came up. They are valid until Reset.
func (b *Batch) Parts() []Part { return b.parts }

// Add appends a complete event: its timestamp and id are set, whoever chose them.
func (b *Batch) Add(e *Event) {
	p := b.part(e.Kind, e.Time().Hour())
	p.Rows = e.AppendRow(p.Rows)
	p.Marks = append(p.Marks, Mark{
		Key: KeyOf(e.Text(EventID)), Time: e.Time(), End: len(p.Rows), Timed: e.Timed, Named: e.Named,
	})
	b.n++
}

// part finds the part of a kind and hour. Requests hold few of them, mostly the same one in a row.
func (b *Batch) part(k Kind, h Hour) *Part {
	if b.last < len(b.parts) && b.parts[b.last].Kind == k && b.parts[b.last].Hour == h {
		return &b.parts[b.last]
	}
	for i := range b.parts {
		if b.parts[i].Kind == k && b.parts[i].Hour == h {
			b.last = i
			return &b.parts[i]
		}
	}
	b.last = len(b.parts)
	if cap(b.parts) > b.last {
		b.parts = b.parts[:b.last+1]
		p := &b.parts[b.last]
		p.Kind, p.Hour, p.Rows, p.Marks = k, h, p.Rows[:0], p.Marks[:0]
	} else {
		b.parts = append(b.parts, Part{Kind: k, Hour: h})
	}
	return &b.parts[b.last]
}
