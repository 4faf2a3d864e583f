package cube

import (
	"cmp"
	"hash/maphash"
	"slices"
	"unsafe"
)

// dictionary gives each text of a dimension a code, in the order they come up.
type dictionary struct {
	texts []string
	slots []uint64 // an open table: half a hash above the code plus one, 0 is free
	seed  maphash.Seed
	room  []byte // where the next texts come to lie
	// words is the codes of texts by their numbers in of, -1 while not met.
	words []int32
	of    *Words
}

// code finds or makes the code of a text. The text is copied only when it is new.
func (d *dictionary) code(text string) uint32 {
	if len(d.slots) == 0 {
		d.seed = maphash.MakeSeed() // texts are a client's, who could make them collide
	}
	if 2*(len(d.texts)+1) > len(d.slots) {
		d.rehash(max(16, 4*len(d.slots)))
	}
	at, tag, code := d.slot(text)
	if code < 0 {
		code = int64(len(d.texts))
		d.texts = append(d.texts, d.keep(text))
		d.slots[at] = tag | uint64(code+1)
	}
	return uint32(code)
}

// ofLevel finds or makes the code of a text of a level.
func (d *dictionary) ofLevel(l *level, local int) uint32 {
	if l.words == nil {
		return d.code(l.text(local))
	}
	if d.of != l.of {
		d.words, d.of = d.words[:0], l.of
	}
	word := int(l.words[local])
	if word >= len(d.words) {
		d.words = extend(d.words, word+1, -1)
	}
	if d.words[word] < 0 {
		d.words[word] = int32(d.code(l.text(local)))
	}
	return uint32(d.words[word])
}

// known is the code of a text, -1 if it has none.
func (d *dictionary) known(text string) int64 {
	if len(d.slots) == 0 {
		return -1
	}
	_, _, code := d.slot(text)
	return code
}

const codeMask = 1<<32 - 1

// slot is where a text is, or would be, the upper half of its hash, and its code, or -1.
func (d *dictionary) slot(text string) (at, tag uint64, code int64) {
	h := maphash.String(d.seed, text)
	mask := uint64(len(d.slots) - 1)
	tag = h &^ codeMask
	for at = h & mask; ; at = (at + 1) & mask {
		e := d.slots[at]
		if e == 0 {
			return at, tag, -1
		}
		if code = int64(e&codeMask) - 1; e&^codeMask == tag && d.texts[code] == text {
			return at, tag, code
		}
	}
}

func (d *dictionary) rehash(size int) {
	d.slots = make([]uint64, size)
	mask := uint64(size - 1)
	for code, text := range d.texts {
		h := maphash.String(d.seed, text)
		at := h & mask
		for d.slots[at] != 0 {
			at = (at + 1) & mask
		}
		d.slots[at] = h&^codeMask | uint64(code+1)
	}
}

// keep copies a text to where its neighbours are.
func (d *dictionary) keep(text string) string {
	if len(text) > cap(d.room)-len(d.room) {
		d.room = make([]byte, 0, max(len(text), min(2*cap(d.room), 16<<10), 64))
	}
	from := len(d.room)
	d.room = append(d.room, text...)
	return unsafe.String(unsafe.SliceData(d.room[from:]), len(text))
}

// ranks gives each code its place among the sorted texts.
func (d *dictionary) ranks() []int32 {
	order := make([]int32, len(d.texts))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(d.texts[a], d.texts[b]) })
	ranks := make([]int32, len(order))
	for i, c := range order {
		ranks[c] = int32(i)
	}
	return ranks
}

// keys is the index of groups: the start of the bucket and a code for each dimension make the key
// of a group. It is an open hash table over columns, four bytes a slot.
type keys struct {
	width int
	times []int64
	codes []uint32 // width for each group
	slots []int32  // group + 1, 0 is free; a power of two, at most half full; nil until it is needed
	// recent is group + 1 by code, of the keys of one time: of keys with one code, since neighbours in a
	// block are mostly of one bucket.
	recent []int32
	when   int64
}

func (k *keys) len() int { return len(k.times) }

func (k *keys) code(g, d int) uint32 { return k.codes[g*k.width+d] }

// find is the group of a key; a new one gets the next number.
func (k *keys) find(time int64, codes []uint32) int {
	if k.width != 1 {
		return k.seek(time, codes)
	}
	code := int(codes[0])
	if time != k.when {
		clear(k.recent)
		k.when = time
	}
	if code >= len(k.recent) {
		k.recent = extend(k.recent, code+1, 0)
	}
	if k.recent[code] == 0 {
		k.recent[code] = int32(k.seek(time, codes) + 1)
	}
	return int(k.recent[code] - 1)
}

// seek is find without a short cut.
func (k *keys) seek(time int64, codes []uint32) int {
	if 2*(len(k.times)+1) > len(k.slots) {
		k.rehash()
	}
	at, g := k.slot(time, codes)
	if g < 0 {
		g = k.append(time, codes)
		k.slots[at] = int32(g + 1)
	}
	return g
}

// add is find for a key that is not there. The table of slots is made again when it is needed.
func (k *keys) add(time int64, codes []uint32) int {
	k.slots = nil
	return k.append(time, codes)
}

func (k *keys) append(time int64, codes []uint32) int {
	k.times = append(k.times, time)
	k.codes = append(k.codes, codes...)
	return len(k.times) - 1
}

// known is the group of a key, -1 if there is none.
func (k *keys) known(time int64, codes []uint32) int {
	if len(k.slots) == 0 {
		k.rehash()
	}
	_, g := k.slot(time, codes)
	return g
}

// slot is where a key is, or would be, and its group, or -1.
func (k *keys) slot(time int64, codes []uint32) (at uint64, g int) {
	mask := uint64(len(k.slots) - 1)
	for at = hashKey(time, codes) & mask; ; at = (at + 1) & mask {
		g = int(k.slots[at]) - 1
		if g < 0 || k.times[g] == time && slices.Equal(k.codes[g*k.width:(g+1)*k.width], codes) {
			return at, g
		}
	}
}

// rehash makes the table of slots, with room for one more key.
func (k *keys) rehash() {
	size := 16
	for size < 2*(len(k.times)+1) {
		size *= 2
	}
	k.slots = make([]int32, size)
	mask := uint64(size - 1)
	for g, time := range k.times {
		at := hashKey(time, k.codes[g*k.width:(g+1)*k.width]) & mask
		for k.slots[at] != 0 {
			at = (at + 1) & mask
		}
		k.slots[at] = int32(g + 1)
	}
}

func (k *keys) permute(order []int32) {
	times := make([]int64, 0, len(order))
	codes := make([]uint32, 0, len(k.codes))
	for _, g := range order {
		times = append(times, k.times[g])
		codes = append(codes, k.codes[int(g)*k.width:(int(g)+1)*k.width]...)
	}
	k.times, k.codes = times, codes
	k.slots = nil
	clear(k.recent)
}

// hashKey mixes a key. Codes are ours, not a client's, so no seed is needed.
func hashKey(time int64, codes []uint32) uint64 {
	const prime = 0x9e3779b97f4a7c15
	h := uint64(time) * prime
	for _, c := range codes {
		h = (h ^ h>>29 ^ uint64(c)) * prime
	}
	return h ^ h>>32
}
