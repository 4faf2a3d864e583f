package cube

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"time"
)

// Encode sorts the table and writes it as a block. Equal tables give equal bytes.
func (t *Table) Encode() []byte {
	t.Sort()
	sections := [][]byte{t.appendTimes(nil)}
	for d := range t.dims {
		sections = append(sections, t.appendDim(nil, d))
	}
	for _, s := range t.states {
		sections = append(sections, s.append(nil))
	}
	flags := byte(0)
	if t.folded {
		flags = flagFolded
	}
	b := append([]byte(blockMagic), blockVersion, byte(t.spec.Kind), flags)
	b = binary.AppendUvarint(b, uint64(t.spec.Grain/time.Minute))
	b = binary.AppendUvarint(b, uint64(t.Len()))
	b = binary.AppendUvarint(b, uint64(len(t.plan.dims)))
	for _, d := range t.plan.dims {
		b = binary.AppendUvarint(b, uint64(d.Field))
	}
	b = binary.AppendUvarint(b, uint64(len(t.plan.measures)))
	for _, m := range t.plan.measures {
		b = binary.AppendUvarint(append(b, byte(m.Op)), uint64(m.Field))
		if m.Op == Equals {
			b = append(binary.AppendUvarint(b, uint64(len(m.Value))), m.Value...)
		}
	}
	total := 0
	for _, s := range sections {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(s, castagnoli))
		total += len(s)
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	b = slices.Grow(b, total)
	for _, s := range sections {
		b = append(b, s...)
	}
	return b
}

// appendTimes writes the edges, then each bucket that has cells and how many. Nothing at all when
// there are no buckets.
func (t *Table) appendTimes(dst []byte) []byte {
	if t.plan.edges == nil && t.plan.grain == 0 {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(len(t.plan.edges)))
	last := int64(0)
	for _, edge := range t.plan.edges {
		dst = binary.AppendVarint(dst, int64(edge)-last)
		last = int64(edge)
	}
	last = 0
	for lo := 0; lo < t.Len(); {
		hi := lo
		for hi < t.Len() && t.keys.times[hi] == t.keys.times[lo] {
			hi++
		}
		dst = binary.AppendVarint(dst, t.keys.times[lo]-last)
		dst = binary.AppendUvarint(dst, uint64(hi-lo))
		last, lo = t.keys.times[lo], hi
	}
	return dst
}

// appendDim writes the sorted texts that occur, then the packed codes of the cells.
func (t *Table) appendDim(dst []byte, d int) []byte {
	dict := &t.dims[d]
	used := make([]bool, len(dict.texts))
	for g := range t.Len() {
		used[t.keys.code(g, d)] = true
	}
	var texts []string
	for code, text := range dict.texts {
		if used[code] {
			texts = append(texts, text)
		}
	}
	slices.Sort(texts)
	place := make(map[string]int64, len(texts))
	dst = binary.AppendUvarint(dst, uint64(len(texts)))
	for i, text := range texts {
		place[text] = int64(i)
		dst = append(binary.AppendUvarint(dst, uint64(len(text))), text...)
	}
	places := make([]int64, len(dict.texts))
	for code, text := range dict.texts {
		places[code] = place[text]
	}
	codes := make([]int64, t.Len())
	for g := range codes {
		codes[g] = places[t.keys.code(g, d)]
	}
	return appendPacked(dst, codes)
}

// Decode reads a whole block as a table that can be added to.
func Decode(data []byte) (*Table, error) {
	b, err := OpenBlock(data)
	if err != nil {
		return nil, err
	}
	return b.table()
}

func (b *Block) table() (*Table, error) {
	spec, err := b.Bucketed()
	if err != nil {
		return nil, err
	}
	t, err := NewTable(spec)
	if err != nil {
		return nil, damaged("cannot be read")
	}
	if err := t.AddCells(b, Always, Never); err != nil {
		return nil, err
	}
	return t, nil
}
