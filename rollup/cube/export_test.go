package cube

import (
	"encoding/binary"
	"hash/crc32"
)

// Resum makes the checksums of a block right again where its header can be read, so that fuzzing
// gets past them.
func Resum(data []byte) []byte {
	data = append([]byte(nil), data...)
	r := reader{rest: data}
	r.take(5)
	r.uvarint(1 << 20)
	r.uvarint(maxCells)
	dims := r.uvarint(80)
	for range dims {
		r.uvarint(80)
	}
	measures := r.uvarint(1 << 10)
	for range measures {
		if op := r.byte(); r.uvarint(80) < 80 && Op(op) == Equals {
			r.take(r.uvarint(512))
		}
	}
	var lengths []uint64
	var sums [][]byte
	for range 1 + dims + measures {
		lengths = append(lengths, r.uvarint(1<<32))
		sums = append(sums, r.take(4))
	}
	head := data[:len(data)-len(r.rest)]
	total := r.take(4)
	for i, n := range lengths {
		if section := r.take(n); !r.bad {
			binary.LittleEndian.PutUint32(sums[i], crc32.Checksum(section, castagnoli))
		}
	}
	if total != nil {
		binary.LittleEndian.PutUint32(total, crc32.Checksum(head, castagnoli))
	}
	return data
}
