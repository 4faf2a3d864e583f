package rollup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// definitionsKey is on the shelf "days" of a tenant: which definitions all blocks were seen to be of, up to
// which one.
const definitionsKey = "definitions"

const definitionsVersion = 1

type definitions struct {
	Version int             `json:"version"`
	Sum     string          `json:"sum"`
	Blocks  store.SegmentID `json:"blocks"`
}

// definition is a hash of all that blocks of cubes say of themselves when they are made now.
func (m *Mill) definition() string {
	var text []byte
	for _, kind := range event.Kinds() {
		for _, c := range cube.Cubes(kind) {
			text = fmt.Appendln(text, c.ID, kind, c.Dims, c.Measures)
		}
	}
	text = fmt.Appendln(text, cube.GrainOf(m.Zone))
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Renew makes blocks again that an older program made, or one for another reporting zone, where the store has
// their events. Until then what they lack is counted from events. Blocks that were looked at before are not
// again, until definitions change; what is cut short goes on with the next run.
func (m *Mill) Renew(ctx context.Context) error {
	sum := m.definition()
	for _, t := range m.Tenants() {
		shelf := m.Store.Shelf(t, "days")
		var was definitions
		text, ok, err := shelf.Get(definitionsKey)
		if err != nil {
			return err
		}
		if ok && (json.Unmarshal(text, &was) != nil || was.Version != definitionsVersion || was.Sum != sum) {
			was = definitions{}
		}
		last, err := m.renew(ctx, t, was.Blocks)
		if err != nil {
			return err
		}
		if now := (definitions{definitionsVersion, sum, last}); now != was {
			text, err := json.Marshal(now)
			if err != nil {
				return err
			}
			if err := shelf.Put(ctx, definitionsKey, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// renew makes older blocks of a tenant again, of those that came after one, and says which was the last.
func (m *Mill) renew(ctx context.Context, t store.Tenant, after store.SegmentID) (last store.SegmentID, err error) {
	last = after
	for _, kind := range event.Kinds() {
		stretches, newest, err := m.olderDays(ctx, seriesKey{t, kind}, after)
		if err != nil {
			return 0, err
		}
		last = max(last, newest)
		r := &Report{}
		for i, h := range stretches {
			m.milling.Lock()
			err := m.rebuild(ctx, Scope{Tenant: t}, kind, h, r)
			m.milling.Unlock()
			if err != nil {
				return 0, fmt.Errorf("cells of %s made again: %w", kind, err)
			}
			m.Log.LogAttrs(ctx, slog.LevelInfo, "cells of older definitions were made again",
				slog.String("type", kind.String()), slog.Time("day", h.from.Start().Time()),
				slog.Int("segments", r.Segments), slog.Int("stretch", i+1), slog.Int("stretches", len(stretches)))
		}
	}
	return last, nil
}

// maxRenewed bounds the days whose blocks are made again at once: sealing waits for that long, and the old
// blocks keep their room for as long.
const maxRenewed = 8

// olderDays lists stretches of UTC days of a series in which a block that came after one is missing or of
// another definition although its events are there; and the newest block.
func (m *Mill) olderDays(
	ctx context.Context, key seriesKey, after store.SegmentID,
) (days []hours, newest store.SegmentID, err error) {
	maker := cube.Maker{Grain: cube.GrainOf(m.Zone)}
	n := m.Store.Snapshot(store.Range{Tenant: key.tenant, Kind: key.kind, From: cube.Always, To: cube.Never})
	defer n.Release()
	found := map[event.Hour]bool{}
	segments := n.Segments()
	for i := range segments {
		s := &segments[i]
		newest = max(newest, s.Blocks)
		if s.Blocks <= after || s.RawDropped || s.Archived() {
			continue
		}
		old, err := outdated(ctx, n, s, maker)
		if err != nil {
			return nil, 0, err
		}
		if old {
			found[s.From/24] = true
		}
	}
	for _, day := range slices.Sorted(maps.Keys(found)) {
		if at := len(days) - 1; at >= 0 && days[at].to == day*24 && days[at].to-days[at].from < maxRenewed*24 {
			days[at].to += 24
		} else {
			days = append(days, hours{day * 24, day*24 + 24})
		}
	}
	return days, newest, nil
}

// outdated says whether a segment has a block of another definition, or lacks one. A damaged one is for the
// doctor to tell.
func outdated(ctx context.Context, n *store.Snapshot, s *store.Segment, maker cube.Maker) (bool, error) {
	for _, c := range cube.Cubes(n.Range.Kind) {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		pieces := n.OpenBlock(s, c.ID)
		if pieces == nil {
			return true, nil
		}
		block, err := cube.OpenBlockAt(pieces)
		if kind := fault.Of(err).Kind; kind == fault.Damaged || kind == fault.Newer {
			continue
		}
		if err != nil {
			return false, err
		}
		have, want := block.Spec(), maker.Spec(c)
		if have.Grain != want.Grain || !slices.Equal(have.Dims, want.Dims) ||
			!slices.Equal(have.Measures, want.Measures) {
			return true, nil
		}
	}
	return false, nil
}
