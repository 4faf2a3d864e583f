package depot

import (
	"os"
	"syscall"
)

// SameVolume says whether two folders that are there lie on one volume.
func SameVolume(a, b string) bool {
	volume := func(path string) (uint64, bool) {
		info, err := os.Stat(path)
		if err != nil {
			return 0, false
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return 0, false
		}
		return st.Dev, true
	}
	x, ok := volume(a)
	y, known := volume(b)
	return ok && known && x == y
}
