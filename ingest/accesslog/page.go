package accesslog

import (
	"bytes"

	"analytics/ingest/enrich"
)

// class is what a request is for.
type class uint8

const (
	view     class = iota
	asset          // a part of a page
	redirect       // to a page
	failed         // of the server, or cut off before an answer
	other          // data, a file, a form that was sent
)

// classify says what a request is for.
func (v *visit) classify() class {
	path := v.target
	if n := bytes.IndexAny(path, "?#;"); n >= 0 {
		path = path[:n]
	}
	kind := endings[str(lower(ending(path)))]
	switch read := string(v.method) == "GET" || string(v.method) == "HEAD"; {
	case v.asset && !v.isHTML, kind == asset && !v.isHTML && !v.document:
		return asset
	case enrich.Probes(path, v.status):
		return view // kept whatever it is; it is classified where all events are
	case !read || v.early:
		return other
	case v.status >= 500 || v.status < 200:
		return failed
	case v.status >= 300 && v.status < 400 && v.status != 304:
		return redirect
	case v.document || v.isHTML:
		return view
	case kind == other, v.otherwise && v.status < 400, isData(path):
		return other
	}
	return view
}

// ending is what stands behind the last dot of the last part of a path.
func ending(path []byte) []byte {
	path = path[bytes.LastIndexByte(path, '/')+1:]
	n := bytes.LastIndexByte(path, '.')
	if n < 0 || len(path)-n > 12 {
		return nil
	}
	return path[n+1:]
}

// lower makes letters small, in a copy if there are capital ones.
func lower(v []byte) []byte {
	for _, c := range v {
		if 'A' <= c && c <= 'Z' {
			return bytes.ToLower(v)
		}
	}
	return v
}

// endings are those of what is no page. All others are: sites end their addresses as they like.
var endings = table(map[class][]string{
	asset: {
		"css", "js", "mjs", "map", "wasm", "webmanifest", "png", "jpg", "jpeg", "gif", "webp", "avif",
		"jxl", "svg", "ico", "bmp", "cur", "tif", "tiff", "woff", "woff2", "ttf", "otf", "eot", "mp4",
		"webm", "mov", "m4v", "mp3", "m4a", "ogg", "oga", "ogv", "wav", "flac", "vtt", "m3u8", "swf",
	},
	other: {
		"json", "xml", "txt", "rss", "atom", "csv", "tsv", "yml", "yaml", "ics", "vcf", "pdf", "epub",
		"zip", "gz", "tgz", "bz2", "xz", "zst", "tar", "rar", "7z", "exe", "msi", "dmg", "pkg", "deb",
		"rpm", "apk", "iso", "bin", "jar", "whl", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt",
		"ods", "odp", "sha256", "asc", "sig", "torrent",
	},
})

func table(lists map[class][]string) map[string]class {
	all := map[string]class{}
	for c, names := range lists {
		for _, name := range names {
			all[name] = c
		}
	}
	return all
}

// data begins the paths under which programs ask, by custom.
var data = [][]byte{
	[]byte("/api/"), []byte("/graphql"), []byte("/.well-known/"), []byte("/cdn-cgi/"),
	[]byte("/socket.io/"), []byte("/_next/"), []byte("/_nuxt/"), []byte("/rpc/"),
}

func isData(path []byte) bool {
	for _, begin := range data {
		if bytes.HasPrefix(path, begin) {
			return true
		}
	}
	return false
}
