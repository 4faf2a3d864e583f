package lake

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// edit changes a manifest.
func (h *house) edit(change func(*manifest)) {
	h.t.Helper()
	for _, name := range h.list(event.ToolCall, manifestName) {
		text, err := os.ReadFile(name)
		var m manifest
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			h.t.Fatal(err)
		}
		change(&m)
		if text, err = encode(m); err == nil {
			err = os.WriteFile(name, text, 0o600)
		}
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

// TestNothingIsBelievedThatIsNotProved: a manifest that says other things than its files, or nothing at all.
func TestNothingIsBelievedThatIsNotProved(t *testing.T) {
	f := func(name, state, reason string, change func(p *past)) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := rewritten(t)
			change(p)
			back := newHouse(t, p.backup, p.files)
			back.alone(p.adoption(), state, reason)
			hours, err := back.store.Ledger(store.Default, event.ToolCall, 0, 1<<31)
			if err != nil || rowsOf(hours) != 40 {
				t.Errorf("the store counts %d events, %v; want the 40 it had", rowsOf(hours), err)
			}
		})
	}
	first := func(m *manifest) *contents { return &m.Files[0] }
	f("bytes", "failed", "other bytes", func(p *past) {
		name := p.list(event.ToolCall, ".parquet")[0]
		text, err := os.ReadFile(name)
		if err != nil {
			p.t.Fatal(err)
		}
		text[len(text)/2] ^= 1
		if err := os.WriteFile(name, text, 0o600); err != nil {
			p.t.Fatal(err)
		}
	})
	f("hash", "failed", "other bytes", func(p *past) { p.edit(func(m *manifest) { first(m).SHA256 = "00" }) })
	f("rows", "failed", "other events", func(p *past) { p.edit(func(m *manifest) { first(m).Rows++ }) })
	f("ids", "failed", "other events", func(p *past) { p.edit(func(m *manifest) { first(m).IDs = "1" }) })
	f("sums", "failed", "other events", func(p *past) { p.edit(func(m *manifest) { first(m).Sums["duration_ms"]++ }) })
	f("times", "failed", "other times", func(p *past) {
		p.edit(func(m *manifest) { first(m).First = first(m).First.Add(time.Second) })
	})
	f("day", "failed", "of another day", func(p *past) { p.edit(func(m *manifest) { m.Date = "2026-01-01" }) })
	f("name", "failed", "no segment has", func(p *past) { p.edit(func(m *manifest) { first(m).Name = "../x.parquet" }) })
	f("newer", "failed", "newer than this program", func(p *past) { p.edit(func(m *manifest) { m.Version = 2 }) })
	f("older", "refused", "older than what the store", func(p *past) {
		p.edit(func(m *manifest) { m.At = m.At.AddDate(0, 0, -1) })
	})
	f("foreign", "refused", "say --trust", func(p *past) { p.edit(func(m *manifest) { m.Store = "another" }) })
	f("no manifest", "refused", "nothing says what files there are", func(p *past) {
		if err := os.Remove(p.list(event.ToolCall, manifestName)[0]); err != nil {
			p.t.Fatal(err)
		}
	})
	f("no file", "failed", "is not there", func(p *past) {
		if err := os.Remove(p.list(event.ToolCall, ".parquet")[0]); err != nil {
			p.t.Fatal(err)
		}
	})
	f("not to be written to", "failed", "cannot be written to", func(p *past) { // as a volume that is only to be read
		name := filepath.Base(p.list(event.ToolCall, ".parquet")[0])
		day := filepath.Base(filepath.Dir(p.list(event.ToolCall, ".parquet")[0]))[len("date="):]
		if err := os.MkdirAll(filepath.Join(p.files, ".staging", "tool_call-adopt-"+day+"-"+name), 0o700); err != nil {
			p.t.Fatal(err)
		}
	})
	f("no archive", "refused", "nothing of the day any more", func(p *past) {
		if err := os.RemoveAll(p.files); err != nil {
			p.t.Fatal(err)
		}
	})
}

func rowsOf(hours []store.HourLedger) (n uint64) {
	for _, h := range hours {
		n += h.Rows
	}
	return n
}

// TestMissingEventsNeedAnErasure: the archive has fewer events than the store counted.
func TestMissingEventsNeedAnErasure(t *testing.T) {
	t.Parallel()
	p := rewritten(t)
	back := newHouse(t, p.backup, p.files)
	back.alone(Adoption{}, "refused", "nothing was erased")
	back.alone(Adoption{Trust: true}, "adopted", "")
	back.wantWhole(p.acked)
}

// TestAnotherStoresArchiveIsTakenOverOnlyWhenTrusted, and an older program's where a file proves it.
func TestAnotherStoresArchiveIsTakenOverOnlyWhenTrusted(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.put(event.ToolCall, 40, 40)
	p.run()
	other := newHouse(t, t.TempDir(), p.files)
	other.alone(Adoption{}, "refused", "say --trust")
	other.alone(Adoption{Trust: true, DryRun: true}, "adopted", "")
	other.want("asked", other.asked(), map[string]int{})
	other.alone(Adoption{Trust: true}, "adopted", "")
	other.wantWhole(p.acked)

	p = newPast(t)
	p.put(event.ToolCall, 40, 40)
	p.put(event.ToolCall, 40, 39)
	p.run()
	p.copied()
	p.put(event.ToolCall, 4, 39)
	p.run()
	p.edit(func(m *manifest) { m.Store = "" })
	back := newHouse(t, p.backup, p.files)
	back.takeOver(Adoption{}) // the file of the first day is as it was
	back.wantWhole(p.acked)
}
