package audit

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"analytics/engine/fault"
)

// TestALinkOfANewerProgramIsNoDamage: it is whole, and nothing is linked behind it.
func TestALinkOfANewerProgramIsNoDamage(t *testing.T) {
	w := newWorld(t)
	w.act(5*time.Hour, 3)
	w.act(4*time.Hour, 3)
	w.seal()
	w.chain(2)
	v, _, err := w.trail.shelf().Get(linkKey(2))
	if err != nil {
		t.Fatal(err)
	}
	newer := append(bytes.Clone(v[:hashAt]), "and more"...)
	newer[0] = version + 1
	sum := sha256.Sum256(newer)
	newer = append(newer, sum[:]...)
	if err := w.trail.shelf().Put(t.Context(), linkKey(2), newer); err != nil {
		t.Fatal(err)
	}
	w.act(3*time.Hour, 3)
	w.seal()
	_, chained := w.trail.Chain(t.Context())
	_, verified := w.trail.Verify(t.Context())
	for what, err := range map[string]error{"chain": chained, "verify": verified} {
		if fault.Of(err).Kind != fault.Newer || !strings.Contains(err.Error(), "start a newer version") {
			t.Errorf("%s: %v", what, err)
		}
	}
	links := 0
	err = w.trail.shelf().Each(keyPrefix, func(_ string, v []byte) error {
		if links++; links == 2 && !bytes.Equal(v, newer) {
			t.Errorf("the link became %x", v)
		}
		return nil
	})
	if err != nil || links != 2 {
		t.Errorf("%d links, %v", links, err)
	}
}
