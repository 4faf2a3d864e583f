package geo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/phuslu/iploc"
)

// Place is where an address is, as far as that is known.
type Place struct {
	Country string // code of ISO 3166
	Region  string // in English, as cities
	City    string
	Network string // who runs it
}

// Atlas is the files in use. It is safe for concurrent use. A nil Atlas knows countries only.
type Atlas struct {
	dir string
	log *slog.Logger

	mu     sync.Mutex // held while files change
	files  [kinds]string
	wrong  [kinds]error // with the file that is named, nil if it is in use
	failed [kinds]stamp // of files that were refused, so that it is said once

	open [kinds]atomic.Pointer[database]
	torn [kinds]atomic.Pointer[database] // the files of which damage was told already
}

// every is how often Run looks for new files. They come once a week or day.
const every = time.Minute

// New makes an atlas without files. Copies of files are for a moment in dir, which has to be there.
func New(dir string, log *slog.Logger) *Atlas { return &Atlas{dir: dir, log: log} }

// Use takes over the files that the settings name, also those that changed. When one cannot be used,
// what was in use stays.
func (a *Atlas) Use(cfg Config) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []error
	a.files = cfg.files()
	for k, path := range a.files {
		a.wrong[k] = nil
		if path == "" {
			a.open[k].Store(nil)
			continue
		}
		if info, err := os.Stat(path); err == nil && a.has(kind(k), path, stampOf(info)) {
			continue
		}
		d, err := open(path, a.dir, kind(k))
		if err != nil {
			a.wrong[k] = fmt.Errorf("geo.%s: %w", kind(k), err)
			all = append(all, a.wrong[k])
			continue
		}
		a.take(kind(k), d)
	}
	return errors.Join(all...)
}

// has reports whether a file is the one in use.
func (a *Atlas) has(k kind, path string, s stamp) bool {
	d := a.open[k].Load()
	return d != nil && d.path == path && d.stamp == s
}

func (a *Atlas) take(k kind, d *database) {
	a.open[k].Store(d)
	a.wrong[k] = nil
	if a.log != nil {
		a.log.Info("geo file in use", "key", "geo."+k.String(), "file", d.path, "type", d.reader.Metadata.DatabaseType,
			"built", d.reader.Metadata.BuildTime().UTC().Format(time.DateOnly))
	}
}

// Run takes over new files until ctx is done. It begins with what the start had no time for: reading
// all of the files in use.
func (a *Atlas) Run(ctx context.Context) {
	for k := range a.open {
		if d := a.open[k].Load(); d != nil {
			if err := d.verify(); err != nil {
				a.tell(kind(k), d, err)
			}
		}
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			a.Look()
		}
	}
}

// Look takes over the files that are others than before, each once all of it was read. A bad one is
// told of, and the one in use stays.
func (a *Atlas) Look() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for k, path := range a.files {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			a.refuse(kind(k), stamp{}, reason(err))
			continue
		}
		s := stampOf(info)
		if a.has(kind(k), path, s) {
			a.wrong[k] = nil
			continue
		}
		if a.failed[k] == s {
			continue
		}
		d, err := open(path, a.dir, kind(k))
		if err == nil {
			err = d.verify()
		}
		if err != nil {
			a.refuse(kind(k), s, err)
			continue
		}
		a.failed[k] = stamp{}
		a.take(kind(k), d)
	}
}

// gone is the stamp of a file that is not there any more.
var gone = stamp{size: -1}

// refuse says once that a file is bad. The next one has another stamp.
func (a *Atlas) refuse(k kind, s stamp, err error) {
	a.wrong[k] = fmt.Errorf("geo.%s: %w", k, err)
	if s == (stamp{}) {
		s = gone
	}
	if a.failed[k] == s {
		return
	}
	a.failed[k] = s
	a.log.Error("geo file not taken over; the one before stays in use", "key", "geo."+k.String(), "error", err)
}

// Wrong lists what is wrong with files that are named, those that the disk has lost or damaged since among them.
func (a *Atlas) Wrong() (all []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, err := range a.wrong {
		if err != nil {
			all = append(all, err.Error())
		}
	}
	return all
}

// Check lists what is wrong with the files that the settings name. It reads all of them, and takes over none; copies
// of them are for a moment in dir.
func Check(cfg Config, dir string) (all []string) {
	for k, path := range cfg.files() {
		if path == "" {
			continue
		}
		d, err := open(path, dir, kind(k))
		if err == nil {
			err = d.verify()
		}
		if err != nil {
			all = append(all, fmt.Sprintf("geo.%s: %v", kind(k), err))
		}
	}
	return all
}

// tell says once for each file that there is damage in it.
func (a *Atlas) tell(k kind, d *database, err error) {
	if a.torn[k].Swap(d) != d && a.log != nil {
		a.log.Error("geo file is damaged; addresses in the damaged parts have no place", "key", "geo."+k.String(),
			"error", err)
	}
}

// Place is where an address is. Without files only the country is known; a country that the file of
// cities does not know is the one that the program knows.
func (a *Atlas) Place(addr netip.Addr) (p Place) {
	if !public(addr) {
		return p
	}
	addr = addr.Unmap().WithZone("")
	p = a.inCity(addr)
	if r := a.find(network, addr); r.owner != "" {
		p.Network = kept(r.owner)
	} else if r.number != 0 {
		p.Network = "AS" + strconv.FormatUint(r.number, 10)
	}
	return p
}

// Country is the country alone.
func (a *Atlas) Country(addr netip.Addr) string {
	if !public(addr) {
		return ""
	}
	return a.inCity(addr.Unmap().WithZone("")).Country
}

func (a *Atlas) inCity(addr netip.Addr) Place {
	r := a.find(city, addr)
	if r.country == "" {
		r.country = country(addr)
	}
	return Place{Country: r.country, Region: kept(r.region), City: kept(r.city)}
}

// find looks an address up in the file of a kind, if there is one.
func (a *Atlas) find(k kind, addr netip.Addr) record {
	if a == nil {
		return record{}
	}
	d := a.open[k].Load()
	if d == nil {
		return record{}
	}
	r, err := d.lookup(addr)
	if err != nil {
		a.tell(k, d, err)
	}
	return r
}

// country is the country that the program knows without a file.
func country(addr netip.Addr) string {
	if code := iploc.IPCountry(addr); isCode(code) {
		return code
	}
	return ""
}
