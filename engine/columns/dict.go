package columns

// dict gives the strings of a column their codes. Codes belong to one record; the strings
// themselves stay interned from record to record, so that a builder used again and again allocates
// only for values it has never met.
type dict struct {
	ids    map[string]int32 // string -> place in names
	names  []string
	codes  []int32 // by place: the code in this record, valid if epochs says so
	epochs []uint32
	epoch  uint32
	used   []int32 // places by code
	bytes  int     // of the used names
	last   int32   // place of the value before: neighbours are often the same
}

// maxInterned is how many strings a builder remembers between records. Columns with more values
// (user ids) would fill the memory with strings that never come back.
const maxInterned = 1 << 14

func (d *dict) code(text []byte) int32 {
	if int(d.last) < len(d.used) && d.names[d.used[d.last]] == string(text) {
		return d.last
	}
	place, ok := d.ids[string(text)]
	if !ok {
		if d.ids == nil {
			d.ids, d.epoch = make(map[string]int32), 1
		}
		place = int32(len(d.names))
		name := string(text)
		d.ids[name] = place
		d.names = append(d.names, name)
		d.codes = append(d.codes, 0)
		d.epochs = append(d.epochs, 0)
	}
	if d.epochs[place] != d.epoch {
		d.epochs[place] = d.epoch
		d.codes[place] = int32(len(d.used))
		d.used = append(d.used, place)
		d.bytes += len(text)
	}
	d.last = d.codes[place]
	return d.last
}

// next begins another record.
func (d *dict) next() {
	d.used, d.bytes, d.last = d.used[:0], 0, 0
	d.epoch++
	if len(d.names) > maxInterned || d.epoch == 0 {
		*d = dict{}
	}
}
