package store

import "io"

// Pieces reads what lies in pieces of equal length, as few of them as are asked for. It keeps the
// piece it read last, since what is wanted mostly lies together. Not safe for concurrent use.
type Pieces struct {
	size   int64
	length int64
	get    func(n int) ([]byte, error)
	last   int // the number of the piece kept, -1 for none
	piece  []byte
}

// NewPieces reads size bytes that lie in pieces of a length, the last one shorter, which get gets.
// A piece that is not as long as it should be is an error for get to find, or damage.
func NewPieces(size int64, length int, get func(n int) ([]byte, error)) *Pieces {
	return &Pieces{size: size, length: int64(length), get: get, last: -1}
}

// Size is how many bytes there are.
func (p *Pieces) Size() int64 { return p.size }

// ReadAt implements io.ReaderAt.
func (p *Pieces) ReadAt(dst []byte, off int64) (n int, err error) {
	for n < len(dst) {
		at := off + int64(n)
		if at >= p.size {
			return n, io.EOF
		}
		i := int(at / p.length)
		if i != p.last {
			p.last = -1
			if p.piece, err = p.get(i); err != nil {
				return n, err
			}
			if int64(len(p.piece)) != min(p.length, p.size-int64(i)*p.length) {
				return n, errPiece
			}
			p.last = i
		}
		n += copy(dst[n:], p.piece[at%p.length:])
	}
	return n, nil
}
