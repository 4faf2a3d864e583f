package process

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestMemoryIsGivenBackOnceWorkIsOver(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // the collector alone would do nothing
	var l lull
	l.look()
	burst := make([][]byte, 64)
	for i := range burst {
		burst[i] = make([]byte, 1<<20)
		for at := 0; at < len(burst[i]); at += 4096 {
			burst[i][at] = 1
		}
	}
	runtime.KeepAlive(burst)
	if l.look() {
		t.Error("gave memory back in the middle of work")
	}
	if !l.look() {
		t.Fatal("kept 64 MiB of garbage when work was over")
	}
	if l.look() {
		t.Error("collected again although there is nothing to give")
	}
}
