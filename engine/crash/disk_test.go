package crash

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var cuts = flag.Int("cuts", 2, "how often TestPowerCut cuts the power")

// sh runs a command of the system and fails the test if it fails.
func sh(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// needTools skips, loudly, where the system lacks a command or forbids mounting.
func needTools(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("ANALYTICS_TEST_STRICT") != "" {
				t.Fatalf("needs %s", tool)
			}
			t.Skipf("SKIPPED: needs %s", tool)
		}
	}
}

// TestDiskFull fills a small disk under load: ingest is refused with 507 before the store can fault,
// questions go on, and once there is room again ingest is back within five seconds.
func TestDiskFull(t *testing.T) {
	needRoot(t, "mounts a small tmpfs")
	needTools(t, "mount", "umount")
	_, l, _ := begin(t)
	disk := t.TempDir()
	sh(t, "mount", "-t", "tmpfs", "-o", "size=320m", "tmpfs", disk)
	t.Cleanup(func() { exec.Command("umount", "-l", disk).Run() })
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 205<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, filepath.Join(disk, "data"), true, "ANALYTICS_STORE_MIN_FREE_BYTES=0")
	l.largest = 3000
	full := func() bool {
		_, err := s.do("POST", "/v1/events", "application/x-ndjson", nil)
		return err != nil
	}
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() { l.run(s, stop); close(done) }()
	for begin := time.Now(); l.refused.Load() < 20; time.Sleep(20 * time.Millisecond) {
		if !s.alive() {
			t.Fatalf("the server died on a full disk:\n%s", s.log)
		}
		if time.Since(begin) > 60*time.Second {
			t.Fatalf("%d events acknowledged and no refusal", l.acks.Load())
		}
	}
	if _, err := s.do("GET", "/v1/overview", "", nil); err != nil {
		t.Errorf("no answers while the disk is full: %v", err)
	}
	before := l.acks.Load()
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	room := time.Now()
	for l.acks.Load() == before {
		if time.Since(room) > 5*time.Second {
			t.Fatalf("still refusing 5 s after space came back (full: %v)", full())
		}
		time.Sleep(10 * time.Millisecond)
	}
	back := time.Since(room)
	close(stop)
	<-done
	l.verify(s)
	s.terminate()
	healthy(t, s.dir)
	t.Logf("%d events acknowledged, %d refusals, ingest back after %s",
		l.acks.Load(), l.refused.Load(), back.Round(time.Millisecond))
}

// TestPowerCut freezes the server under load and copies the disk as the hardware has it at that
// moment: ext4 on a loop device, whose unwritten pages stay behind. The copy is mounted and served.
func TestPowerCut(t *testing.T) {
	needRoot(t, "mounts a loop device")
	needTools(t, "mkfs.ext4", "mount", "umount", "cp")
	_, l, r := begin(t)
	base := t.TempDir()
	image, disk := filepath.Join(base, "disk.img"), filepath.Join(base, "disk")
	file, err := os.Create(image)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(768 << 20); err != nil {
		t.Fatal(err)
	}
	file.Close()
	sh(t, "mkfs.ext4", "-q", image)
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	mount := func() { sh(t, "mount", "-o", "loop", image, disk) }
	mount()
	t.Cleanup(func() { exec.Command("umount", "-l", disk).Run() })
	data := filepath.Join(disk, "data")
	for range *cuts {
		s := start(t, data, true)
		frozen := make(chan struct{})
		time.AfterFunc(time.Duration(400+r.IntN(1500))*time.Millisecond, func() {
			s.cmd.Process.Signal(syscall.SIGSTOP)
			sh(t, "cp", "--sparse=always", image, image+".cut")
			close(frozen)
			s.kill()
		})
		go func() {
			for s.alive() {
				s.job("seal")
			}
		}()
		l.run(s, nil)
		<-frozen
		sh(t, "umount", "-l", disk)
		if err := os.Rename(image+".cut", image); err != nil {
			t.Fatal(err)
		}
		mount()
		s = start(t, data, true)
		l.verify(s)
		s.kill()
	}
	s := start(t, data, true)
	l.verify(s)
	s.terminate()
	healthy(t, data)
	t.Logf("%d power cuts, %d events acknowledged", *cuts, l.acks.Load())
}
