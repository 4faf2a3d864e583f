package web

import (
	"net/http"
	"time"
)

// response notes what was answered, and holds back the text that http.ServeMux writes for 404 and
// 405, so that those have the shape of all errors.
type response struct {
	http.ResponseWriter
	status  int // 0 until the header is written
	bytes   int64
	claimed bool // a handler of ours has the request
	held    int  // 404 or 405 held back

	deadline time.Time // of the write under way
}

func (w *response) WriteHeader(status int) {
	if !w.claimed && (status == http.StatusNotFound || status == http.StatusMethodNotAllowed) {
		w.held = status
		return
	}
	if w.status == 0 && status >= 200 {
		w.status = status
		w.extend() // the connection may still have the deadline of the request before
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	if w.held != 0 && !w.claimed {
		return len(p), nil
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	} else {
		w.extend()
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// extend gives the next write its time. An answer may take as long as it likes, but a reader that
// takes nothing for writeTimeout is dropped. A deadline costs a lock, so it moves in steps.
func (w *response) extend() {
	now := time.Now()
	if now.Add(writeTimeout / 2).Before(w.deadline) {
		return
	}
	w.deadline = now.Add(writeTimeout)
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(w.deadline)
}

// Flush sends what was written so far.
func (w *response) Flush() {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.extend()
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }
