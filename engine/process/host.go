package process

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"analytics/engine/fault"
	"analytics/engine/jobs"
	"analytics/engine/store"
)

// Host samples the machine and this process once a minute, as events of kind metric in the project
// "analytics", so that one can ask how they were when something was slow:
//
//	cpu_percent             of all processors, by everybody on the machine, since the sample before
//	memory_percent          of the machine's memory that is in use and cannot be given back
//	disk_percent            of the volume with the data
//	process_cpu_percent     of one processor, by this process
//	process_memory_bytes    anonymous memory of this process
//	store_bytes             the data folder
//	store_unsealed_events   events not in segments yet
//	store_queued_events     events that wait for a commit
//	job_lag_seconds         how late the latest job is
//
// What a system does not tell is left out; without /proc only the store's are left.
type Host struct {
	Store  *store.Store
	Lag    func() time.Duration
	Record func(ctx context.Context, t store.Tenant, events []byte) error
	Now    func() time.Time

	mu     sync.Mutex // guards what follows
	before *moment
}

// moment is counters that only grow, at a time.
type moment struct {
	at        time.Time
	busy, all float64 // of all processors, in ticks
	system    bool    // they are known
	own       time.Duration
	self      bool // it is known; a process that just began has used less than a tick
}

// Jobs is the sampling.
func (h *Host) Jobs() []jobs.Job {
	return []jobs.Job{{
		Name: "host_samples", About: "samples processor, memory, disk, store and jobs as metric events",
		When: jobs.Every(time.Minute), Timeout: 30 * time.Second,
		Run: func(ctx context.Context, _ jobs.Period) error { return h.sample(ctx) },
	}}
}

// sample records a minute. The first call only looks: there is nothing to compare with.
func (h *Host) sample(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	now, before := h.look(), h.before
	h.before = &now
	if before == nil || !now.at.After(before.at) {
		return nil
	}
	var s samples
	if now.system && before.system && now.all > before.all {
		s.add("cpu_percent", "percent", 100*(now.busy-before.busy)/(now.all-before.all))
	}
	if now.self && before.self {
		s.add("process_cpu_percent", "percent", 100*float64(now.own-before.own)/float64(now.at.Sub(before.at)))
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		if total, free := field(text, "MemTotal:"), field(text, "MemAvailable:"); total > 0 {
			s.add("memory_percent", "percent", 100*(total-free)/total)
		}
	}
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		s.add("process_memory_bytes", "bytes", 1024*field(text, "RssAnon:"))
	}
	st := h.Store.Stats()
	if st.Volume > 0 {
		s.add("disk_percent", "percent", 100*float64(st.Volume-st.Free)/float64(st.Volume))
	}
	s.add("store_bytes", "bytes", float64(st.DiskBytes))
	s.add("store_unsealed_events", "", float64(st.HeadRows))
	s.add("store_queued_events", "", float64(st.Queued))
	s.add("job_lag_seconds", "s", h.Lag().Seconds())
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	err = h.Record(ctx, store.Default, text)
	if fault.Of(err).Code == "disabled" {
		return nil // taking in events is switched off, and these are events
	}
	return err
}

// samples are the events of a minute.
type samples []metric

type metric struct {
	Type    string  `json:"type"`
	Project string  `json:"project"`
	Name    string  `json:"name"`
	Unit    string  `json:"unit,omitempty"`
	Value   float64 `json:"value"`
}

func (s *samples) add(name, unit string, value float64) {
	*s = append(*s, metric{"metric", "analytics", name, unit, value})
}

// look reads the counters.
func (h *Host) look() moment {
	m := moment{at: h.Now()}
	if text, err := os.ReadFile("/proc/stat"); err == nil {
		m.busy, m.all, m.system = processors(text)
	}
	if text, err := os.ReadFile("/proc/self/stat"); err == nil {
		m.own, m.self = ownTime(text)
	}
	return m
}

// ownTime reads the processor time of /proc/self/stat (proc(5)): utime and stime, in hundredths of a
// second. The name in brackets before them may hold anything.
func ownTime(text []byte) (own time.Duration, ok bool) {
	parts := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(parts) < 13 {
		return 0, false
	}
	user, wrongUser := strconv.Atoi(parts[11])
	system, wrongSystem := strconv.Atoi(parts[12])
	return time.Duration(user+system) * 10 * time.Millisecond, wrongUser == nil && wrongSystem == nil
}

// processors reads the line of all processors in /proc/stat (proc(5)): user, nice, system, idle,
// iowait, irq, softirq, steal; guests are in user already.
func processors(text []byte) (busy, all float64, ok bool) {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	parts := strings.Fields(string(line))
	if len(parts) < 5 || parts[0] != "cpu" {
		return 0, 0, false
	}
	for i, part := range parts[1:min(len(parts), 9)] {
		n, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return 0, 0, false
		}
		all += n
		if i != 3 && i != 4 { // idle, and waiting for a disk
			busy += n
		}
	}
	return busy, all, true
}

// field is the number behind a name at the start of a line, 0 if there is none.
func field(text []byte, name string) float64 {
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), name); ok {
			if parts := strings.Fields(rest); len(parts) > 0 {
				n, _ := strconv.ParseFloat(parts[0], 64)
				return n
			}
		}
	}
	return 0
}
