package orders

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/whole"
	"analytics/retention/export"
)

// partial ends the name of a file that is not whole yet.
const partial = ".partial"

// next makes the oldest order that waits; false if there is none, or none can be made now.
func (f *Office) next(ctx context.Context) bool {
	inside, cancel := context.WithCancel(ctx)
	defer cancel()
	o, err := f.begin(inside, cancel)
	if err == nil && o == nil {
		return false
	}
	if err == nil {
		err = f.finish(ctx, o, f.make(inside, o))
	}
	if err != nil {
		if ctx.Err() == nil {
			f.cfg.Log.Error("an export was not made", "error", err)
		}
		return false
	}
	return true
}

// begin takes the oldest order out of the line.
func (f *Office) begin(ctx context.Context, cancel context.CancelFunc) (*Order, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.each("")
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(o *Order) bool {
		return o.State != Pending || !f.cfg.Now().Before(o.Expires)
	})
	if len(all) == 0 {
		return nil, nil
	}
	o := slices.MinFunc(all, func(a, b *Order) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	o.State, o.Attempts = Processing, o.Attempts+1
	if err := f.save(ctx, o); err != nil {
		return nil, err
	}
	f.current, f.cancel = o.ID, cancel
	f.rows.Store(0)
	return o, nil
}

// finish says on the shelf what became of an order. One that was deleted meanwhile leaves nothing;
// one that the end of the program cut off stays under way, and is taken up again.
func (f *Office) finish(ctx context.Context, o *Order, made error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.current, f.cancel = "", nil
	if made != nil {
		_ = f.root.Remove(o.name() + partial)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, ok, err := f.shelf.Get(o.key()); err != nil || !ok {
		_ = f.root.Remove(o.name())
		return err
	}
	o.State, o.Completed, o.Rows = Completed, f.cfg.Now().UTC(), f.rows.Load()
	if made != nil {
		o.State, o.Error = Failed, fault.Of(made).Message
		f.cfg.Log.Warn("an export failed", "export", o.ID, "error", made)
	} else {
		o.Expires = o.Completed.Add(keep)
	}
	return f.save(ctx, o)
}

// make writes the file of an order: under another name first, then synced and renamed.
func (f *Office) make(ctx context.Context, o *Order) (err error) {
	if o.Attempts > mostAttempts {
		return fault.New(fault.Internal, "export_failed",
			"the export was begun %d times and never finished; ask for a shorter range", mostAttempts)
	}
	room, err := f.room()
	if err != nil {
		return err
	}
	kind, _ := event.ParseKind(o.Kind)
	e, err := export.Open(f.cfg.Store, export.Request{
		Tenant: o.tenant, Kind: kind, From: o.From, To: o.To, Format: formatOf(o.File),
		Progress: f.rows.Store,
	})
	if err != nil {
		return err
	}
	defer e.Close()
	if o.Total, err = e.Rows(ctx); err != nil {
		return err
	}
	if err := f.counted(ctx, o); err != nil {
		return err
	}
	file, err := f.root.OpenFile(o.name()+partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer file.Close() // a second time, where all went well
	to := &bounded{w: file, room: room}
	if err := write(ctx, e, to, o.File); err != nil {
		return err
	}
	o.Bytes = room - to.room
	if err := file.Sync(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := f.root.Rename(o.name()+partial, o.name()); err != nil {
		return err
	}
	return whole.SyncFolder(f.cfg.Dir)
}

// counted saves how many events there will be, unless the order was deleted.
func (f *Office) counted(ctx context.Context, o *Order) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	return f.save(ctx, o)
}

// room is how many bytes may be written: what is left of the quota, and of the disk above the mark
// below which somebody should be told.
func (f *Office) room() (int64, error) {
	left := f.cfg.Quota
	files, err := os.ReadDir(f.cfg.Dir)
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		if info, err := file.Info(); err == nil {
			left -= info.Size()
		}
	}
	stats := f.cfg.Store.Stats()
	switch {
	case stats.Free <= stats.Soft: // whatever else is deleted, or asked for
		return 0, fault.New(fault.Full, "disk_low",
			"the disk has %d MiB free, and exports leave the last %d MiB of it; free some space and order again",
			stats.Free>>20, stats.Soft>>20)
	case left <= 0:
		return 0, errFull()
	}
	return min(left, stats.Free-stats.Soft), nil
}

func errFull() error {
	return fault.New(fault.Full, "export_quota",
		"there is no room for the file; delete other exports, or ask for a shorter range or parquet")
}

// bounded writes as long as there is room.
type bounded struct {
	w    io.Writer
	room int64
}

func (b *bounded) Write(p []byte) (int, error) {
	if int64(len(p)) > b.room {
		return 0, errFull()
	}
	n, err := b.w.Write(p)
	b.room -= int64(n)
	return n, err
}

// write writes the events in the form of the file.
func write(ctx context.Context, e *export.Export, w io.Writer, file string) error {
	out := bufio.NewWriterSize(w, 256<<10)
	to := io.Writer(out)
	array := &array{w: out}
	if file == "json" {
		to = array
	}
	if _, err := e.Write(ctx, to); err != nil {
		return err
	}
	if file == "json" {
		if err := array.close(); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// array makes a JSON array of lines of JSON. A line break inside a text is written \n in JSON, so that
// each one in the bytes ends a line.
type array struct {
	w     io.Writer
	begun bool
	next  bool // a line has ended: what follows begins another
	buf   []byte
}

func (a *array) Write(p []byte) (int, error) {
	a.buf = a.buf[:0]
	for _, c := range p {
		switch {
		case !a.begun:
			a.begun = true
			a.buf = append(a.buf, "[\n"...)
		case a.next:
			a.next = false
			a.buf = append(a.buf, ",\n"...)
		}
		if c == '\n' {
			a.next = true
			continue
		}
		a.buf = append(a.buf, c)
	}
	if _, err := a.w.Write(a.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (a *array) close() error {
	end := "\n]\n"
	if !a.begun {
		end = "[]\n"
	}
	_, err := io.WriteString(a.w, end)
	return err
}
