package enrich

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"analytics/engine/event"
)

// houseKey is where the secret of fingerprints is on the shelf. Unlike the salts of visitors it stays,
// as a reputation counts over months; thousands of people share a fingerprint, and no address is in it.
const houseKey = "fingerprint_key"

// House is the secret that fingerprints are made with. It is made when first asked for.
func (s *Salts) House(ctx context.Context) (Salt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.house != (Salt{}) {
		return s.house, nil
	}
	value, ok, err := s.shelf.Get(houseKey)
	if err == nil && (!ok || len(value) != len(Salt{})) {
		value = make([]byte, len(Salt{}))
		_, _ = rand.Read(value) // never fails
		err = s.shelf.Put(ctx, houseKey, value)
	}
	if err != nil {
		return Salt{}, fmt.Errorf("secret of fingerprints: %w", err)
	}
	s.house = Salt(value)
	return s.house, nil
}

// fingerprint sets the hash of a page view's user agent and first language.
func (n *Enricher) fingerprint(ctx context.Context, e *event.Event, s *Scratch) error {
	if !e.Has(event.PageUserAgent) {
		return nil
	}
	if s.print == nil {
		key, err := n.salts.House(ctx)
		if err != nil {
			return err
		}
		s.print = hmac.New(sha256.New, key[:])
	}
	s.print.Reset()
	agent, language := e.Text(event.PageUserAgent), e.Text(event.PageLanguage)
	if end := bytes.IndexAny(language, ",;"); end >= 0 {
		language = language[:end]
	}
	head := binary.BigEndian.AppendUint32(s.Room(sha256.Size), uint32(len(agent)))
	_, _ = s.print.Write(head)
	_, _ = s.print.Write(agent)
	_, _ = s.print.Write(bytes.ToLower(bytes.TrimSpace(language)))
	sum := s.print.Sum(head[:0])
	var text [16]byte
	hex.Encode(text[:], sum[:8])
	e.SetID(event.PageFingerprint, text[:])
	return nil
}
