package script

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"analytics/engine/web"
)

// Commands are `ready DIR`, `call METHOD URL`, `keep NAME` and `code N COMMAND`.
func Commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"ready": ready, "call": call, "keep": keep, "code": code,
	}
}

// ready waits until a server answers on the socket of a data folder, and keeps its address in $URL.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	client := web.NewClient(ts.MkAbs(args[0]), nil)
	for range 1000 {
		if client.Running(context.Background()) {
			resp, err := client.Do(context.Background(), http.MethodPost, "/v1/dashboard/links", nil, "", nil)
			ts.Check(err)
			defer resp.Body.Close()
			link, err := io.ReadAll(resp.Body)
			ts.Check(err)
			ts.Setenv("URL", regexp.MustCompile(`http[^"]*:\d+`).FindString(string(link)))
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("no server on %s", args[0])
}

// call sends a request: call [-key K] [-type T] [-pack gzip|zstd] METHOD URL [FILE]. What comes back
// is its standard output: a line with the status and the type, and the body.
func call(ts *testscript.TestScript, _ bool, args []string) {
	flags := flag.NewFlagSet("call", flag.ContinueOnError)
	key := flags.String("key", "", "")
	kind := flags.String("type", "application/json", "")
	pack := flags.String("pack", "", "")
	ts.Check(flags.Parse(args))
	var body bytes.Buffer
	if flags.NArg() > 2 {
		body.WriteString(ts.ReadFile(flags.Arg(2)))
	}
	switch plain := slices.Clone(body.Bytes()); *pack {
	case "gzip":
		body.Reset()
		packer := gzip.NewWriter(&body)
		_, err := packer.Write(plain)
		ts.Check(errors.Join(err, packer.Close()))
	case "zstd":
		packer, err := zstd.NewWriter(nil)
		ts.Check(err)
		body.Reset()
		body.Write(packer.EncodeAll(plain, nil))
	}
	r, err := http.NewRequest(flags.Arg(0), flags.Arg(1), &body)
	ts.Check(err)
	r.Header.Set("Content-Type", *kind)
	if *pack != "" {
		r.Header.Set("Content-Encoding", *pack)
	}
	if *key != "" {
		r.Header.Set("Authorization", "Bearer "+*key)
	}
	resp, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer resp.Body.Close()
	fmt.Fprintln(ts.Stdout(), resp.StatusCode, resp.Header.Get("Content-Type"),
		resp.Header.Get("Content-Disposition"))
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
}

// keep keeps the last output, or what a pattern finds in it, in a variable.
func keep(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.TrimSpace(ts.ReadFile("stdout"))
	if len(args) > 1 {
		found := regexp.MustCompile(args[1]).FindStringSubmatch(text)
		if found == nil {
			ts.Fatalf("nothing like %s in %s", args[1], text)
		}
		text = found[len(found)-1]
	}
	ts.Setenv(args[0], text)
}

// code runs a command that must end with that exit code.
func code(ts *testscript.TestScript, _ bool, args []string) {
	got, ended := 0, (*exec.ExitError)(nil)
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}
