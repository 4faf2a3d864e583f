package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"path"
	"slices"
	"strings"

	"analytics/retention/depot"
)

// parent is the backup that an incremental one rests on. Its index is read along with the image, in
// the same order of keys, so memory holds one record of it however large it is.
//
// Why this is right, where a backup "since a version" is not: an incremental backup lists every key of
// its moment, so what was deleted, dropped or erased is simply not in its list. All it leaves out is
// the bytes of pieces, and only where the parent has a piece of the same key and the same SHA-256: what
// is put together again is the same bytes as if they had been copied.
type parent struct {
	m     *Manifest
	files map[where]Need // that hold its pieces, by where with no offset
	r     *reader
	next  *piece // not asked for yet; nil at the end
}

// newest opens the newest whole backup of a depot; nil if there is none, or its chain is long enough.
func newest(ctx context.Context, d depot.Depot) (*parent, error) {
	all, err := List(ctx, d)
	if err != nil {
		return nil, err
	}
	for _, l := range slices.Backward(all) {
		if l.Problem != "" {
			continue
		}
		if len(l.Manifest.Chain) >= maxChain {
			return nil, nil
		}
		p := &parent{m: l.Manifest, files: map[where]Need{}}
		for _, f := range l.Manifest.Files {
			if n, ok := fileNumber(f.Name, dataStem); ok {
				p.files[where{0, n, 0}] = Need{l.Manifest.ID, f}
			}
		}
		for _, need := range l.Manifest.Needs {
			n, _ := fileNumber(need.Name, dataStem)
			p.files[where{1 + slices.Index(l.Manifest.Chain, need.Backup), n, 0}] = need
		}
		p.r = &reader{depot: d, dir: l.ID, files: filesOf(l.Manifest, indexStem)}
		return p, p.advance(ctx)
	}
	return nil, nil
}

func (p *parent) advance(ctx context.Context) error {
	next := &piece{}
	if p.next != nil {
		next.key = p.next.key
	}
	err := p.r.piece(ctx, next)
	if p.next = next; err == io.EOF {
		p.next, err = nil, nil
	}
	return err
}

// find gives what the parent has under a key; keys are asked for in their order. A nil parent has
// nothing.
func (p *parent) find(ctx context.Context, key []byte) (*piece, error) {
	for p != nil && p.next != nil {
		switch order := bytes.Compare(p.next.key, key); {
		case order == 0:
			return p.next, nil
		case order > 0:
			return nil, nil
		}
		if err := p.advance(ctx); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// need is the file that holds a piece of the parent.
func (p *parent) need(known *piece) (Need, error) {
	n, ok := p.files[where{known.from, known.file, 0}]
	if !ok {
		return n, damaged(p.m.ID, "its index names a file that its manifest does not")
	}
	return n, nil
}

// present makes sure that the files that are needed are there, and reads the rest of the index, so that
// its checksum is known to be right.
func (p *parent) present(ctx context.Context, needs []Need) error {
	if p == nil {
		return nil
	}
	for p.next != nil {
		if err := p.advance(ctx); err != nil {
			return err
		}
	}
	for _, n := range needs {
		size, ok, err := p.r.depot.Size(ctx, path.Join(n.Backup, n.Name))
		if err != nil {
			return err
		}
		if !ok || size != n.Bytes {
			return damaged(n.Backup, "%s has %d bytes instead of %d; make a full backup", n.Name, size, n.Bytes)
		}
	}
	return nil
}

// fileNumber is the number in the name of a file of a series.
func fileNumber(name, stem string) (n int, ok bool) {
	digits, ok := strings.CutPrefix(name, stem+"-")
	if !ok {
		return 0, false
	}
	_, err := fmt.Sscanf(digits, "%d", &n)
	return n, err == nil && packName(stem, n) == name
}

// filesOf lists the files of a series, in order.
func filesOf(m *Manifest, stem string) (out []File) {
	for _, f := range m.Files {
		if _, ok := fileNumber(f.Name, stem); ok {
			out = append(out, f)
		}
	}
	return out
}

// reader reads the records of a series of files one after another, and checks each file's checksum when
// it comes to its end.
type reader struct {
	depot depot.Depot
	dir   string
	files []File

	body io.ReadCloser
	sum  hash.Hash
	in   *bufio.Reader
}

// ready makes sure that there is something to read; io.EOF says that all is read.
func (r *reader) ready(ctx context.Context) error {
	for {
		if r.in != nil {
			if _, err := r.in.Peek(1); err != io.EOF {
				return err
			}
			if err := r.check(); err != nil {
				return err
			}
		}
		if len(r.files) == 0 {
			return io.EOF
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		body, err := r.depot.Read(ctx, path.Join(r.dir, r.files[0].Name))
		if err != nil {
			return damaged(r.dir, "%s cannot be read", r.files[0].Name).Wrap(err)
		}
		r.body, r.sum = body, sha256.New()
		r.in = bufio.NewReaderSize(io.TeeReader(body, r.sum), 256<<10)
	}
}

// check ends a file.
func (r *reader) check() error {
	f := r.files[0]
	r.close()
	if got := hex.EncodeToString(r.sum.Sum(nil)); got != f.SHA256 {
		return damaged(r.dir, "%s has the SHA-256 %.12s… instead of %.12s…", f.Name, got, f.SHA256)
	}
	r.files = r.files[1:]
	return nil
}

func (r *reader) close() {
	if r.body != nil {
		_ = r.body.Close()
		r.body, r.in = nil, nil
	}
}

// piece reads the next record of an index.
func (r *reader) piece(ctx context.Context, p *piece) error {
	if err := r.ready(ctx); err != nil {
		return err
	}
	if err := readPiece(r.in, p); err != nil {
		return damaged(r.dir, "%s: %v", r.files[0].Name, err)
	}
	return nil
}

// pair reads the next record of a state.
func (r *reader) pair(ctx context.Context, key, value []byte) (k, v []byte, err error) {
	if err := r.ready(ctx); err != nil {
		return key, value, err
	}
	if k, v, err = readPair(r.in, key, value); err != nil {
		return k, v, damaged(r.dir, "%s: %v", r.files[0].Name, err)
	}
	return k, v, nil
}
