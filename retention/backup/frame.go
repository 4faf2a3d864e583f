package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The limits of what is read: a key of the store is at most some 1 KiB, a value 512 KiB.
const (
	maxKey   = 4 << 10
	maxValue = 1 << 20
)

var errFrame = errors.New("it does not decode")

// appendPair appends a small pair of the store: the key and the value, each with its length.
func appendPair(b, key, value []byte) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(key))), key...)
	return append(binary.AppendUvarint(b, uint64(len(value))), value...)
}

// readPair reads one pair into the buffers and gives them back, grown where needed; io.EOF says that
// there is none left.
func readPair(r *bufio.Reader, key, value []byte) (k, v []byte, err error) {
	if k, err = readBytes(r, key, maxKey); err != nil {
		return k, value, err
	}
	if v, err = readBytes(r, value, maxValue); err != nil {
		return k, v, noEOF(err)
	}
	return k, v, nil
}

// where is where the bytes of a piece are: in a data file of this backup (from 0) or of one of its
// chain (from 1 on).
type where struct {
	from   int
	file   int
	offset int64
}

// piece is a record of the index: a key, and what it is the key of.
type piece struct {
	key  []byte
	size int
	sum  [sha256.Size]byte
	where
}

// appendPiece appends a record of the index.
func appendPiece(b []byte, p *piece) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(p.key))), p.key...)
	b = binary.AppendUvarint(b, uint64(p.size))
	b = append(b, p.sum[:]...)
	b = binary.AppendUvarint(b, uint64(p.from))
	b = binary.AppendUvarint(b, uint64(p.file))
	return binary.AppendUvarint(b, uint64(p.offset))
}

// readPiece reads a record of the index into p, whose key is used again; io.EOF says that there is
// none left.
func readPiece(r *bufio.Reader, p *piece) (err error) {
	if p.key, err = readBytes(r, p.key, maxKey); err != nil {
		return err
	}
	var n [4]uint64
	for i, most := range [4]uint64{maxValue, maxChain, maxFiles, maxOffset} {
		if i == 1 {
			if _, err := io.ReadFull(r, p.sum[:]); err != nil {
				return noEOF(err)
			}
		}
		if n[i], err = binary.ReadUvarint(r); err != nil {
			return noEOF(err)
		}
		if n[i] > most {
			return errFrame
		}
	}
	p.size, p.from, p.file, p.offset = int(n[0]), int(n[1]), int(n[2]), int64(n[3])
	return nil
}

// readBytes reads a length and as many bytes.
func readBytes(r *bufio.Reader, b []byte, most int) ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return b, err
	}
	if n > uint64(most) {
		return b, fmt.Errorf("%w: %d bytes where %d is the most", errFrame, n, most)
	}
	if uint64(cap(b)) < n {
		b = make([]byte, n)
	}
	b = b[:n]
	_, err = io.ReadFull(r, b)
	return b, noEOF(err)
}

// noEOF makes the end in the middle of a record an error.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
