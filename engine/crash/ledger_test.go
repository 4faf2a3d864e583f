package crash

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// fate is what the load tool knows of a batch.
type fate byte

const (
	unknown  fate = 'u' // sent, no answer: it may be there or not
	acked    fate = 'a'
	rejected fate = 'r' // answered with an error: it must not be there
)

// batch is a run of sequence numbers that went out in one request.
type batch struct {
	first, count int
	fate         fate
}

// ledger is the load tool's own account, in a file that is synced before and after each request, so
// that it can be trusted whatever happens to the server.
type ledger struct {
	mu      sync.Mutex
	file    *os.File
	next    int
	batches []batch
	seed    uint64
	begin   time.Time
}

func newLedger(t *testing.T, path string, seed uint64) *ledger {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return &ledger{file: file, seed: seed, begin: time.Now().UTC().Truncate(time.Hour)}
}

// open takes the next count numbers and writes them down as sent.
func (l *ledger) open(count int) (index int, b batch, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b = batch{first: l.next, count: count, fate: unknown}
	l.next += count
	l.batches = append(l.batches, b)
	return len(l.batches) - 1, b, l.write(b)
}

// close writes down what became of a batch.
func (l *ledger) close(index int, f fate) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batches[index].fate = f
	return l.write(l.batches[index])
}

func (l *ledger) write(b batch) error {
	line := strconv.Itoa(b.first) + " " + strconv.Itoa(b.count) + " " + string(b.fate) + "\n"
	if _, err := l.file.WriteString(line); err != nil {
		return err
	}
	return l.file.Sync()
}

// open batches again: the indices of those with an unknown fate.
func (l *ledger) unknown() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []int
	for i, b := range l.batches {
		if b.fate == unknown {
			out = append(out, i)
		}
	}
	return out
}

func (l *ledger) at(index int) batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.batches[index]
}

// sent is one event, made again from its number whenever it is needed.
type sent struct {
	kind, id      string
	at            time.Time
	input, output int
}

// kinds of the events, so that several tables are written in one transaction.
var kinds = []string{"ai_request", "ai_request", "ai_request", "tool_call", "page_view"}

func (l *ledger) event(seq int) sent {
	sum := sha256.Sum256([]byte(strconv.FormatUint(l.seed, 10) + "/" + strconv.Itoa(seq)))
	h := fmt.Sprintf("%x", sum[:16])
	r := rand.New(rand.NewPCG(l.seed, uint64(seq)))
	return sent{
		kind:   kinds[seq%len(kinds)],
		id:     h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:],
		at:     l.begin.Add(-time.Duration(r.IntN(3*3600*1000)) * time.Millisecond),
		input:  1 + seq%997,
		output: 1 + seq%499,
	}
}

func (l *ledger) body(b batch) []byte {
	var out []byte
	for seq := b.first; seq < b.first+b.count; seq++ {
		e := l.event(seq)
		out = fmt.Appendf(out, `{"type":%q,"id":%q,"timestamp":%q,"user_id":"u%d","session_id":"s%d",`,
			e.kind, e.id, e.at.Format(time.RFC3339Nano), seq%50, seq/3)
		switch e.kind {
		case "ai_request":
			out = fmt.Appendf(out, `"model":"gpt-4o","provider":"openai","status_code":200,`+
				`"input_tokens":%d,"output_tokens":%d,"duration_ms":%d.5}`, e.input, e.output, seq%3000)
		case "tool_call":
			out = fmt.Appendf(out, `"tool":"search","success":true,"duration_ms":%d}`, seq%700)
		default:
			out = fmt.Appendf(out, `"url":"https://a.example/p%d","user_agent":"Mozilla/5.0"}`, seq%40)
		}
		out = append(out, '\n')
	}
	return out
}

// readBack gives the fates as the file has them, which is what a second process would see.
func (l *ledger) readBack(t *testing.T) map[int]fate {
	t.Helper()
	file, err := os.Open(l.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	fates := map[int]fate{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var first, count int
		var f string
		if _, err := fmt.Sscan(lines.Text(), &first, &count, &f); err != nil {
			t.Fatal(err)
		}
		for seq := first; seq < first+count; seq++ {
			fates[seq] = fate(f[0])
		}
	}
	return fates
}
