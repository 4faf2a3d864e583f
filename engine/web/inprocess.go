package web

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// inProcess calls a handler without a network. The answer streams through a pipe, so that an export
// of gigabytes needs no more memory than over a socket.
type inProcess struct {
	handler http.Handler
	running sync.WaitGroup

	mu    sync.Mutex
	pipes map[*io.PipeReader]bool // of answers not read to their end
}

// Do starts the handler and returns with its header. The handler ends when it is done, or when the
// body is closed.
func (p *inProcess) Do(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(AsLocal(req.Context()))
	r := req.WithContext(ctx)
	r.RequestURI = r.URL.RequestURI()
	if r.Body == nil {
		r.Body = http.NoBody
	} else if r.ContentLength == 0 {
		r.ContentLength = -1 // not known, as in a chunked request
	}
	read, write := io.Pipe()
	p.note(read, true)
	w := &pipeWriter{header: http.Header{}, pipe: write, begun: make(chan struct{})}
	p.running.Go(func() {
		defer cancel()
		defer func() {
			err := error(nil)
			if c := recover(); c != nil {
				err = io.ErrUnexpectedEOF // the handler gave up in the middle, as a server would
			}
			w.WriteHeader(http.StatusOK)
			_ = write.CloseWithError(err)
			p.note(read, false)
		}()
		p.handler.ServeHTTP(w, r)
	})
	select {
	case <-w.begun:
	case <-req.Context().Done():
		_ = read.Close()
		return nil, req.Context().Err()
	}
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Header: w.sent,
		ContentLength: -1, Request: req, Body: &pipeBody{PipeReader: read, cancel: cancel},
	}, nil
}

func (p *inProcess) note(r *io.PipeReader, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if open {
		p.pipes[r] = true
	} else {
		delete(p.pipes, r)
	}
}

// close stops handlers whose answers nobody reads any more, and waits for all.
func (p *inProcess) close() {
	p.mu.Lock()
	for r := range p.pipes {
		_ = r.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}

// pipeWriter is the handler's side.
type pipeWriter struct {
	header http.Header
	pipe   *io.PipeWriter

	once   sync.Once
	begun  chan struct{} // closed once status and sent are set
	status int
	sent   http.Header
}

// Header is the answer's header until it is written.
func (w *pipeWriter) Header() http.Header { return w.header }

// WriteHeader hands the header over.
func (w *pipeWriter) WriteHeader(status int) {
	if status < 200 {
		return
	}
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.begun)
	})
}

// Write waits until the other side has read.
func (w *pipeWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.pipe.Write(b)
}

// Flush does nothing: nothing is kept back.
func (w *pipeWriter) Flush() {}

type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

// Close stops the handler if it is still writing.
func (b *pipeBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}
