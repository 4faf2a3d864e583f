package retention

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"analytics/engine/whole"
)

// Reports that were written lie as files in the data folder, some 120 kB a day with their pictures. They go
// by the end of what they are of, which their names say, and not by when they were written: copying a folder
// or taking a person's name out of it makes no report younger. What is said in them can be asked for as long
// as there are counts; a report of a month beside that of a year ago is why they stay for 13 months.

// leastReportDays keeps the newest report of a month: the press writes one that is not there.
const leastReportDays = 32

// File is what happens to a file of a report, and why.
type File struct {
	Name   string
	End    time.Time // of what the report is of
	Bytes  int64
	Drop   bool
	Reason string
}

// sort says for every file whether it goes.
func (p Policy) sort(now time.Time, files []File) {
	for i := range files {
		f := &files[i]
		switch days := p.ReportsKeepDays; {
		case days == 0:
			f.Reason = "kept for ever, as retention.reports_keep_days says"
		case f.End.After(now.Add(-time.Duration(days) * 24 * time.Hour)):
			f.Reason = fmt.Sprintf("younger than %d days, as retention.reports_keep_days says", days)
		default:
			f.Drop, f.Reason = true, fmt.Sprintf("older than %d days, as retention.reports_keep_days says", days)
		}
	}
}

// reports lists the files that reports wrote, the oldest first. Other files, folders and links are not seen.
func (k *Keeper) reports(ctx context.Context) (files []File, err error) {
	if k.cfg.Written == nil {
		return nil, nil
	}
	entries, err := os.ReadDir(k.cfg.Reports)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		end, ok := k.cfg.Written(e.Name())
		if !ok || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: e.Name(), End: end, Bytes: info.Size()})
	}
	slices.SortFunc(files, func(a, b File) int {
		return cmp.Or(a.End.Compare(b.End), strings.Compare(a.Name, b.Name))
	})
	return files, errors.Join(err, ctx.Err())
}

// discard removes the files that go.
func (k *Keeper) discard(ctx context.Context, files []File) error {
	if !slices.ContainsFunc(files, func(f File) bool { return f.Drop }) {
		return nil
	}
	folder, err := os.OpenRoot(k.cfg.Reports)
	if err != nil {
		return err
	}
	defer folder.Close()
	n, bytes := 0, int64(0)
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !f.Drop {
			continue
		}
		if err := folder.Remove(f.Name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("an old report cannot be removed: %w", err)
		}
		n, bytes = n+1, bytes+f.Bytes
	}
	k.cfg.Log.Info("retention: old reports are gone", "files", n, "bytes", bytes)
	return whole.SyncFolder(k.cfg.Reports)
}
