package auth

import (
	"context"

	"analytics/engine/store"
)

// EndLogins ends every browser's login and every link that was not used yet, and says how many there
// were. It is for a store that was restored: somebody who logged out since, or whose link was used,
// must not be let in by what an old copy says. Nobody else may have the store open.
func EndLogins(ctx context.Context, s *store.Store) (n int, err error) {
	shelf := s.Shelf(store.Default, "keys")
	var gone []store.Change
	for _, prefix := range []string{linkPrefix, sessionPrefix} {
		err := shelf.Each(prefix, func(name string, _ []byte) error {
			gone = append(gone, store.Change{Key: name, Delete: true})
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return len(gone), shelf.Apply(ctx, gone...)
}
