package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// Verify reads all of the backup, and of the backups it rests on what it needs, and compares: every
// file with its checksum, every piece with its own, every event with the counts and sums of its hour,
// and all of them with the manifest. It needs nothing but the copy. The problems are what is wrong with
// files; an error that is a fault of kind Damaged says what does not fit inside.
func (b *Backup) Verify(
	ctx context.Context, progress func(stage string, done, total int64),
) (problems []string, err error) {
	if progress == nil {
		progress = func(string, int64, int64) {}
	}
	if problems, err = b.checkFiles(ctx, progress); err != nil || len(problems) > 0 {
		return problems, err
	}
	return nil, b.prove(ctx, progress)
}

// checkFiles compares every file with its length and SHA-256.
func (b *Backup) checkFiles(
	ctx context.Context, progress func(string, int64, int64),
) (problems []string, err error) {
	type check struct {
		name string
		File
	}
	var all []check
	total, done := int64(0), int64(0)
	for _, f := range b.Manifest.Files {
		all = append(all, check{path.Join(b.dir, f.Name), f})
		total += f.Bytes
	}
	for _, n := range b.Manifest.Needs {
		all = append(all, check{path.Join(n.Backup, n.Name), n.File})
		total += n.Bytes
	}
	for _, c := range all {
		progress("checking", done, total)
		size, sum, err := b.digest(ctx, c.name)
		switch {
		case ctx.Err() != nil:
			return problems, ctx.Err()
		case unreached(err) != nil:
			return problems, err
		case errors.Is(err, fs.ErrNotExist):
			problems = append(problems, c.name+" is missing")
		case err != nil:
			problems = append(problems, c.name+" cannot be read: "+err.Error())
		case size != c.Bytes:
			problems = append(problems, fault.New(fault.Damaged, "", "%s has %d bytes instead of %d",
				c.name, size, c.Bytes).Message)
		case sum != c.SHA256:
			problems = append(problems, fault.New(fault.Damaged, "",
				"%s has the SHA-256 %.12s… instead of %.12s…: its contents were changed, or it is another file",
				c.name, sum, c.SHA256).Message)
		}
		done += c.Bytes
	}
	progress("checking", done, total)
	return problems, nil
}

func (b *Backup) digest(ctx context.Context, name string) (size int64, sum string, err error) {
	r, err := b.depot.Read(ctx, name)
	if err != nil {
		return 0, "", err
	}
	defer r.Close()
	h := sha256.New()
	if size, err = io.Copy(h, r); err != nil {
		return size, "", err
	}
	return size, hex.EncodeToString(h.Sum(nil)), nil
}

// inMemory is the largest Parquet file that is decoded from memory; a larger one is read again by
// ranges.
const inMemory = 32 << 20

// prove decodes everything and counts it.
func (b *Backup) prove(ctx context.Context, progress func(string, int64, int64)) error {
	proof := store.NewProof()
	pairs, pieces := int64(0), int64(0)
	err := b.pairs(ctx, func(k, v []byte) error {
		pairs++
		return proof.Small(k, v)
	})
	if err != nil {
		return b.inside(ctx, err)
	}
	done := int64(0)
	t := taker{proof: proof, far: stretch{bytes: b.bytes()}}
	err = b.pieces(ctx, func(p *piece, v []byte) error {
		pieces++
		if done += int64(p.size); pieces%64 == 0 {
			progress("verifying", done, b.Manifest.Bytes)
		}
		return t.take(ctx, p, v)
	})
	if err == nil {
		err = t.end(ctx)
	}
	if err != nil {
		return b.inside(ctx, err)
	}
	totals, err := proof.Finish()
	switch {
	case err != nil:
		return b.inside(ctx, err)
	case pairs != b.Manifest.Pairs || pieces != b.Manifest.Pieces || done != b.Manifest.Bytes:
		return damaged(b.dir, "it has %d pairs and %d pieces of %d bytes; the manifest says %d, %d and %d",
			pairs, pieces, done, b.Manifest.Pairs, b.Manifest.Pieces, b.Manifest.Bytes)
	case !slices.Equal(totalsOf(totals), b.Manifest.Totals):
		return damaged(b.dir, "it holds other events than its manifest says: %+v instead of %+v",
			totalsOf(totals), b.Manifest.Totals)
	}
	progress("verifying", done, done)
	return nil
}

// inside words what a proof found.
func (b *Backup) inside(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if away := unreached(err); away != nil {
		return away
	}
	if code := fault.Of(err).Code; code == "backup_damaged" {
		return err
	}
	return damaged(b.dir, "%v", err)
}

// unreached is what kept a place from answering, if that is behind an error: it says nothing about what
// is there.
func unreached(err error) *fault.Error {
	for {
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Kind == fault.Unavailable {
			return f
		}
		err = f.Err
	}
}

// pairs calls f for every small pair.
func (b *Backup) pairs(ctx context.Context, f func(key, value []byte) error) error {
	r := &reader{depot: b.depot, dir: b.dir, files: filesOf(b.Manifest, stateStem)}
	defer r.close()
	var k, v []byte
	for {
		var err error
		if k, v, err = r.pair(ctx, k, v); err == io.EOF {
			return nil
		}
		if err == nil {
			err = f(k, v)
		}
		if err != nil {
			return err
		}
	}
}

// pieces calls f for every piece, whose bytes are right.
func (b *Backup) pieces(ctx context.Context, f func(p *piece, v []byte) error) error {
	r := &reader{depot: b.depot, dir: b.dir, files: filesOf(b.Manifest, indexStem)}
	defer r.close()
	from := b.bytes()
	var p piece
	for {
		err := r.piece(ctx, &p)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		v, err := from.read(&p)
		if err != nil {
			return err
		}
		if sha256.Sum256(v) != p.sum {
			return damaged(b.dir, "a piece in %s is not what was written", packName(dataStem, p.file))
		}
		if err := f(&p, v); err != nil {
			return err
		}
	}
}

// taker hands pieces to a proof, and each Parquet file once all of its pieces have come.
type taker struct {
	proof  *store.Proof
	common []byte
	first  []byte // a key of the file; nil for blocks
	near   []byte // the file, where it fits
	fits   bool
	far    stretch
}

func (t *taker) take(ctx context.Context, p *piece, v []byte) error {
	common, segment := store.LargeFile(p.key)
	if !bytes.Equal(common, t.common) {
		if err := t.end(ctx); err != nil {
			return err
		}
		t.common = append(t.common[:0], common...)
		if segment {
			t.first = bytes.Clone(p.key)
			t.fits = t.proof.SegmentSize(p.key) <= inMemory
		}
	}
	if err := t.proof.Large(p.key, v); err != nil {
		return err
	}
	switch {
	case t.first == nil:
	case t.fits:
		t.near = append(t.near, v...)
	default:
		t.far.add(piece{size: p.size, where: p.where})
	}
	return nil
}

// end decodes the file that has come.
func (t *taker) end(ctx context.Context) error {
	key := t.first
	if key == nil {
		return nil
	}
	t.first = nil
	var file io.ReaderAt = &t.far
	if t.fits {
		file = bytes.NewReader(t.near)
	}
	err := t.proof.Segment(ctx, key, file)
	t.near = t.near[:0]
	t.far.reset()
	return err
}
