package depot

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestTheCacheIsBoundedAndFetchesOnce(t *testing.T) {
	var fetched atomic.Int64
	c := newCache(func(at block) ([]byte, error) {
		fetched.Add(1)
		if at.number < 0 {
			return nil, errors.New("no such block")
		}
		return []byte{byte(at.number)}, nil
	})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range int64(maxBlocks) {
				if b, err := c.get(block{"x", i}); err != nil || b[0] != byte(i) {
					t.Errorf("block %d is %v, %v", i, b, err)
				}
			}
		})
	}
	group.Wait()
	if got := fetched.Load(); got != maxBlocks {
		t.Errorf("%d blocks were fetched %d times", maxBlocks, got)
	}
	for i := range int64(3 * maxBlocks) {
		_, _ = c.get(block{"y", i})
	}
	if len(c.known) != maxBlocks || c.order.Len() != maxBlocks {
		t.Errorf("%d blocks are kept, want %d", len(c.known), maxBlocks)
	}
	for range 2 { // what failed is not kept
		if _, err := c.get(block{"x", -1}); err == nil {
			t.Error("a block that is not there was given")
		}
	}
	c.forget("y")
	if len(c.known) != 0 || c.order.Len() != 0 {
		t.Errorf("%d blocks are kept of a file that changed", len(c.known))
	}
}
