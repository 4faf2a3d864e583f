package gateway

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// tap unpacks a copy of a compressed answer while the answer itself goes on as it came. Decoders
// want to read and pieces are written, so a goroutine stands between; memory stays the same however
// long the answer is.
type tap struct {
	in   *io.PipeWriter
	done chan struct{}
}

// newTap gives what is unpacked to out, at most limit bytes; out is used by nobody else until close.
func newTap(coding string, out io.Writer, limit int64) *tap {
	r, w := io.Pipe()
	t := &tap{in: w, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		if src, end, err := unpack(coding, r); err == nil {
			_, _ = io.Copy(out, io.LimitReader(src, limit))
			end()
		}
		_ = r.Close() // what comes after is not wanted: writes fail, and nobody minds
	}()
	return t
}

// Write gives a piece of the compressed answer.
func (t *tap) Write(p []byte) (int, error) { return t.in.Write(p) }

// close waits until all that was written is unpacked and read.
func (t *tap) close() {
	if t == nil {
		return
	}
	_ = t.in.Close()
	<-t.done
}

var errCoding = errors.New("unknown content coding")

// unpack undoes one content coding. end gives back the decoder's memory.
func unpack(coding string, src io.Reader) (out io.Reader, end func(), err error) {
	nothing := func() {}
	switch strings.ToLower(strings.TrimSpace(coding)) {
	case "gzip", "x-gzip":
		d, err := gzip.NewReader(src)
		return d, nothing, err
	case "br":
		return brotli.NewReader(src), nothing, nil
	case "zstd":
		d, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(8<<20))
		if err != nil {
			return nil, nothing, err
		}
		return d, d.Close, nil
	case "deflate": // zlib by the book; some send it bare
		head := make([]byte, 2)
		if _, err := io.ReadFull(src, head); err != nil {
			return nil, nothing, err
		}
		src = io.MultiReader(bytes.NewReader(head), src)
		if head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
			d, err := zlib.NewReader(src)
			return d, nothing, err
		}
		return flate.NewReader(src), nothing, nil
	}
	return nil, nothing, errCoding
}

// unpacked is a request that came compressed, as far as it is inspected; nothing if it cannot be.
func unpacked(coding string, body []byte) []byte {
	src, end, err := unpack(coding, bytes.NewReader(body))
	if err != nil {
		return nil
	}
	defer end()
	text, _ := io.ReadAll(io.LimitReader(src, maxInspected)) // what is there, also of a part
	return text
}
