package cube

import (
	"encoding/binary"
	"slices"

	"analytics/engine/event"
)

// distincts is the different values of all groups.
type distincts struct {
	groups []distinct
	lists  slab
}

func (s *distincts) grow(n int) { s.groups = extend(s.groups, n, distinct{}) }

// add hashes each dictionary entry once, and asks a bitmap of (group, entry) pairs before the table
// of the group when the bitmap is small: most rows repeat a pair.
func (s *distincts) add(b *batch, c *column, _ *scratch) {
	if c.absent {
		return
	}
	if c.codes == nil {
		for i, g := range b.groups {
			if row := b.row(i); c.has(row) {
				if v := c.string(row); v != "" && !(c.typ == event.ID && len(v) == 1) {
					s.groups[g].add(hashOf(v), &s.lists)
				}
			}
		}
		return
	}
	hashes := make([]uint64, c.names.Len())
	for code := range hashes {
		if v := c.names.Value(code); v != "" {
			hashes[code] = hashOf(v)
		}
	}
	pairs := len(hashes) * len(s.groups)
	var met []uint64
	if pairs <= 8*b.len() {
		met = make([]uint64, pairs/64+1)
	}
	for i, g := range b.groups {
		row := b.row(i)
		if !c.has(row) {
			continue
		}
		code := int(c.codes[row])
		if met != nil {
			pair := int(g)*len(hashes) + code
			if met[pair>>6]>>(pair&63)&1 != 0 {
				continue
			}
			met[pair>>6] |= 1 << (pair & 63)
		}
		if hashes[code] != 0 {
			s.groups[g].add(hashes[code], &s.lists)
		}
	}
}

// addLevel counts the texts of a dimension of cells.
func (s *distincts) addLevel(b *batch, l *level) {
	hashes := make([]uint64, l.card)
	for code := range hashes {
		if text := l.text(code); text != "" {
			hashes[code] = hashOf(text)
		}
	}
	for i, g := range b.groups {
		code := int32(0)
		if l.codes != nil {
			code = l.codes[b.row(i)]
		}
		if hashes[code] != 0 {
			s.groups[g].add(hashes[code], &s.lists)
		}
	}
}

func (s *distincts) merge(from state, to []uint32, own bool) {
	o := from.(*distincts)
	for g := range o.groups {
		if to[g] == nowhere {
			continue
		}
		o.groups[g].settle() // once, and not in each of the groups it is merged into
		s.groups[to[g]].merge(&o.groups[g], own, &s.lists)
	}
}

func (s *distincts) settle() {
	for g := range s.groups {
		s.groups[g].settle()
	}
}

func (s *distincts) permute(order []int32) { s.groups = reorder(s.groups, order) }

// append writes the number of hashes of each cell packed (ExactLimit+1 for registers), then all
// hashes of the section once, ascending, as packed steps, then for each cell the packed places of
// its hashes among them, then the registers. A visitor who is in several cells and hours costs a
// hash once and a place, of 11 to 17 bits, for each: half of hashes in the cells themselves.
func (s *distincts) append(dst []byte) []byte {
	counts := make([]int64, len(s.groups))
	total := 0
	for g := range s.groups {
		s.groups[g].settle()
		counts[g] = int64(len(s.groups[g].hashes))
		total += len(s.groups[g].hashes)
		if s.groups[g].regs != nil {
			counts[g] = ExactLimit + 1
		}
	}
	dst = appendPacked(dst, counts)
	met := newPlaces(total)
	for g := range s.groups {
		for _, h := range s.groups[g].hashes {
			met.add(h)
		}
	}
	steps := met.sort()
	dst = binary.AppendUvarint(dst, uint64(len(steps)))
	dst = appendPacked(dst, steps)
	all := make([]int64, 0, total)
	for g := range s.groups {
		start := len(all)
		for _, h := range s.groups[g].hashes {
			all = append(all, met.of(h))
		}
		slices.Sort(all[start:])
	}
	dst = appendPacked(dst, all)
	for g := range s.groups {
		if s.groups[g].regs != nil {
			dst = appendRanks(dst, s.groups[g].regs[:])
		}
	}
	return dst
}

// appendRanks writes eight registers of 5 bits as five bytes.
func appendRanks(dst []byte, regs []uint8) []byte {
	for i := 0; i < len(regs); i += 8 {
		word := uint64(0)
		for k, r := range regs[i : i+8] {
			word |= uint64(r) << (rankBits * k)
		}
		dst = append(dst, byte(word), byte(word>>8), byte(word>>16), byte(word>>24), byte(word>>32))
	}
	return dst
}

func (s *distincts) read(section []byte, b *batch, w *scratch) error {
	counts := size(&w.values, b.n)
	rest, err := unpack(counts, section)
	if err != nil {
		return err
	}
	all, places, ranks, err := w.readHashes(counts, rest)
	if err != nil {
		return err
	}
	to := cursor{b: b}
	met := size(&w.met, len(all)) // which group met a hash last
	clear(met)
	last, fresh := -1, false
	for cell, n := range counts {
		g := to.group(cell)
		if g != last && g >= 0 {
			last, fresh = g, s.groups[g].empty()
			s.groups[g].reserve(to.hashes(counts), &s.lists)
		}
		if n == ExactLimit+1 {
			if g >= 0 && !s.groups[g].readRanks(ranks[:rankBytes]) {
				return errBlock
			}
			ranks = ranks[rankBytes:]
			continue
		}
		if g >= 0 {
			s.groups[g].addPlaces(all, places[:n], met, uint32(g+1), fresh, &s.lists)
		}
		places = places[n:]
	}
	return nil
}

// hashes is how many hashes the run of cells has that begins here, those of registers left out.
func (c *cursor) hashes(counts []int64) (n int) {
	end := c.next + c.run()
	for i := c.next; i < end; i++ {
		if k := counts[c.b.row(i)]; k <= ExactLimit {
			n += int(k)
		}
	}
	return n
}

// reserve makes room for some more hashes, as far as a list goes.
func (s *distinct) reserve(n int, l *slab) {
	if s.regs == nil {
		s.hashes = l.room(s.hashes, min(n, max(int(s.due), fewHashes)-len(s.hashes)))
	}
}

// addPlaces adds the hashes at some places of all that the group did not just meet. fresh says that it
// was empty before the cells that led up to this one, all of them its own: then no hash of it is twice.
func (s *distinct) addPlaces(all []uint64, places []int32, met []uint32, group uint32, fresh bool, l *slab) {
	for _, at := range places {
		if met[at] == group {
			continue
		}
		met[at] = group
		if s.regs != nil {
			rank(s.regs, all[at])
			continue
		}
		if len(s.hashes) == cap(s.hashes) {
			s.hashes = l.room(s.hashes, 1)
		}
		s.hashes = append(s.hashes, all[at])
		if fresh {
			s.known = int32(len(s.hashes))
		}
		if s.full() {
			s.settle()
		}
	}
}

// readHashes reads what follows the counts: the hashes, the places of all cells, and the registers.
func (w *scratch) readHashes(counts []int64, b []byte) (
	all []uint64, places []int32, ranks []byte, err error,
) {
	total, dense := 0, 0
	for _, n := range counts {
		if n < 0 || n > ExactLimit+1 {
			return nil, nil, nil, errBlock
		} else if n == ExactLimit+1 {
			dense++
		} else {
			total += int(n)
		}
	}
	r := reader{rest: b}
	all = size(&w.hashes, int(r.uvarint(uint64(total))))
	steps := size(&w.steps, len(all))
	rest, err := unpack(steps, r.rest)
	if r.bad || err != nil {
		return nil, nil, nil, errBlock
	}
	last := uint64(0)
	for i, step := range steps {
		if step <= 0 || step >= 1<<hashBits {
			return nil, nil, nil, errBlock
		}
		last += uint64(step)
		all[i] = last
	}
	places = size(&w.names, total)
	rest, err = unpack(places, rest)
	if err != nil || last >= 1<<hashBits || len(rest) != dense*rankBytes {
		return nil, nil, nil, errBlock
	}
	for _, at := range places {
		if uint32(at) >= uint32(len(all)) {
			return nil, nil, nil, errBlock
		}
	}
	return all, places, rest, nil
}

// readRanks merges encoded registers; false if a rank is impossible.
func (s *distinct) readRanks(b []byte) bool {
	s.estimateFromNow()
	for i := 0; i < registers; i += 8 {
		at := b[i/8*rankBits:]
		word := uint64(binary.LittleEndian.Uint32(at)) | uint64(at[4])<<32
		for k := range 8 {
			r := uint8(word >> (rankBits * k) & (1<<rankBits - 1))
			if r > hashBits-precision+1 {
				return false
			}
			s.regs[i+k] = max(s.regs[i+k], r)
		}
	}
	return true
}

// places numbers the different hashes of a section in ascending order: an open table that remembers
// the place of each.
type places struct {
	slots  []uint64
	place  []int64
	hashes []uint64
}

func newPlaces(n int) *places {
	size := 8
	for size < 2*n {
		size *= 2
	}
	return &places{slots: make([]uint64, size), place: make([]int64, size)}
}

// at is the slot of a hash, or the free one where it belongs. Low bits of a hash choose it.
func (p *places) at(h uint64) int {
	mask := uint64(len(p.slots) - 1)
	at := h & mask
	for p.slots[at] != h && p.slots[at] != 0 {
		at = (at + 1) & mask
	}
	return int(at)
}

func (p *places) add(h uint64) {
	if at := p.at(h); p.slots[at] == 0 {
		p.slots[at] = h
		p.hashes = append(p.hashes, h)
	}
}

// sort gives the places, and returns the steps from each hash to the next.
func (p *places) sort() []int64 {
	slices.Sort(p.hashes)
	steps := make([]int64, len(p.hashes))
	last := uint64(0)
	for i, h := range p.hashes {
		p.place[p.at(h)] = int64(i)
		steps[i], last = int64(h-last), h
	}
	return steps
}

func (p *places) of(h uint64) int64 { return p.place[p.at(h)] }
