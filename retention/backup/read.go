package backup

import (
	"context"
	"io"
	"path"
	"slices"

	"analytics/engine/fault"
	"analytics/retention/depot"
)

// Backup is a backup that is there.
type Backup struct {
	Manifest *Manifest
	depot    depot.Depot
	dir      string // its folder in the depot
	raw      []byte // its manifest, while it is made
}

// Open opens the backup in a folder of a depot; with no folder the newest whole one. Its manifest is
// checked; Verify checks the rest.
func Open(ctx context.Context, d depot.Depot, dir string) (*Backup, error) {
	if dir == "" {
		all, err := List(ctx, d)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			return nil, fault.New(fault.NotFound, "no_backup", "there is no backup in %s", d)
		}
		newest := all[len(all)-1]
		if newest.Problem != "" {
			return nil, fault.New(fault.Damaged, "backup_damaged", "the newest backup, %s: %s. "+
				"Name an older one to use that", newest.ID, newest.Problem)
		}
		dir = newest.ID
	}
	m, err := readManifest(ctx, d, dir)
	if err != nil {
		return nil, err
	}
	return &Backup{Manifest: m, depot: d, dir: dir}, nil
}

// String is where it is.
func (b *Backup) String() string { return b.depot.String() + "/" + b.dir }

// Listed is a backup in a list.
type Listed struct {
	ID       string    `json:"id"`
	Manifest *Manifest `json:"-"`
	Problem  string    `json:"problem,omitempty"` // why it cannot be used, as far as its manifest tells
}

// List lists the backups of a depot, the oldest first. What has no manifest is none.
func List(ctx context.Context, d depot.Depot) (out []Listed, err error) {
	_, folders, err := d.List(ctx, "")
	if err != nil {
		return nil, err
	}
	slices.Sort(folders)
	for _, dir := range folders {
		if !isID(dir) {
			continue
		}
		m, err := readManifest(ctx, d, dir)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case unreached(err) != nil:
			return nil, err
		case err == nil:
			out = append(out, Listed{ID: dir, Manifest: m})
		case fault.Of(err).Kind == fault.NotFound || unfinished(ctx, d, dir):
		default:
			out = append(out, Listed{ID: dir, Problem: fault.Of(err).Message})
		}
	}
	for i := range out {
		if gone := out[i].lacks(folders); gone != "" {
			out[i].Problem = "it needs " + gone + ", which is not here"
		}
	}
	return out, nil
}

// lacks is the first backup that this one needs and that is not among the folders.
func (l *Listed) lacks(folders []string) string {
	if l.Manifest == nil {
		return ""
	}
	for _, n := range l.Manifest.Needs {
		if _, here := slices.BinarySearch(folders, n.Backup); !here {
			return n.Backup
		}
	}
	return ""
}

// unfinished says that a folder is a draft where drafts have no name of their own.
func unfinished(ctx context.Context, d depot.Depot, dir string) bool {
	_, whole, err := d.Size(ctx, path.Join(dir, sumsName))
	return err == nil && !whole && d.Draft(dir) == dir
}

// home is the folder of the backup that a piece is in.
func (b *Backup) home(w where) (dir string, ok bool) {
	if w.from == 0 {
		return b.dir, true
	}
	if w.from > len(b.Manifest.Chain) {
		return "", false
	}
	return b.Manifest.Chain[w.from-1], true
}

// windowSize is how much of a data file is read at once: pieces lie in the order in which they are
// asked for, and a bucket answers one large request sooner than a hundred small ones.
const windowSize = 4 << 20

// bytesOf reads pieces.
type bytesOf struct {
	b     *Backup
	sizes map[string]int64 // of data files that may be read
	name  string
	from  int64
	data  []byte // of the file, from from on
	buf   []byte
}

func (b *Backup) bytes() *bytesOf {
	r := &bytesOf{b: b, sizes: map[string]int64{}}
	for _, f := range b.Manifest.Files {
		r.sizes[path.Join(b.dir, f.Name)] = f.Bytes
	}
	for _, n := range b.Manifest.Needs {
		r.sizes[path.Join(n.Backup, n.Name)] = n.Bytes
	}
	return r
}

// read gives the bytes of a piece, valid until the next call.
func (r *bytesOf) read(p *piece) ([]byte, error) {
	dir, ok := r.b.home(p.where)
	name := path.Join(dir, packName(dataStem, p.file))
	size, known := r.sizes[name]
	if end := p.offset + int64(p.size); !ok || !known || end > size {
		return nil, damaged(r.b.dir, "its index names bytes that are in no file it has")
	}
	if name != r.name || p.offset < r.from || p.offset+int64(p.size) > r.from+int64(len(r.data)) {
		if err := r.load(name, p.offset, min(max(windowSize, int64(p.size)), size-p.offset)); err != nil {
			return nil, err
		}
	}
	at := p.offset - r.from
	return r.data[at : at+int64(p.size)], nil
}

func (r *bytesOf) load(name string, from, n int64) error {
	r.name, r.data = "", nil
	file, err := r.b.depot.Open(name)
	if err != nil {
		return damaged(r.b.dir, "%s cannot be read", name).Wrap(err)
	}
	if int64(cap(r.buf)) < n {
		r.buf = make([]byte, n)
	}
	b := r.buf[:n]
	if got, err := file.ReadAt(b, from); got < len(b) {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return damaged(r.b.dir, "%s cannot be read", name).Wrap(err)
	}
	r.name, r.from, r.data = name, from, b
	return nil
}

// stretch is the pieces of one file of the store, read by ranges.
type stretch struct {
	bytes  *bytesOf
	pieces []piece
	starts []int64
	size   int64
}

func (s *stretch) reset() { s.pieces, s.starts, s.size = s.pieces[:0], s.starts[:0], 0 }

func (s *stretch) add(p piece) {
	s.pieces = append(s.pieces, p)
	s.starts = append(s.starts, s.size)
	s.size += int64(p.size)
}

// ReadAt implements io.ReaderAt.
func (s *stretch) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) {
		at := off + int64(n)
		if at >= s.size {
			return n, io.EOF
		}
		i, found := slices.BinarySearch(s.starts, at)
		if !found {
			i--
		}
		v, err := s.bytes.read(&s.pieces[i])
		if err != nil {
			return n, err
		}
		n += copy(b[n:], v[at-s.starts[i]:])
	}
	return n, nil
}
