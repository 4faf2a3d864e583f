//go:build !linux

package store

import (
	"math"
	"os"
)

// Other systems are for development only: nothing is known of their volumes, and Badger's own lock
// is the only one.

func checkVolume(string) error { return nil }

func volumeSpace(string) (free, total int64, err error) { return math.MaxInt64, math.MaxInt64, nil }

func fileLimit() uint64 { return math.MaxUint64 }

type dirLock struct{}

func lockDir(string) (*dirLock, error) { return &dirLock{}, nil }

func (l *dirLock) sign() error { return nil }

func (l *dirLock) release() {}

func blocks(info os.FileInfo) int64 { return info.Size() }
