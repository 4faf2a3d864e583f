package backup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path"

	"analytics/retention/depot"
)

// The three series of files of a backup. Each is cut into files so that none is larger than packSize
// by more than a record: what a bucket takes in one go, and what one disk error spoils.
const (
	stateStem = "state" // small pairs
	indexStem = "index" // where the pieces are
	dataStem  = "data"  // pieces, one after another

	packSize = 64 << 20
)

func packName(stem string, n int) string { return fmt.Sprintf("%s-%06d", stem, n) }

// pack writes one series of files into the draft of a backup.
type pack struct {
	depot depot.Depot
	dir   string // the draft
	stem  string
	size  int64 // of a file
	room  func(dir string, bytes int64) error
	put   func(File)

	n    int      // of the file that is being written, from 1 on
	file *os.File // nil before the first
	sum  hash.Hash
	out  *bufio.Writer
	at   int64 // bytes of the file so far
}

// write appends bytes that stay together and says where they are.
func (p *pack) write(ctx context.Context, b []byte) (where, error) {
	if p.file != nil && p.at > 0 && p.at+int64(len(b)) > p.size {
		if err := p.end(ctx); err != nil {
			return where{}, err
		}
	}
	if p.file == nil {
		if err := p.begin(); err != nil {
			return where{}, err
		}
	}
	at := where{file: p.n, offset: p.at}
	n, err := p.out.Write(b)
	p.at += int64(n)
	return at, depot.Full(p.depot.String(), err)
}

func (p *pack) begin() error {
	if p.n >= maxFiles {
		return fmt.Errorf("a backup has at most %d files", maxFiles)
	}
	dir, err := p.depot.Staging()
	if err == nil {
		err = p.room(dir, p.size)
	}
	if err == nil {
		p.file, err = os.CreateTemp(dir, stagedPrefix)
	}
	if err != nil {
		return depot.Full(p.depot.String(), err)
	}
	p.n, p.at, p.sum = p.n+1, 0, sha256.New()
	p.out = bufio.NewWriterSize(io.MultiWriter(p.file, p.sum), 256<<10)
	return nil
}

// end puts the file that is being written in its place.
func (p *pack) end(ctx context.Context) error {
	if p.file == nil {
		return nil
	}
	defer p.drop()
	err := p.out.Flush()
	if err == nil {
		err = p.file.Sync()
	}
	if err == nil {
		err = p.file.Close()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return depot.Full(p.depot.String(), err)
	}
	name := packName(p.stem, p.n)
	if err := p.depot.Put(ctx, path.Join(p.dir, name), p.file.Name()); err != nil {
		return depot.Full(p.depot.String(), err)
	}
	p.put(File{name, p.at, hex.EncodeToString(p.sum.Sum(nil))})
	return nil
}

// drop lets go a file that did not get to its place; it does nothing where it did.
func (p *pack) drop() {
	if p.file != nil {
		_ = p.file.Close()
		_ = os.Remove(p.file.Name())
		p.file = nil
	}
}

// stagedPrefix begins the names of files that are being made.
const stagedPrefix = "backup-"

// putBytes puts a small file in its place.
func putBytes(ctx context.Context, d depot.Depot, name string, b []byte) error {
	dir, err := d.Staging()
	if err != nil {
		return depot.Full(d.String(), err)
	}
	f, err := os.CreateTemp(dir, stagedPrefix)
	if err != nil {
		return depot.Full(d.String(), err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = d.Put(ctx, name, f.Name())
	}
	return depot.Full(d.String(), err)
}
