package auth

import (
	"encoding/hex"
	"encoding/json"
	"strings"

	"analytics/engine/store"
)

// Named calls f for every key, user and share of a tenant with its name, other texts of it, and the command
// that takes it away, from a store that may be in use.
func Named(s *store.Store, t store.Tenant, f func(what, name, text, remove string)) error {
	return s.Shelf(store.Default, "keys").Each("", func(key string, value []byte) error {
		var row struct {
			ID, Name, Label, Share, Tenant string
		}
		if err := json.Unmarshal(value, &row); err != nil {
			return nil //nolint:nilerr // of a form of its own; who opens the shelf says so
		}
		if row.Tenant != "" && row.Tenant != hex.EncodeToString(t[:]) {
			return nil
		}
		prefix, _, _ := strings.Cut(key, "/")
		switch prefix + "/" {
		case keyPrefix:
			f("API key", row.Name, string(value), "analytics keys revoke "+row.ID)
		case userPrefix:
			f("user of the dashboard", row.Name, string(value), "analytics dashboard users remove "+row.Name)
		case sharePrefix:
			f("share", row.Label, string(value), "analytics dashboard shares end "+row.Share)
		}
		return nil
	})
}
