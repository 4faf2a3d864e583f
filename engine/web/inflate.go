package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// decoders are kept, since one is 40 KiB (gzip) or up to maxWindow (zstd).
type decoders struct {
	gzips, zstds sync.Pool
}

func (d *decoders) gzip() *gzip.Reader {
	if dec, ok := d.gzips.Get().(*gzip.Reader); ok {
		return dec
	}
	return new(gzip.Reader)
}

func (d *decoders) zstd() (*zstd.Decoder, error) {
	if dec, ok := d.zstds.Get().(*zstd.Decoder); ok {
		return dec, nil
	}
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(MaxInflated+1))
}

var errDecode = errors.New("decompress")

// decodeError keeps the faults of the compressed data apart from those of the connection.
func decodeError(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	if _, wire := errors.AsType[*http.MaxBytesError](err); wire {
		return err
	}
	return errors.Join(errDecode, err)
}

// gunzip starts at the first Read, when a fault can be returned as one. An empty body is empty,
// also when it claims to be compressed.
type gunzip struct {
	src  io.Reader
	pool *decoders
	dec  *gzip.Reader
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.dec == nil {
		dec := g.pool.gzip()
		if err := dec.Reset(g.src); err != nil {
			return 0, decodeError(err)
		}
		g.dec = dec
	}
	n, err := g.dec.Read(p)
	return n, decodeError(err)
}

func (g *gunzip) Close() error {
	if g.dec != nil {
		g.pool.gzips.Put(g.dec)
		g.dec = nil
	}
	return nil
}

type unzstd struct {
	src  io.Reader
	pool *decoders
	dec  *zstd.Decoder
}

func (u *unzstd) Read(p []byte) (int, error) {
	if u.dec == nil {
		dec, err := u.pool.zstd()
		if err != nil {
			return 0, err
		}
		if err := dec.Reset(u.src); err != nil {
			return 0, decodeError(err)
		}
		u.dec = dec
	}
	n, err := u.dec.Read(p)
	return n, decodeError(err)
}

func (u *unzstd) Close() error {
	if u.dec != nil && u.dec.Reset(nil) == nil {
		u.pool.zstds.Put(u.dec)
	}
	u.dec = nil
	return nil
}
