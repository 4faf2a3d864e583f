package dashboard

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	"analytics/engine/fault"
)

//go:generate sh assets/uplot.sh

//go:embed assets/*.js assets/*.css assets/*.svg assets/uplot.LICENSE
var folder embed.FS

// asset is a file that the pages load.
type asset struct {
	kind  string
	plain []byte
	// packed is the file as gzip, made when the first browser asks: it takes 2 ms, and the command
	// line opens this room as well.
	packed func() []byte
}

// shelf is all assets by their name, below one folder that is named after what is in them: browsers
// keep them for good, and a new version has another folder.
type shelf struct {
	path  string
	files map[string]asset
}

func newShelf() *shelf {
	s := &shelf{files: map[string]asset{}}
	sum := sha256.New()
	entries, err := fs.ReadDir(folder, "assets")
	for _, e := range entries {
		var plain []byte
		if plain, err = fs.ReadFile(folder, "assets/"+e.Name()); err != nil {
			break
		}
		sum.Write([]byte(e.Name()))
		sum.Write(plain)
		s.files[e.Name()] = asset{
			kind: cmp.Or(mime.TypeByExtension(path.Ext(e.Name())), "text/plain"), plain: plain,
			packed: sync.OnceValue(func() []byte { return pack(plain) }),
		}
	}
	if err != nil {
		panic("embedded files cannot be read: " + err.Error())
	}
	s.path = "/assets/" + hex.EncodeToString(sum.Sum(nil)[:6])
	return s
}

func pack(plain []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a good one
	}
	_, _ = z.Write(plain) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// modules are the names of the scripts that app.js loads, for the browser to fetch them at once.
func (s *shelf) modules() (names []string) {
	for name := range s.files {
		if strings.HasSuffix(name, ".js") && name != "app.js" && name != "uplot.js" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (s *shelf) serve(w http.ResponseWriter, r *http.Request) error {
	a, ok := s.files[r.PathValue("name")]
	if !ok {
		return fault.New(fault.NotFound, "unknown_asset", "there is no such file; load the page again")
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := a.plain
	tag := `"` + path.Base(s.path) + `"`
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body, tag = a.packed(), `"`+path.Base(s.path)+`-gzip"`
	}
	h.Set("Etag", tag)
	if r.Header.Get("If-None-Match") == tag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	_, err := w.Write(body)
	return err
}
