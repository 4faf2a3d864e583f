package orders

import (
	"strings"
	"testing"

	"analytics/engine/store/storetest"
)

// open opens a shop whose disk has plenty of room.
func open(t *testing.T, events int, quota int64) *shop {
	t.Helper()
	return openOn(t, events, quota, storetest.Room)
}

// TestADiskThatIsNearlyFullIsSaidToBe: deleting other exports would change nothing.
func TestADiskThatIsNearlyFullIsSaidToBe(t *testing.T) {
	p := openOn(t, 3, 0, func(string) (free, total int64, err error) { return 90 << 30, 1 << 40, nil })
	o := p.order("")
	p.work()
	if o = p.get(o.ID); o.State != Failed || !strings.Contains(o.Error, "exports leave the last 104857 MiB of it") {
		t.Errorf("%+v", o)
	}
}
