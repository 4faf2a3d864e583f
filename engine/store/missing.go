package store

import (
	"analytics/engine/fault"
)

// Missing says that there is no store in a folder, and nil if there is one, be it damaged. It is for
// who wants to read: Open would make a store there, and a mistyped name would have an empty one for an
// answer.
func Missing(dir string) error {
	_, known, err := readFormat(dir)
	if known || err != nil {
		return nil // what is wrong with it Open says
	}
	if files, err := badgerFiles(dir); err != nil || len(files) > 0 {
		return nil
	}
	return fault.New(fault.NotFound, "no_data", "there is no data in %s; name the folder with --data DIR, "+
		"or begin one there with `analytics serve --data %s`", dir, dir)
}
