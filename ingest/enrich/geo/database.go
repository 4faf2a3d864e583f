package geo

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// database is a file that is open. Lookups read a copy that is mapped into memory and has no name
// any more: who copies a new file over the old one would otherwise change what is read, and end the
// process where the file got shorter. Reading it into the heap would cost 60 MB for GeoLite2-City;
// of a map only the parts count that are asked for, and the system may drop them.
type database struct {
	reader *maxminddb.Reader
	path   string
	stamp  stamp
}

// stamp tells whether a file is another than before.
type stamp struct {
	size int64
	time time.Time
}

func stampOf(f fs.FileInfo) stamp { return stamp{f.Size(), f.ModTime()} }

// open opens a file, by a copy in dir for which nobody else may use the name.
func open(path, dir string, k kind) (*database, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, reason(err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", path)
	}
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "geo-"+k.String()+".tmp")
	if err := duplicate(name, in); err != nil {
		return nil, fmt.Errorf("copy %s: %w", path, err)
	}
	defer os.Remove(name)
	r, err := maxminddb.Open(name)
	if err != nil {
		return nil, damaged(path, err)
	}
	if err := probe(r, path, k); err != nil {
		return nil, err
	}
	return &database{r, path, stampOf(info)}, nil
}

func duplicate(name string, in io.Reader) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// probes is how many addresses all over a file are looked up to find damage, and among how many
// networks from its beginning one must be of the kind.
const (
	probes  = 1000
	sampled = 20_000
)

// probe checks that a file is of the kind it is given for, and readable where it looks.
func probe(r *maxminddb.Reader, path string, k kind) error {
	var seen record
	n := 0
	for found := range r.Networks(maxminddb.IncludeNetworksWithoutData()) {
		if err := found.Decode(&seen); err != nil {
			return damaged(path, err)
		}
		if n++; n == sampled || seen.has(k) {
			break
		}
	}
	if !seen.has(k) {
		return fmt.Errorf("%s is a file of type %q, not one of %s", path, r.Metadata.DatabaseType, k.wants())
	}
	for i := range probes {
		high := byte(i * 256 / probes)
		a := netip.AddrFrom4([4]byte{high, byte(i * 7), byte(i * 13), 1})
		if r.Metadata.IPVersion == 6 && i%2 == 1 {
			a = netip.AddrFrom16([16]byte{0x20 | high>>4, high, byte(i * 7), byte(i * 13)})
		}
		if err := r.Lookup(a).Decode(&seen); err != nil {
			return damaged(path, err)
		}
	}
	return nil
}

// has reports whether a record has what a file of the kind is for.
func (r *record) has(k kind) bool {
	if k == network {
		return r.owner != "" || r.number != 0
	}
	return r.city != ""
}

// verify reads all of the file: 0.3 s for 1.4 million networks (measured). The library's own check
// also refuses files that break only the letter of the format, and does not end where a search tree
// goes in circles: a sound one ends in one more place than it has nodes.
func (d *database) verify() error {
	defer runtime.KeepAlive(d.reader)
	checked := map[uintptr]struct{}{}
	left := d.reader.Metadata.NodeCount + 1
	for found := range d.reader.Networks(maxminddb.IncludeNetworksWithoutData()) {
		err := found.Err()
		if left == 0 && err == nil {
			err = errors.New("the search tree goes in circles")
		}
		if err != nil {
			return damaged(d.path, err)
		}
		left--
		if _, ok := checked[found.Offset()]; ok || !found.Found() {
			continue
		}
		checked[found.Offset()] = struct{}{}
		var r record
		if err := found.Decode(&r); err != nil {
			return damaged(d.path, err)
		}
	}
	return nil
}

// lookup is what the file has of an address; nothing where that is damaged.
func (d *database) lookup(a netip.Addr) (r record, err error) {
	err = d.reader.Lookup(a).Decode(&r)
	runtime.KeepAlive(d.reader) // its end would take the map away
	if err != nil {
		return record{}, err
	}
	return r, nil
}

// reason is an error of opening without the word for the system call.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return fmt.Errorf("%s: %w", at.Path, at.Err)
	}
	return err
}

func damaged(path string, err error) error {
	return fmt.Errorf("%s is damaged or in another format than MaxMind's (%w); download it again", path,
		cmp.Or(err, io.ErrUnexpectedEOF))
}
