package whole

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const child = "ANALYTICS_WHOLE_CHILD"

// TestMain is also the child that TestAKillLeavesTheOldOrTheNewFile kills.
func TestMain(m *testing.M) {
	if path := os.Getenv(child); path != "" {
		for n := byte(1); ; n++ {
			if err := Write(path, page(n)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Stdout.Write([]byte{n}) // it is durable
		}
	}
	os.Exit(m.Run())
}

// page is a file of one letter, longer than a write that comes in one piece.
func page(n byte) []byte { return bytes.Repeat([]byte{n}, 300<<10) }

// wantPage reads a page, and gives which one it is.
func wantPage(t *testing.T, path string) byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil || len(text) == 0 || !bytes.Equal(text, page(text[0])) {
		t.Fatalf("%d bytes are not a whole page: %v", len(text), err)
	}
	return text[0]
}

// TestAKillLeavesTheOldOrTheNewFile kills a writer after each of its first answers: the file is that one, or
// the one it was at.
func TestAKillLeavesTheOldOrTheNewFile(t *testing.T) {
	for kill := range 8 { // the child is somewhere in the next write
		path := filepath.Join(t.TempDir(), "file")
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), child+"="+path)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		told := make([]byte, kill+1)
		if _, err := io.ReadFull(out, told); err != nil {
			t.Fatal(err)
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		more, _ := io.ReadAll(out)
		_ = c.Wait()
		last := told[kill] + byte(len(more))
		if got := wantPage(t, path); got != last && got != last+1 {
			t.Errorf("page %d was told and the file is page %d", last, got)
		}
		if err := Write(path, page(200)); err != nil || wantPage(t, path) != 200 {
			t.Errorf("after a kill: %v", err)
		}
		if _, err := os.Lstat(path + Ending); !os.IsNotExist(err) {
			t.Errorf("%s is left: %v", path+Ending, err)
		}
	}
}

// TestWhoReadsMeanwhileReadsOneOfTheTwo reads as long as somebody writes.
func TestWhoReadsMeanwhileReadsOneOfTheTwo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := Write(path, page(1)); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		for n := byte(2); n < 40; n++ {
			if err := Write(path, page(n)); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for {
		select {
		case err := <-done:
			if err != nil || wantPage(t, path) != 39 {
				t.Error(err)
			}
			return
		default:
			wantPage(t, path)
		}
	}
}

// TestWhatCannotBeWrittenStays: the name is taken by a folder with something in it.
func TestWhatCannotBeWrittenStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.MkdirAll(filepath.Join(path, "in it"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("x")); err == nil {
		t.Error("a folder was replaced")
	}
	if _, err := os.Lstat(path + Ending); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", path+Ending, err)
	}
	if err := Write(filepath.Join(path, "no", "folder"), nil); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
	if info, err := os.Stat(filepath.Join(path, "in it")); err != nil || !info.IsDir() {
		t.Error("the folder is gone")
	}
}

func TestAFileIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := Write(path, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
