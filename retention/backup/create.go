package backup

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"path"
	"slices"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/retention/depot"
	"analytics/retention/erasures"
)

// Options is how a backup is made.
type Options struct {
	// Incremental copies only the pieces that the newest backup of the depot, or one it rests on,
	// does not hold. Without one there it makes a full backup.
	Incremental bool
	// Erasures are those made so far.
	Erasures []erasures.Erasure
	Now      func() time.Time
	Log      *slog.Logger
	// Progress, if not nil, is told how far a stage is.
	Progress func(stage string, done, total int64)
	// Room, if not nil, says whether a folder may take that many bytes more: a backup on the disk of
	// the store must not fill it up, for the store takes nothing in then.
	Room func(dir string, bytes int64) error
	// Failpoint, if not nil, is called by name at every edge where a crash would be most interesting.
	Failpoint func(name string)

	packSize int64 // packSize unless set, for tests
}

func (o *Options) fill() {
	if o.Progress == nil {
		o.Progress = func(string, int64, int64) {}
	}
	if o.Failpoint == nil {
		o.Failpoint = func(string) {}
	}
	if o.Room == nil {
		o.Room = func(string, int64) error { return nil }
	}
	o.packSize = cmp.Or(o.packSize, packSize)
}

// creation is a backup being made.
type creation struct {
	Options
	depot  depot.Depot
	store  *store.Store
	dir    string // the draft
	m      *Manifest
	parent *parent
	proof  *store.Proof

	state, index, data *pack
	needs              map[Need]bool
	done               int64
}

// Create makes a backup of a store in a depot: an image of one moment, while the store goes on. It is
// read back and proved before it gets its name, so there is a whole backup of this name or none. What
// stops it half way, a cancelled context included, leaves nothing behind but a crash, which leaves a
// draft that nothing takes for a backup and a later Create removes.
func Create(ctx context.Context, s *store.Store, d depot.Depot, o Options) (_ *Manifest, err error) {
	o.fill()
	sweep(ctx, d, o.Now(), o.Log)
	id, err := newID(o.Now())
	if err != nil {
		return nil, err
	}
	c := &creation{Options: o, depot: d, store: s, dir: d.Draft(id), proof: store.NewProof(),
		needs: map[Need]bool{}, m: &Manifest{App: app,
			ID: id, Erasures: o.Erasures}}
	if o.Incremental {
		if c.parent, err = newest(ctx, d); err != nil {
			return nil, err
		}
		if c.parent != nil {
			c.m.Chain = append([]string{c.parent.m.ID}, c.parent.m.Chain...)
		}
	}
	put := func(f File) { c.m.Files = append(c.m.Files, f) }
	pack := func(stem string) *pack {
		return &pack{depot: d, dir: c.dir, stem: stem, size: o.packSize, room: o.Room, put: put}
	}
	c.state, c.index, c.data = pack(stateStem), pack(indexStem), pack(dataStem)
	defer func() {
		for _, p := range []interface{ drop() }{c.state, c.index, c.data} {
			p.drop()
		}
		if err != nil {
			if rerr := d.RemoveAll(context.WithoutCancel(ctx), c.dir); rerr != nil {
				o.Log.Warn("backup: what was written of it could not be removed", "folder", c.dir, "error", rerr)
			}
		}
	}()
	if err := c.copy(ctx); err != nil {
		return nil, err
	}
	return c.m, c.finish(ctx)
}

// copy writes the files.
func (c *creation) copy(ctx context.Context) error {
	image, err := c.store.Image(ctx)
	if err != nil {
		return err
	}
	defer image.Close()
	c.m.At, c.m.Sequence = image.At.UTC(), image.Sequence
	c.m.Format, c.m.MinReader = image.Reader, image.Reader // what is in it decides, not who made it
	c.Failpoint("backup.begin")
	var frame []byte
	err = image.Small(ctx, func(key, value []byte) error {
		if err := c.proof.Small(key, value); err != nil {
			return err
		}
		frame = appendPair(frame[:0], key, value)
		c.m.Pairs++
		_, err := c.state.write(ctx, frame)
		return err
	})
	if err != nil {
		return err
	}
	if err := c.state.end(ctx); err != nil {
		return err
	}
	c.Failpoint("backup.state")
	err = image.Large(ctx, func(key, value []byte) error {
		if err := c.proof.Large(key, value); err != nil {
			return err
		}
		return c.piece(ctx, key, value, image.Bytes)
	})
	if err != nil {
		return err
	}
	if err := c.data.end(ctx); err != nil {
		return err
	}
	c.Failpoint("backup.data")
	if err := c.index.end(ctx); err != nil {
		return err
	}
	c.Failpoint("backup.index")
	totals, err := c.proof.Finish()
	if err != nil {
		return fault.New(fault.Damaged, "store_damaged",
			"the store is damaged, so no backup was made of it; run `analytics doctor`").Wrap(err)
	}
	c.m.Totals = totalsOf(totals)
	return nil
}

// piece writes a piece, or where the parent has the same bytes under the same key.
func (c *creation) piece(ctx context.Context, key, value []byte, total int64) error {
	p := piece{key: key, size: len(value), sum: sha256.Sum256(value)}
	known, err := c.parent.find(ctx, key)
	if err != nil {
		return err
	}
	if known != nil && known.sum == p.sum && known.size == p.size {
		need, err := c.parent.need(known)
		if err != nil {
			return err
		}
		c.needs[need] = true
		p.where = known.where
		p.from++ // one further away
	} else if p.where, err = c.data.write(ctx, value); err != nil {
		return err
	}
	c.m.Pieces++
	c.m.Bytes += int64(len(value))
	if c.done += int64(len(value)); c.m.Pieces%64 == 0 {
		c.Progress("copying", c.done, max(total, c.done))
	}
	_, err = c.index.write(ctx, appendPiece(nil, &p))
	return err
}

// finish writes the manifest, proves what is in the depot, and gives it its name.
func (c *creation) finish(ctx context.Context) error {
	for n := range c.needs {
		c.m.Needs = append(c.m.Needs, n)
	}
	slices.SortFunc(c.m.Needs, func(a, b Need) int {
		return cmp.Or(cmp.Compare(a.Backup, b.Backup), cmp.Compare(a.Name, b.Name))
	})
	raw, err := json.MarshalIndent(c.m, "", " ")
	if err != nil {
		return err
	}
	raw = append(raw, '\n')
	if err := putBytes(ctx, c.depot, path.Join(c.dir, manifestName), raw); err != nil {
		return err
	}
	c.Failpoint("backup.manifest")
	if err := c.parent.present(ctx, c.m.Needs); err != nil {
		return err
	}
	b := &Backup{Manifest: c.m, depot: c.depot, dir: c.dir, raw: raw}
	if err := b.prove(ctx, c.Progress); err != nil {
		return err
	}
	c.Failpoint("backup.verified")
	if err := putBytes(ctx, c.depot, path.Join(c.dir, sumsName), c.m.sums(raw)); err != nil {
		return err
	}
	if err := b.sealed(ctx); err != nil {
		return err
	}
	c.Failpoint("backup.sums")
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.depot.Publish(ctx, c.m.ID); err != nil {
		return depot.Full(c.depot.String(), err)
	}
	c.Failpoint("backup.published")
	return nil
}

// sealed reads manifest and checksums back as a reader will, and compares them with what was meant.
func (b *Backup) sealed(ctx context.Context) error {
	back, err := readManifest(ctx, b.depot, b.dir)
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(back, "", " ")
	if err != nil || !bytes.Equal(append(raw, '\n'), b.raw) {
		return damaged(b.dir, "%s is not what was written", manifestName).Wrap(err)
	}
	return nil
}

// newID names a backup of now.
func newID(now time.Time) (string, error) {
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return now.UTC().Format(idTime) + "-" + hex.EncodeToString(b[:]), nil
}

// Edges lists the names of the failpoints, in the order in which a backup and a restore meet them.
func Edges() (create, restore []string) {
	return []string{
			"backup.begin", "backup.state", "backup.data", "backup.index", "backup.manifest",
			"backup.verified", "backup.sums", "backup.published",
		}, []string{
			"restore.begin", "restore.filled", "restore.opened", "restore.examined", "restore.closed",
			"restore.published",
		}
}
