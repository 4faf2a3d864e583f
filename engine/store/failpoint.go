package store

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// killedExit is the exit code of a process that a failpoint ended: that of a process killed by
// SIGKILL in a shell.
const killedExit = 137

// ExitAt makes a Config.Failpoint that ends the process, as suddenly as kill -9 would, when it
// comes to the named edge for the n-th time. The text is "name:n", or "name" for the first time.
// An empty text makes none.
func ExitAt(text string) (func(name string), error) {
	if text == "" {
		return nil, nil
	}
	name, times, counted := strings.Cut(text, ":")
	n := int64(1)
	if counted {
		var err error
		if n, err = strconv.ParseInt(times, 10, 64); err != nil || n < 1 {
			return nil, fmt.Errorf("failpoint %q is not name:n", text)
		}
	}
	var left atomic.Int64
	left.Store(n)
	return func(at string) {
		if at == name && left.Add(-1) == 0 {
			os.Exit(killedExit)
		}
	}, nil
}

// Failpoint is the store's failpoint, for the edges of rooms that keep data beside it.
func (s *Store) Failpoint(name string) { s.cfg.Failpoint(name) }
