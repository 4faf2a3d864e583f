package store

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"analytics/engine/fault"
)

// foreign are the volumes on which a store must not lie: their locks or memory maps do not keep
// what Badger takes for granted. Local file systems are not listed; an unknown one is let pass.
var foreign = map[uint32]string{
	0x6969: "NFS", 0xFF534D42: "CIFS", 0xFE534D42: "SMB", 0x517B: "SMB", 0x01021997: "9p",
	0x65735546: "FUSE", 0x5346414F: "AFS", 0x00C36400: "Ceph", 0x786F4256: "VirtualBox share",
	0x0BD00BD0: "Lustre", 0x47504653: "GPFS",
}

// checkVolume refuses foreign volumes.
func checkVolume(dir string) error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return err
	}
	if name, bad := foreign[uint32(st.Type)]; bad {
		return fault.New(fault.Invalid, "foreign_volume",
			"%s is on a %s volume, where a store would not be safe; put it on a local disk "+
				"(ext4, xfs, btrfs, zfs)", dir, name)
	}
	return nil
}

// volumeSpace is the free and total bytes of the volume that holds dir.
func volumeSpace(dir string) (free, total int64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, 0, err
	}
	size := int64(st.Bsize)
	return int64(st.Bavail) * size, int64(st.Blocks) * size, nil
}

// fileLimit is how many files the process may have open.
func fileLimit() uint64 {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) != nil {
		return 0
	}
	return l.Cur
}

// dirLock says that this process has the data directory. It is a lock of the kernel's on the
// directory, so it ends with the process; the file LOCK only says whose it is.
type dirLock struct {
	dir *os.File
	pid string // path of the file; empty until it is written
}

const lockFile = "LOCK"

// lockDir takes the lock and changes nothing on disk.
func lockDir(path string) (*dirLock, error) {
	d, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &dirLock{dir: d}, nil
	}
	d.Close()
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, err
	}
	who := ""
	if b, err := os.ReadFile(filepath.Join(path, lockFile)); err == nil {
		who = " (pid " + strings.TrimSpace(string(b)) + ")"
	}
	return nil, fault.New(fault.Conflict, "store_open",
		"store is open in another process%s; stop it or use its socket", who)
}

// sign writes whose lock it is.
func (l *dirLock) sign() error {
	l.pid = filepath.Join(l.dir.Name(), lockFile)
	return os.WriteFile(l.pid, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
}

func (l *dirLock) release() {
	if l.pid != "" {
		_ = os.Remove(l.pid)
	}
	_ = l.dir.Close()
}

// blocks is the space a file takes.
func blocks(info os.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Blocks * 512
	}
	return info.Size()
}
