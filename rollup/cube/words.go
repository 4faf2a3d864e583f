package cube

import (
	"sync"
	"unsafe"
)

// mostWords and mostWordBytes bound Words: what comes when it is full has no number, and is looked up
// each time.
const (
	mostWords     = 1 << 17
	mostWordBytes = 4 << 20
)

// Words gives texts numbers, for dictionaries of blocks that are kept. By number a table finds its
// code of a text in a list: a question by user over a year meets each of 5,000 users once a day.
type Words struct {
	mu    sync.RWMutex
	texts dictionary // guarded by mu
	bytes int        // guarded by mu; of texts
}

// number gives the numbers of texts, nil if it has no room for them. Most are known, and looked up by
// several workers at once.
func (w *Words) number(texts [][]byte) []uint32 {
	numbers := make([]uint32, len(texts))
	var unknown []int
	w.mu.RLock()
	for i, text := range texts {
		code := w.texts.known(unsafe.String(unsafe.SliceData(text), len(text)))
		if numbers[i] = uint32(code); code < 0 {
			unknown = append(unknown, i)
		}
	}
	w.mu.RUnlock()
	if len(unknown) == 0 {
		return numbers
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range unknown {
		if w.full() {
			return nil
		}
		before := len(w.texts.texts)
		numbers[i] = w.texts.code(unsafe.String(unsafe.SliceData(texts[i]), len(texts[i])))
		if len(w.texts.texts) > before {
			w.bytes += len(texts[i])
		}
	}
	return numbers
}

// full is Full for who holds mu.
func (w *Words) full() bool { return len(w.texts.texts) >= mostWords || w.bytes >= mostWordBytes }

// all is the texts by number. Later ones are added behind them.
func (w *Words) all() []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.texts.texts
}

// Full reports whether there is no room for more.
func (w *Words) Full() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.full()
}

// Size is about how many bytes of memory the words take.
func (w *Words) Size() int64 {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return int64(w.bytes + 16*cap(w.texts.texts) + 8*len(w.texts.slots))
}
