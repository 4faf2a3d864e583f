package store

import (
	"container/list"
	"sync"
)

// cachedPieces bounds pieceCache to 8 MiB.
const cachedPieces = (8 << 20) / pieceSize

// pieceCache keeps the pieces of which little was wanted: the ends of columns, where the next one
// begins, page indexes and bloom filters. Badger copies a piece three times to hand it out, 20 µs,
// and showing one event touches some sixty places in about twenty pieces. What is read whole is not
// kept: a scan would drive out everything and come back for nothing.
type pieceCache struct {
	mu    sync.Mutex
	known map[pieceID]*list.Element // guarded by mu; values are *cachedPiece
	order *list.List                // guarded by mu; newest first
}

type pieceID struct {
	e *entry
	n int
}

type cachedPiece struct {
	id    pieceID
	bytes []byte
}

func newPieceCache() pieceCache {
	return pieceCache{known: map[pieceID]*list.Element{}, order: list.New()}
}

// get gives a piece that is kept, or nil. Nobody changes its bytes.
func (c *pieceCache) get(id pieceID) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	el := c.known[id]
	if el == nil {
		return nil
	}
	c.order.MoveToFront(el)
	return el.Value.(*cachedPiece).bytes
}

// put keeps a copy of a piece.
func (c *pieceCache) put(id pieceID, v []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known[id] != nil {
		return
	}
	p := &cachedPiece{id, append([]byte(nil), v...)}
	c.known[id] = c.order.PushFront(p)
	if c.order.Len() > cachedPieces {
		last := c.order.Back()
		delete(c.known, last.Value.(*cachedPiece).id)
		c.order.Remove(last)
	}
}
