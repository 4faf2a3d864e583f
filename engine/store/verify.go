package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"analytics/engine/event"
)

// Problem is something wrong with the store, as the doctor tells it.
type Problem struct {
	Tenant string
	Kind   string
	Hour   string // start of the hour or of the segment's span, RFC 3339; empty for the whole store
	What   string
	Advice string
	// Older says that it is no damage: the block of a cube counts right what it counts, but an older program
	// made it, or one for another reporting zone.
	Older bool
}

// String is the problem in a line.
func (p Problem) String() string {
	at := p.What
	if p.Hour != "" {
		at = fmt.Sprintf("%s %s %s: %s", p.Tenant, p.Kind, p.Hour, p.What)
	}
	return at + "; " + p.Advice
}

const (
	adviceRestore = "restore a backup of before the damage"
	adviceRebuild = "run `analytics rollup rebuild` for that hour"
)

// Verify reads everything and compares it with what was written: Badger's own checksums, every
// journal batch, every piece and block, every row against the sums of its hour, and the ledger
// against journal and segments. It goes on after a problem. progress, which may be nil, is called
// with the number of segments checked so far and in all.
func (s *Store) Verify(
	ctx context.Context, progress func(done, total int),
) (problems []Problem, err error) {
	if err := s.db.VerifyChecksum(); err != nil {
		problems = append(problems, Problem{
			What: "a table on disk has a wrong checksum: " + err.Error(), Advice: adviceRestore,
		})
	}
	if n := s.salvaged.Load(); n > 0 {
		problems = append(problems, Problem{
			What:   fmt.Sprintf("%d journal batches are damaged and were left out", n),
			Advice: adviceRestore,
		})
	}
	entries, err := s.balance(ctx, func(p Problem) { problems = append(problems, p) })
	defer func() {
		for _, e := range entries {
			s.letGo(e)
		}
	}()
	if err != nil {
		return problems, err
	}
	for i, e := range entries {
		if err := ctx.Err(); err != nil {
			return problems, err
		}
		problems = append(problems, s.checkSegment(ctx, e)...)
		if progress != nil {
			progress(i+1, len(entries))
		}
	}
	return problems, nil
}

// balance checks the ledger and lists all segments, which the caller lets go. Only this much needs
// sealing to stand still; reading the segments takes minutes in a large store, and the head would
// overflow meanwhile.
func (s *Store) balance(ctx context.Context, report func(Problem)) (entries []*entry, err error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.exclusive(ctx, func() error { return s.checkLedger(report) }); err != nil {
		return nil, err
	}
	s.view.RLock()
	defer s.view.RUnlock()
	for _, list := range s.catalog.segments {
		for _, e := range list {
			e.keep()
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b *entry) int { return bytes.Compare(a.key(), b.key()) })
	return entries, nil
}

func problemAt(p place, what, advice string) Problem {
	return Problem{
		Tenant: tenantName(p.tenant), Kind: p.kind.String(),
		Hour: p.hour.Start().Time().Format("2006-01-02T15:04:05Z07:00"), What: what, Advice: advice,
	}
}

// tenantName is the tenant as people wrote it.
func tenantName(t Tenant) string {
	for i, c := range t {
		if c == 0 {
			return string(t[:i])
		}
	}
	return string(t[:])
}

// checkSegment reads a segment from disk, all of it.
func (s *Store) checkSegment(ctx context.Context, e *entry) []Problem {
	var problems []Problem
	if !e.dropped {
		fresh := newEntryLike(e) // with no piece taken for right
		if err := s.proveSegment(ctx, fresh); err != nil {
			if e.life.erased.Load() {
				return nil
			}
			problems = append(problems, problemAt(e.place, err.Error(), adviceRestore))
		}
		s.segments.forget(fresh)
	}
	return append(problems, s.checkBlocks(ctx, e, len(problems) == 0)...)
}

// checkBlocks reads the blocks of a segment and, where its events are there and sound, makes them
// again and compares.
func (s *Store) checkBlocks(ctx context.Context, e *entry, sound bool) (problems []Problem) {
	report := func(cube uint8, what string) {
		advice := adviceRebuild
		if e.dropped {
			advice = adviceRestore
		}
		problems = append(problems, problemAt(e.place,
			fmt.Sprintf("block of cube %d: %s", cube, what), advice))
	}
	stored := map[uint8][]byte{}
	for i := range e.blocks {
		b := &e.blocks[i]
		data, err := s.readBlockRef(e, b)
		if err != nil {
			report(b.cube, err.Error())
		} else if data != nil {
			stored[b.cube] = data
		}
	}
	if e.dropped || !sound || s.cfg.Derive == nil || len(problems) > 0 {
		return problems
	}
	recs, err := s.readAll(ctx, e)
	blocks, derr := s.derive(e.place.kind, recs)
	if err = errors.Join(err, derr); err != nil {
		return append(problems, problemAt(e.place, err.Error(), adviceRestore))
	}
	for _, b := range blocks {
		data, ok := stored[b.Cube]
		switch {
		case bytes.Equal(data, b.Data):
		case !ok: // the entry names no block of it: whoever made the segment did not know the cube
			report(b.Cube, "it is not there")
			problems[len(problems)-1].Older = s.cfg.Older != nil
		default:
			report(b.Cube, "it is not what the events give")
			problems[len(problems)-1].Older = s.cfg.Older != nil &&
				s.cfg.Older(e.place.kind, recs, Block{Cube: b.Cube, Data: data})
		}
	}
	return problems
}

// newEntryLike is the entry without what was learned about it.
func newEntryLike(e *entry) *entry {
	return &entry{
		place: e.place, to: e.to, id: e.id, rows: e.rows, min: e.min, max: e.max, size: e.size,
		pieces: e.pieces, hours: e.hours, groups: e.groups, blocksAt: e.blocksAt, blocks: e.blocks,
		life: e.life, verified: make([]atomic.Bool, len(e.pieces)),
	}
}

// tally is what an hour has, from the ledger and from where its rows are.
type tally struct {
	ledger, found ledgerRow
}

// checkLedger compares the ledger of every hour with journal and segments. It runs in the
// committer, so that the three stand still.
func (s *Store) checkLedger(report func(Problem)) error {
	hours := map[place]*tally{}
	at := func(p place) *tally {
		if hours[p] == nil {
			hours[p] = &tally{}
		}
		return hours[p]
	}
	marks, err := s.readMarks()
	if err != nil {
		return err
	}
	err = s.scan([]byte{byte(spaceLedger)}, true, func(k, v []byte) error {
		key, err := parseKey(k)
		if err == nil {
			at(key.place).ledger, err = parseLedger(k, v)
		}
		if err != nil {
			report(problemAt(key.place, err.Error(), adviceRestore))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.checkJournal(marks, at, report); err != nil {
		return err
	}
	for _, list := range s.catalog.segments {
		for _, e := range list {
			for _, h := range e.hours {
				b := at(place{e.place.series, h.hour})
				b.found.rows += h.rows
				b.found.sum += h.sum
			}
		}
	}
	for p, b := range hours {
		if b.ledger != b.found {
			report(problemAt(p, fmt.Sprintf(
				"the ledger says %d rows with sum %x, journal and segments hold %d with sum %x",
				b.ledger.rows, b.ledger.sum, b.found.rows, b.found.sum), adviceRestore))
		}
	}
	return nil
}

// checkJournal reads every batch that is not sealed and adds it to the balance of its hour.
func (s *Store) checkJournal(
	marks map[place]uint64, at func(place) *tally, report func(Problem),
) error {
	return s.scan([]byte{byte(spaceJournal)}, true, func(k, v []byte) error {
		key, err := parseKey(k)
		if err != nil || key.seq <= marks[key.place] {
			return nil
		}
		rows, info, err := openBatch(k, v)
		if err == nil {
			err = checkRows(rows, info)
		}
		if err != nil {
			report(problemAt(key.place, fmt.Sprintf("journal batch %d: %v", key.seq, err), adviceRestore))
			return nil
		}
		b := at(key.place)
		b.found.rows += uint64(info.count)
		b.found.sum += info.sum
		return nil
	})
}

// checkRows compares the rows of a batch with its header.
func checkRows(rows []byte, info batchInfo) error {
	n, sum := 0, uint64(0)
	for len(rows) > 0 {
		row, rest, err := event.NextRow(rows)
		if err != nil {
			return err
		}
		n, sum, rows = n+1, sum+rowHash(row), rest
	}
	if n != info.count || sum != info.sum {
		return errors.Join(errBatch, fmt.Errorf("%d rows, header says %d", n, info.count))
	}
	return nil
}
