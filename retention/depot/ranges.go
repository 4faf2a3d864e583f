package depot

import (
	"container/list"
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"

	"github.com/minio/minio-go/v7"
)

// A question about archived days asks for pieces of 64 KiB, several of them near each other and many
// more than once. A request to a bucket takes some 20 ms whatever its length, so blocks are fetched
// and some are kept.
const (
	// BlockSize is what is fetched at once.
	BlockSize = 512 << 10
	maxBlocks = 64 // 32 MiB
)

// ranges reads a file by ranges.
type ranges struct {
	b    *Bucket
	name string
}

// ReadAt implements io.ReaderAt.
func (r *ranges) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		at := off + int64(n)
		data, err := r.b.cache.get(block{r.b.key(r.name), at / BlockSize})
		if err != nil {
			return n, r.b.explain(r.name, err)
		}
		within := at % BlockSize
		if within >= int64(len(data)) {
			return n, io.EOF
		}
		n += copy(p[n:], data[within:])
	}
	return n, nil
}

// fetch reads one block of a file; one that is past its end is empty.
func (b *Bucket) fetch(at block) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), rangeWithin)
	defer cancel()
	var o minio.GetObjectOptions
	from := at.number * BlockSize
	if err := o.SetRange(from, from+BlockSize-1); err != nil {
		return nil, err
	}
	var err error
	for range retries {
		var body io.ReadCloser
		if body, _, _, err = b.core.GetObject(ctx, b.bucket, at.key, o); err != nil {
			if minio.ToErrorResponse(err).Code == "InvalidRange" {
				return nil, nil
			}
			return nil, err // the client has tried again already
		}
		var data []byte
		data, err = io.ReadAll(io.LimitReader(body, BlockSize))
		_ = body.Close()
		if err == nil {
			return data, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

// block is a block of a file.
type block struct {
	key    string
	number int64
}

// cache keeps the blocks that were used last. Who wants a block that is being fetched waits for it.
type cache struct {
	fetch func(block) ([]byte, error)

	mu    sync.Mutex
	known map[block]*held // guarded by mu
	order *list.List      // guarded by mu; of *held, the newest first
}

type held struct {
	at    block
	place *list.Element
	ready chan struct{} // closed once data and err are set
	data  []byte
	err   error
}

func newCache(fetch func(block) ([]byte, error)) *cache {
	return &cache{fetch: fetch, known: map[block]*held{}, order: list.New()}
}

// get gives the bytes of a block, which nobody changes.
func (c *cache) get(at block) ([]byte, error) {
	c.mu.Lock()
	if h := c.known[at]; h != nil {
		c.order.MoveToFront(h.place)
		c.mu.Unlock()
		<-h.ready
		return h.data, h.err
	}
	h := &held{at: at, ready: make(chan struct{})}
	c.known[at], h.place = h, c.order.PushFront(h)
	for c.order.Len() > maxBlocks {
		c.drop(c.order.Back().Value.(*held))
	}
	c.mu.Unlock()
	h.data, h.err = c.fetch(at)
	close(h.ready)
	if h.err != nil {
		c.mu.Lock()
		c.drop(h)
		c.mu.Unlock()
	}
	return h.data, h.err
}

// drop lets a block go; under mu.
func (c *cache) drop(h *held) {
	if c.known[h.at] == h {
		delete(c.known, h.at)
		c.order.Remove(h.place)
	}
}

// forget lets all blocks of a file go, before and after it changes.
func (c *cache) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for at, h := range c.known {
		if at.key == key {
			c.drop(h)
		}
	}
}

// stream reads a file from its beginning to its end, over as many connections as it takes.
type stream struct {
	b    *Bucket
	ctx  context.Context
	name string
	body io.ReadCloser
	at   int64
	etag string
	bad  int // connections that broke since something came
}

func (s *stream) open() error {
	var o minio.GetObjectOptions
	if s.at > 0 {
		if err := o.SetRange(s.at, 0); err != nil {
			return err
		}
		if err := o.SetMatchETag(s.etag); err != nil { // not the rest of another file
			return err
		}
	}
	body, info, _, err := s.b.core.GetObject(s.ctx, s.b.bucket, s.b.key(s.name), o)
	if err != nil {
		return s.b.explain(s.name, err)
	}
	s.body, s.etag = body, info.ETag
	return nil
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	for {
		n, err := s.body.Read(p)
		s.at += int64(n)
		if n > 0 {
			s.bad = 0
			if err != io.EOF {
				err = nil
			}
			return n, err
		}
		if err == nil || err == io.EOF || s.ctx.Err() != nil {
			return n, err
		}
		if s.bad++; s.bad >= retries || errors.Is(err, fs.ErrClosed) {
			return n, s.b.explain(s.name, err)
		}
		_ = s.body.Close()
		if err := s.open(); err != nil {
			return n, err
		}
	}
}

// Close ends the connection.
func (s *stream) Close() error { return s.body.Close() }
